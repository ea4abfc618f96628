import {
  count,
  fields,
  flag,
  iso,
  listOf,
  oneOf,
  optional,
  problemOf,
  range,
  type Shape,
  text,
} from '../shape.js';
import { transformProblem } from './transform.js';
import { RedriveAction } from './types.js';

const MAX_LETTERS = 1_000_000;
const rate = range(0.001, 10_000);
const transform: Shape = (got) => {
  const expected = transformProblem(got);
  return expected === undefined ? undefined : { path: '', expected, got };
};
const packed: Shape = (got) =>
  Array.isArray(got) && got.every((line) => typeof line === 'string' && /^[0-9a-z]+:/.test(line))
    ? undefined
    : { path: '', expected: 'a list of packed ids', got };

const carried = fields({
  plan: fields({
    v: oneOf([1]),
    id: text(1_000),
    requestId: optional(text(2_000)),
    tags: optional(listOf(text(1_000))),
    action: oneOf(Object.values(RedriveAction)),
    dryRun: flag,
    rate,
    concurrency: range(1, 10_000),
    canary: count,
    maxFailureShare: range(0, 1),
    transform: optional(transform),
    force: flag,
    by: optional(text()),
    reason: optional(text()),
    searchAttributes: listOf(text(200)),
  }),
  startedAt: iso,
  total: range(0, MAX_LETTERS),
  truncated: flag,
  groups: listOf(
    fields({
      ...{ group: text(), letters: count, operation: optional(text()) },
      ...{ category: optional(text()), message: optional(text()) },
    }),
  ),
  ...{ pending: packed, running: packed, turnedAway: packed },
  canary: optional(count),
  tally: fields({
    counts: fields({
      ...{ replayed: count, resolved: count, discarded: count },
      ...{ failed: count, skipped: count, held: count },
    }),
    listed: listOf(fields({ id: text(), outcome: text(100), message: optional(text()) })),
  }),
  rate,
  pace: fields({ share: range(0, 1), actualRate: range(0, 1_000_000) }),
  isPaused: flag,
  orders: listOf(text()),
});

/** Why an input is nothing that a redrive hands to its next run, as a sentence; undefined where it is, or is left out. */
export function carriedProblem(value: unknown): string | undefined {
  return problemOf(optional(carried), value, 'carried');
}
