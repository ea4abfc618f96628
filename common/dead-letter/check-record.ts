import {
  count,
  fields,
  flag,
  integer,
  is,
  iso,
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
} from '../shape.js';
import { utf8Length } from '../text/text.js';
import { DeadLetterStatus } from './record.js';

/** The longest a Temporal duration may be, about. */
const duration = range(0, 100 * 365 * 24 * 3_600_000);
const payload = fields({ metadata: mapOf(text()), data: optional(text()) });
const error = fields({
  message: text(),
  errorCategory: name(200),
  statusCode: optional(range(0, 1_000_000)),
  responseBody: optional(text()),
  requestUrl: optional(text()),
  requestMethod: optional(text()),
  correlationId: optional(text()),
  stack: optional(text()),
});

/** Within the bounds of the server: a replay with another one could not be scheduled. */
const priority = fields({
  priorityKey: optional(
    is(
      'a whole number from 0 to 1,000',
      (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000,
    ),
  ),
  fairnessKey: optional(
    is('a string of at most 64 bytes', (value) => typeof value === 'string' && utf8Length(value) <= 64),
  ),
  fairnessWeight: optional(range(0, 1_000)),
});

/** What the workflow of a letter relies on; whatever else is there is only shown. */
const record = fields({
  version: oneOf([1]),
  id: text(),
  createdAt: iso,
  queue: text(),
  operation: text(),
  group: text(),
  activityType: name(10_000),
  origin: fields({
    namespace: text(),
    workflowId: text(),
    runId: text(),
    workflowType: text(),
    activityId: text(),
    scheduledEventId: integer,
  }),
  call: fields({
    taskQueue: name(1_000),
    startToCloseTimeoutMs: optional(duration),
    scheduleToCloseTimeoutMs: optional(duration),
    scheduleToStartTimeoutMs: optional(duration),
    heartbeatTimeoutMs: optional(duration),
    maximumAttempts: optional(range(0, 2_147_483_647)),
    initialIntervalMs: optional(duration),
    backoffCoefficient: optional(range(0, 1_000_000)),
    maximumIntervalMs: optional(duration),
    nonRetryableErrorTypes: optional(listOf(text())),
    priority: optional(priority),
  }),
  error,
  attempts: listOf(fields({ message: text(), category: text() })),
  argumentCount: count,
  headers: mapOf(payload),
  searchAttributes: listOf(text(200)),
  replay: fields({ maximumAttempts: range(0, 2_147_483_647), scheduleToStartTimeoutMs: duration }),
  breaker: optional(text()),
  held: optional(fields({ breaker: text(), afterMs: optional(duration) })),
  retentionMs: optional(duration),
  autoReplay: optional(fields({ delaysMs: listOf(duration), maxReplays: optional(count) })),
  onDeadLetter: optional(fields({ activity: name(10_000), taskQueue: name(1_000) })),
  tags: optional(listOf(text())),
  recordKey: optional(name(200)),
  redact: optional(listOf(text())),
  secretNames: optional(listOf(text())),
});

const outcome = fields({ outcome: text(), status: text(), message: optional(text()) });
const entry: Shape = fields({
  at: text(40),
  event: text(100),
  ...{
    by: optional(text()),
    reason: optional(text()),
    message: optional(text()),
    editedArgs: optional(text()),
  },
});

const carried = fields({
  story: listOf(entry),
  replays: count,
  requests: count,
  status: optional(oneOf(Object.values(DeadLetterStatus))),
  autoReplays: optional(count),
  unattended: optional(count),
  expiresAt: optional(time),
  nextReplayAt: optional(time),
  noticeSent: optional(flag),
  restored: optional(flag),
  failures: optional(
    fields({
      ...{ count, firstSeen: iso, lastSeen: iso, known: listOf(text(100)) },
      earlier: listOf(
        fields({
          ...{ at: iso, workflowId: text(), runId: text(), activityId: text(), category: text() },
          ...{ status: optional(range(0, 1_000_000)), message: text(), arguments: optional(text()) },
        }),
      ),
    }),
  ),
  handled: optional(mapOf(outcome)),
});

/** Why an input is not the record of a dead letter, as a sentence; undefined if it is one. */
export function recordProblem(value: unknown): string | undefined {
  return problemOf(record, value, 'record');
}

const success = fields({
  ...{ at: iso, workflowId: text(1_000), runId: text(1_000), activityId: text(1_000) },
  scheduledAt: optional(iso),
});

/** Why an input does not report the success of a call. */
export function successProblem(value: unknown): string | undefined {
  return problemOf(success, value, 'success');
}

/** Why an input is nothing that a letter hands to its next run. */
export function carriedProblem(value: unknown): string | undefined {
  return problemOf(optional(carried), value, 'carried');
}
