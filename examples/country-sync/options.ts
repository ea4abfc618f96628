import { parseArgs } from 'node:util';
import { COUNTRY_COUNT } from './country.js';

export const HELP = `Copies ${COUNTRY_COUNT} countries from one REST API to another through a Temporal workflow, while the target
limits, hangs, goes down and refuses bad records. What fails becomes a dead letter, and is replayed.

Usage: npm run demo [-- options]

  --records <1…${COUNTRY_COUNT}>  how many records to copy (default ${COUNTRY_COUNT})
  --port <1…65534>   port of the source API; the target takes the next one (default: free ports)
  --exit             end when done, also in a terminal (default: stay open for the Temporal UI)
  --help             show this

Exit code: 0 nothing was lost, 1 something was, or an error, 2 wrong options, 130 interrupted.`;

export interface Options {
  readonly records: number;
  /** 0 takes free ports. */
  readonly port: number;
  readonly exit: boolean;
  readonly help: boolean;
}

/** Options that cannot be understood. The message names the option, the value and the fix. */
export class OptionsError extends Error {}

/** @throws OptionsError */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  return {
    records: integer('--records', values.records, { min: 1, max: COUNTRY_COUNT, fallback: COUNTRY_COUNT }),
    port: integer('--port', values.port, { min: 1, max: 65_534, fallback: 0 }),
    exit: values.exit ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        records: { type: 'string' },
        port: { type: 'string' },
        exit: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new OptionsError(`${error instanceof Error ? error.message : error}\nSee --help.`);
  }
}

function integer(
  flag: string,
  text: string | undefined,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new OptionsError(
    `${flag} must be a whole number from ${min} to ${max}; got "${text}". Try ${flag} ${Math.min(max, Math.max(min, fallback || 4000))}.`,
  );
}
