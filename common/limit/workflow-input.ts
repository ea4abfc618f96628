import {
  count,
  fields,
  integer,
  iso,
  listOf,
  name,
  oneOf,
  optional,
  problemOf,
  range,
  type Shape,
  text,
  time,
  tuple,
} from '../shape.js';
import type { BookState } from './book-state.js';
import type { Limit } from './limit.js';
import { asLimit, MAX_KEY, MAX_WORKER } from './messages.js';
import { type LimitChange, type LimitRulesState, MAX_WHO } from './rules.js';

/** Input of the workflow. It comes from a worker, a client, its run before, or by hand. */
export interface LimitWorkflowInput extends LimitRulesState {
  readonly v: 1;
  readonly name: string;
  readonly idleMs?: number;
  readonly book?: BookState;
}

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;
const limit: Shape = (value) => {
  const problems: string[] = [];
  asLimit(value, problems);
  return problems.length === 0 ? undefined : { path: '', expected: `a limit (${problems[0]})`, got: value };
};
const change = fields({
  limit,
  by: optional(text(MAX_WHO)),
  why: optional(text(MAX_WHO)),
  since: time,
  expiresAt: optional(time),
});
const number = range(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const sharePart = range(0, 1);
const worker = tuple(count, sharePart, number, sharePart, number, number, integer);
const flat = listOf(range(0, Number.MAX_SAFE_INTEGER));
const lease = tuple(count, number, number, range(0, 1e12), count, count, count, flat, flat);
const key = tuple(text(MAX_KEY), optional(number), optional(number), listOf(flat), listOf(lease));
const input = fields({
  v: oneOf([1]),
  name: name(1_000),
  limit,
  configuredAt: iso,
  conflictAt: optional(iso),
  changed: optional(change),
  changedKeys: optional(listOf(tuple(text(MAX_KEY), change))),
  stated: optional(listOf(tuple(optional(text(MAX_KEY)), fields({ limit, since: time, expiresAt: time })))),
  changes: optional(listOf(text(1_000))),
  idleMs: optional(range(1, TEN_YEARS_MS)),
  book: optional(
    fields({ at: time, ids: listOf(name(MAX_WORKER)), workers: listOf(worker), keys: listOf(key) }),
  ),
});

/** What is wrong, as a sentence; undefined where all fits. */
export function limitInputProblem(value: unknown): string | undefined {
  return problemOf(input, value, 'it');
}

/** The parts that are known of an input that fits, with its limits as they are used. */
export function asLimitInput(input: LimitWorkflowInput): LimitWorkflowInput {
  const { name, limit, configuredAt, conflictAt, changed, changedKeys, stated, changes, idleMs, book } =
    input;
  return {
    ...{ v: 1, name, limit: asGiven(limit), configuredAt },
    ...(conflictAt ? { conflictAt } : {}),
    ...(changed ? { changed: asChange(changed) } : {}),
    ...(changedKeys ? { changedKeys: changedKeys.map(([key, change]) => [key, asChange(change)]) } : {}),
    ...(stated
      ? {
          stated: stated.map(([key, { limit, since, expiresAt }]) => [
            key,
            { limit: asGiven(limit), since, expiresAt },
          ]),
        }
      : {}),
    ...(changes ? { changes } : {}),
    ...(idleMs ? { idleMs } : {}),
    ...(book ? { book } : {}),
  };
}

function asGiven(limit: Limit): Limit {
  return asLimit(limit, []) ?? limit;
}

function asChange({ limit, by, why, since, expiresAt }: LimitChange): LimitChange {
  return {
    limit: asGiven(limit),
    ...(by ? { by } : {}),
    ...(why ? { why } : {}),
    since,
    ...(expiresAt ? { expiresAt } : {}),
  };
}
