import {
  count,
  fields,
  integer,
  listOf,
  mapOf,
  name,
  oneOf,
  optional,
  problemOf,
  range,
  type Shape,
  text,
  time,
  whole,
} from '../shape.js';
import { MAX_KEYS } from './counts.js';
import type { GroupReport } from './messages.js';
import { GroupDefault, GroupStatus } from './state.js';

/** From any sender: a worker, a worker of another version, or a person. */

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;
const MAX_LETTERS = 1_000_000_000;
const MAX_NAME = 300;

const age = range(0, TEN_YEARS_MS);
const most =
  (shape: Shape, limit: number, size: (value: object) => number, expected: string): Shape =>
  (got) =>
    shape(got) ?? (size(got as object) > limit ? { path: '', expected, got } : undefined);
const keys: Shape = (got) =>
  Object.keys(got as object).every((key) => key.length <= MAX_NAME)
    ? undefined
    : { path: '', expected: `keys of at most ${MAX_NAME} characters`, got };
const numbers = most(
  (got) => mapOf(whole(1, MAX_LETTERS))(got) ?? keys(got),
  MAX_KEYS,
  (value) => Object.keys(value).length,
  `an object with at most ${MAX_KEYS} keys`,
);
const names = most(
  listOf(name(1_000)),
  MAX_KEYS,
  (value) => (value as readonly unknown[]).length,
  `a list of at most ${MAX_KEYS} names`,
);
const sample = fields({ id: name(1_000), message: optional(text(2_000)) });
const report = fields({
  v: oneOf([1]),
  worker: name(500),
  sequence: integer,
  letters: whole(1, MAX_LETTERS),
  oldestMs: age,
  newestMs: age,
  activities: optional(numbers),
  hosts: optional(numbers),
  versions: optional(numbers),
  taskQueues: optional(names),
  sample: optional(sample),
});

const counts = fields({
  keys: mapOf(fields({ letters: count, firstSeen: time, lastSeen: time })),
  others: count,
});
const preset = fields({
  action: oneOf(Object.values(GroupDefault)),
  by: optional(text(1_000)),
  reason: optional(text(1_000)),
});
const state = fields({
  status: oneOf(Object.values(GroupStatus)),
  since: time,
  resolvedAt: optional(time),
  letters: count,
  firstSeen: time,
  lastSeen: time,
  activities: counts,
  hosts: counts,
  versions: counts,
  sample: optional(sample),
  note: optional(text(2_000)),
  owner: optional(text(2_000)),
  link: optional(text(2_000)),
  mute: optional(fields({ until: optional(time), letters: optional(count) })),
  preset,
  recent: listOf((got) => listOf(integer)(got)),
  spikeAt: optional(time),
  deploy: fields({
    failed: listOf(text(1_000)),
    taskQueues: listOf(text(1_000)),
    letters: count,
    redrive: optional(fields({ id: name(1_000), builds: listOf(text(1_000)) })),
  }),
  redrives: count,
  log: listOf(
    fields({ at: time, event: text(2_000), by: optional(text(2_000)), reason: optional(text(2_000)) }),
  ),
});
const input = fields({
  v: oneOf([1]),
  queue: name(1_000),
  group: name(1_000),
  operation: text(10_000),
  category: text(100),
  statusCode: optional(range(0, 1_000_000)),
  pattern: text(10_000),
  searchAttributes: listOf(text(200)),
  before: optional(
    fields({
      runId: text(100),
      status: oneOf(Object.values(GroupStatus)),
      letters: count,
      note: optional(text(2_000)),
      owner: optional(text(2_000)),
      link: optional(text(2_000)),
    }),
  ),
  workers: optional(mapOf(integer)),
  idleMs: optional(range(1, TEN_YEARS_MS)),
  goneMs: optional(range(0, TEN_YEARS_MS)),
});

/** A report, or why it cannot be used. */
export function readGroupReport(value: unknown): GroupReport | string {
  const problem = problemOf(report, value, 'report');
  if (problem !== undefined) return problem;
  const given = value as GroupReport;
  if (given.newestMs > given.oldestMs) return 'report.newestMs must be at most report.oldestMs';
  return given;
}

/** Why a workflow cannot be a group with such an input; undefined where it can. The state is checked by itself. */
export function groupInputProblem(value: unknown): string | undefined {
  return problemOf(input, value, 'input');
}

/** Why a group cannot go on from such a state; undefined where it can. */
export function groupStateProblem(value: unknown): string | undefined {
  return problemOf(optional(state), value, 'state');
}
