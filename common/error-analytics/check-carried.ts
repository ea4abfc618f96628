import { alertQueueShape } from '../alerts/alert-queue.js';
import {
  fields,
  flag,
  integer,
  isPlain,
  listOf,
  oneOf,
  optional,
  problemOf,
  range,
  type Shape,
  text,
  time,
  tuple,
} from '../shape.js';

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;
const amount = range(0, Number.MAX_SAFE_INTEGER);
const buckets = listOf(tuple(integer, listOf(amount)));
const label: Shape = fields({
  category: optional(text(100)),
  operation: optional(text(1_000)),
  host: optional(text(1_000)),
  group: optional(text(1_000)),
  statusCode: optional(amount),
  pattern: optional(text(2_000)),
});
const counts = fields({ labels: listOf(tuple(text(), label)), minutes: buckets, hours: buckets });
const input = fields({
  v: oneOf([1]),
  idleMs: optional(range(1, TEN_YEARS_MS)),
  signalsPerRun: optional(range(1, 10_000)),
  startedAt: optional(time),
  listsGroups: optional(flag),
  errors: optional(
    fields({
      total: amount,
      workers: listOf(tuple(text(1_000), integer, time)),
      lastAt: optional(time),
      operations: optional(counts),
      hosts: optional(counts),
      causes: optional(counts),
    }),
  ),
  alerts: optional(alertQueueShape),
});

/** What is wrong with the input of `errorAnalytics`, as a sentence; undefined where nothing is. */
export function analyticsInputProblem(value: unknown): string | undefined {
  return isPlain(value) ? problemOf(input, value, 'input') : problemOf(input, value, 'The input');
}
