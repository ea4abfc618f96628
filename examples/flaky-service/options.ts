import { parseArgs } from 'node:util';

export const HELP = `Several worker processes call one service that goes down and comes back, behind one circuit breaker for all.
Watch the breaker in the Temporal UI, and force it open or closed there.

Usage: npm run example:breaker [-- options]

  --workers <1…10>  worker processes (default 3)
  --exit            one outage, then end, also in a terminal (default: until Ctrl-C)
  --help            show this

Keys in a terminal: d takes the service down or brings it back, Ctrl-C ends.
Exit code: 0 the breaker opened in the outage and closed after it, 1 it did not, or an error, 2 wrong options.`;

export interface Options {
  readonly workers: number;
  readonly exit: boolean;
  readonly help: boolean;
}

/** Options that cannot be understood. */
export class OptionsError extends Error {}

/** @throws OptionsError */
export function parseOptions(args: readonly string[]): Options {
  let values: { workers?: string; exit?: boolean; help?: boolean };
  try {
    const options = {
      workers: { type: 'string' },
      exit: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new OptionsError(`${error instanceof Error ? error.message : error}\nSee --help.`);
  }
  const workers = Number(values.workers ?? 3);
  if (!Number.isInteger(workers) || workers < 1 || workers > 10) {
    throw new OptionsError(
      `--workers must be a whole number from 1 to 10; got "${values.workers}". Try --workers 3.`,
    );
  }
  return { workers, exit: values.exit ?? false, help: values.help ?? false };
}
