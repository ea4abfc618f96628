import { type FleetOptions, parseFleetOptions } from '../support/fleet-options.js';

export const HELP = `Two tenants push records to one service, through several worker processes. A quota that is known is kept. One
that is not known costs a refusal. A flood of rejected records is held back. A record that fails twice has one letter.

Usage: npm run example:quotas [-- options]

  --workers <1…3>   worker processes (default 2)
  --exit            end when done, also in a terminal (default: stay open for the Temporal UI)
  --help            show this

Exit code: 0 all promises were kept, 1 one was not, or an error, 2 wrong options, 130 interrupted.`;

/** @throws OptionsError */
export function parseOptions(args: readonly string[]): FleetOptions {
  return parseFleetOptions(args, { usual: 2, most: 3 });
}
