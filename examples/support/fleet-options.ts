import { parseArgs } from 'node:util';

/** Options of an example that starts worker processes. */
export interface FleetOptions {
  readonly workers: number;
  readonly exit: boolean;
  readonly help: boolean;
}

/** Options that cannot be understood. */
export class OptionsError extends Error {}

/**
 * @param usual how many worker processes there are by default; `most`, at most
 * @throws OptionsError
 */
export function parseFleetOptions(
  args: readonly string[],
  { usual, most }: { readonly usual: number; readonly most: number },
): FleetOptions {
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
  const workers = Number(values.workers ?? usual);
  if (!Number.isInteger(workers) || workers < 1 || workers > most) {
    throw new OptionsError(
      `--workers must be a whole number from 1 to ${most}; got "${values.workers}". Try --workers ${usual}.`,
    );
  }
  return { workers, exit: values.exit ?? false, help: values.help ?? false };
}
