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
} from '../shape.js';
import type { BookState } from './book.js';
import type { Limit } from './limit.js';
import { asLimit, MAX_KEY } from './messages.js';
import type { LimitChange, LimitRulesState } from './rules.js';

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
const shares = listOf(fields({ calls: count, perMs: range(0, TEN_YEARS_MS) }));
const pair =
  (first: Shape, second: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.length === 2
      ? fields({ first, second })({ first: value[0], second: value[1] })
      : { path: '', expected: 'a pair', got: value };
const change = fields({
  limit,
  by: optional(text(1_000)),
  why: optional(text(1_000)),
  since: time,
  expiresAt: optional(time),
  isStated: optional(oneOf([true])),
});
const worker = fields({
  base: range(0, 1),
  baseUntil: time,
  before: range(0, 1),
  beforeUntil: time,
  answeredAt: time,
  sequence: integer,
});
const lease = fields({
  shares,
  until: time,
  before: shares,
  beforeUntil: time,
  perSecond: range(0, 1e12),
  waiting: count,
  running: count,
  tokens: count,
});
const use = listOf(pair(range(1, TEN_YEARS_MS), listOf(pair(integer, count))));
const key = fields({ listedAt: optional(time), leases: listOf(pair(name(500), lease)), use });
const input = fields({
  v: oneOf([1]),
  name: name(1_000),
  limit,
  configuredAt: iso,
  conflictAt: optional(iso),
  changed: optional(change),
  changedKeys: optional(listOf(pair(text(MAX_KEY), change))),
  changes: optional(listOf(text(1_000))),
  idleMs: optional(range(1, TEN_YEARS_MS)),
  book: optional(
    fields({ workers: listOf(pair(name(500), worker)), keys: listOf(pair(text(MAX_KEY), key)) }),
  ),
});

/** What is wrong, as a sentence; undefined where all fits. */
export function limitInputProblem(value: unknown): string | undefined {
  return problemOf(input, value, 'it');
}

/** The parts that are known of an input that fits, with its limits as they are used. */
export function asLimitInput(input: LimitWorkflowInput): LimitWorkflowInput {
  const { name, limit, configuredAt, conflictAt, changed, changedKeys, changes, idleMs, book } = input;
  return {
    ...{ v: 1, name, limit: asGiven(limit), configuredAt },
    ...(conflictAt ? { conflictAt } : {}),
    ...(changed ? { changed: asChange(changed) } : {}),
    ...(changedKeys ? { changedKeys: changedKeys.map(([key, change]) => [key, asChange(change)]) } : {}),
    ...(changes ? { changes } : {}),
    ...(idleMs ? { idleMs } : {}),
    ...(book ? { book } : {}),
  };
}

function asGiven(limit: Limit): Limit {
  return asLimit(limit, []) ?? limit;
}

function asChange({ limit, by, why, since, expiresAt, isStated }: LimitChange): LimitChange {
  return {
    limit: asGiven(limit),
    ...(by ? { by } : {}),
    ...(why ? { why } : {}),
    since,
    ...(expiresAt ? { expiresAt } : {}),
    ...(isStated ? { isStated } : {}),
  };
}
