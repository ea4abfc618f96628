import { type FleetOptions, parseFleetOptions } from '../support/fleet-options.js';

export const HELP = `Several worker processes call one service that goes down and comes back, behind one circuit breaker for all.
Watch the breaker in the Temporal UI, and force it open or closed there.

Usage: npm run example:breaker [-- options]

  --workers <1…10>  worker processes (default 3)
  --exit            one outage, then end, also in a terminal (default: until Ctrl-C)
  --help            show this

Keys in a terminal: d takes the service down or brings it back, Ctrl-C ends.
Exit code: 0 the breaker opened in the outage and closed after it, 1 it did not, or an error, 2 wrong options.`;

/** @throws OptionsError */
export function parseOptions(args: readonly string[]): FleetOptions {
  return parseFleetOptions(args, { usual: 3, most: 10 });
}
