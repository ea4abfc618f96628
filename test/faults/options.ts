import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { versionOf } from './builds.js';
import type { CampaignSize } from './scene.js';

export const HELP = `Records, a redrive and parked workflows, while processes, server, network, clocks and target fail.

Usage: npm run test:faults [-- options]

  --minutes <number>  how long there are faults (default: a short campaign of half a minute)
  --records <number>  records that are written meanwhile (default: 1000 with --minutes, else 60)
  --with <folder>     mixes this build with another one, the root of a checkout that is built or of an installed package:
                      every process is replaced by one of either build again and again
  --inputs <number>   no faults: this number of inputs of any shape is sent to every signal, update, query and start,
                      and ten times as many options, configuration files and command lines are read (test/input/)
  --seed <number>     repeats the faults of an earlier campaign (default: another one each time)
  --help              show this

Exit code: 0 all promises were kept, 1 one was broken, or an error, 2 wrong options.`;

export interface Options {
  readonly seed: number;
  readonly size: CampaignSize;
  readonly other?: string;
  readonly inputs?: number;
  readonly help: boolean;
}

/** Options that cannot be understood. */
export class OptionsError extends Error {}

/** For `npm test`. */
export const SHORT: CampaignSize = {
  ...{ records: 60, letters: 40, parked: 8, listed: 20 },
  ...{ faultsMs: 20_000, everyMs: 1_400, faultForMs: [500, 2_500], patienceMs: 5_000 },
  ...{ workers: 2, recoveryWorkers: 1, settleMs: 180_000 },
};

/** Half as many letters as records, and a parked workflow and a listed record for twenty. */
function long(minutes: number, records: number): CampaignSize {
  return {
    ...{
      records,
      letters: Math.ceil(records / 2),
      parked: Math.ceil(records / 20),
      listed: Math.ceil(records / 20),
    },
    ...{ faultsMs: minutes * 60_000, everyMs: 4_000, faultForMs: [1_000, 20_000], patienceMs: 30_000 },
    ...{ workers: 3, recoveryWorkers: 2, settleMs: 600_000 },
  };
}

/** @throws OptionsError */
export function parseOptions(args: readonly string[]): Options {
  let values: {
    minutes?: string;
    records?: string;
    seed?: string;
    with?: string;
    inputs?: string;
    help?: boolean;
  };
  try {
    const text = { type: 'string' } as const;
    const options = {
      minutes: text,
      records: text,
      seed: text,
      with: text,
      inputs: text,
      help: { type: 'boolean', short: 'h' },
    } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new OptionsError(`${error instanceof Error ? error.message : error}\nSee --help.`);
  }
  const { help = false, with: other } = values;
  if (other !== undefined) checkBuild(other);
  const inputs = numberOf('inputs', values.inputs, 1, 1_000_000);
  const minutes = numberOf('minutes', values.minutes, 0.25, 1_440);
  const records = numberOf('records', values.records, 1, 100_000);
  const seed = numberOf('seed', values.seed, 0, 2 ** 32 - 1) ?? Math.floor(Math.random() * 1_000_000);
  if (minutes !== undefined) return { help, seed, other, inputs, size: long(minutes, records ?? 1_000) };
  return { help, seed, other, inputs, size: { ...SHORT, records: records ?? SHORT.records } };
}

function checkBuild(folder: string): void {
  try {
    versionOf(resolve(folder));
  } catch (error) {
    throw new OptionsError(
      `--with must be the root of a build: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function numberOf(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  const isFine = text.trim() !== '' && number >= least && number <= most;
  if (isFine && (name === 'minutes' || Number.isInteger(number))) return number;
  const kind = name === 'minutes' ? 'a number' : 'a whole number';
  throw new OptionsError(`--${name} must be ${kind} from ${least} to ${most}; got "${text}".`);
}
