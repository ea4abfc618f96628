import { type Limit, readLimit } from '../../common/limit/limit.js';
import { findOperation } from '../../common/strategies/index.js';
import { show } from '../../common/text/show.js';

/** What the option `limits` says, as a worker uses it. */
export interface ParsedLimits {
  /** Of a circuit breaker's name; undefined for most. */
  readonly limitOf: (name: string) => Limit | undefined;
}

/** Reads the option `limits`; what is wrong goes to `problems`. Undefined where no limit is set. */
export function readLimits(limits: unknown, problems: string[]): ParsedLimits | undefined {
  if (limits === undefined) return undefined;
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
    problems.push(
      `limits: expected an object of limits by the name of a circuit breaker, got ${show(limits)}`,
    );
    return undefined;
  }
  const byName = new Map<string, Limit>();
  for (const [name, input] of Object.entries(limits)) {
    const limit = readLimit(input, `limits.${name}`, problems);
    if (limit !== undefined) byName.set(name, limit);
  }
  if (byName.size === 0) return undefined;
  return { limitOf: (name) => findOperation(byName, [name]) };
}
