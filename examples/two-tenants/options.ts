import { parseArgs } from 'node:util';

export const HELP = `Two tenants push records to one service, through several worker processes. A quota that is known is kept. One
that is not known costs a refusal. A flood of rejected records is held back. A record that fails twice has one letter.

Usage: npm run example:quotas [-- options]

  --workers <1…3>   worker processes (default 2)
  --exit            end when done, also in a terminal (default: stay open for the Temporal UI)
  --help            show this

Exit code: 0 all promises were kept, 1 one was not, or an error, 2 wrong options, 130 interrupted.`;

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
  const workers = Number(values.workers ?? 2);
  if (!Number.isInteger(workers) || workers < 1 || workers > 3) {
    throw new OptionsError(
      `--workers must be a whole number from 1 to 3; got "${values.workers}". Try --workers 2.`,
    );
  }
  return { workers, exit: values.exit ?? false, help: values.help ?? false };
}
