import { Context } from '@temporalio/activity';
import type { Payload } from '@temporalio/common';
import type { NewDeadLetter } from '../../../client/dead-letter/start.js';
import { groupFingerprint } from '../../../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../../../common/dead-letter/id.js';
import { settingsInRecord } from '../../../common/dead-letter/queue-settings.js';
import type { DeadLetterRecord } from '../../../common/dead-letter/record.js';
import type { ErrorJson } from '../../../common/errors/index.js';
import type {
  FailureDescription,
  HandleFailureRequest,
} from '../../../common/failing-call/failure-description.js';
import { findBreaker } from '../../../common/failing-call/read-detail.js';
import { namespaceOf } from '../../namespace.js';
import type { RecoverySettings } from '../../settings.js';
import { findAttempt } from '../find-attempt.js';
import { placeOf } from '../record-letter.js';
import { letterTags } from './letter-tags.js';

/** The record of a letter. Everything in it that came with the failure is free of secrets already. */
export async function composeLetter(
  request: HandleFailureRequest,
  error: ErrorJson,
  fallbackError: ErrorJson | undefined,
  args: readonly Payload[],
  isParked: boolean,
  settings: RecoverySettings,
): Promise<NewDeadLetter> {
  const { activityType, call, retryState, recovery, failure } = request;
  const { client, info } = Context.current();
  const { rulebook, redactor, replay, queues, redaction } = settings;
  const origin = { namespace: namespaceOf(info), ...request.origin };
  const { detail } = failure;
  const breaker = breakerOf(failure);
  const { operation, queue } = placeOf(activityType, recovery, settings);
  const planned = { activityType, operation, rules: recovery?.rules };
  const { autoRelease } = rulebook.plan(planned, error.errorCategory);
  // The history of the run that asks holds all of its events, and the server keeps it longer than that of an earlier run.
  const runId = info.workflowExecution?.runId ?? origin.runId;
  const seen = detail === undefined ? await findAttempt(client, { ...origin, runId }) : undefined;
  return {
    version: 1,
    id: deadLetterWorkflowId(origin, activityType),
    createdAt: new Date().toISOString(),
    queue,
    operation,
    group: groupFingerprint(operation, error),
    ...(settings.groups.areCounted ? { hasGroup: true as const } : {}),
    activityType,
    origin,
    call,
    error,
    ...(fallbackError === undefined ? {} : { fallbackError }),
    ...(recovery?.metadata === undefined
      ? {}
      : { metadata: redactor.json(recovery.metadata) as Record<string, unknown> }),
    ...letterTags(planned, args, error.correlationId, client, settings),
    retryState,
    attemptCount: seen?.attempt ?? detail?.attempts,
    attempts: (detail?.history ?? failure.history ?? []).map((attempt) => ({
      ...attempt,
      message: redactor.text(attempt.message),
    })),
    scheduledAt: seen?.scheduledAt ?? detail?.scheduledAt,
    argumentCount: args.length,
    headers: request.headers,
    replay,
    ...settingsInRecord(queues.of(queue), call.taskQueue),
    ...(breaker === undefined ? {} : { breaker }),
    ...heldOf(detail?.held, isParked, autoRelease),
    ...redaction,
  };
}

/**
 * The circuit breaker of the call, where its last attempt that answered names one. A time-out has that attempt as its cause.
 * Details of versions up to 0.9.0 name a breaker only if it was open.
 */
function breakerOf({ detail, details, name, cause }: FailureDescription): string | undefined {
  if (detail !== undefined) return detail.breaker ?? detail.held?.breaker;
  return findBreaker(name === 'TimeoutFailure' ? cause?.details : details);
}

/**
 * The caller gets one answer: a letter replays by itself only if its caller still waits for it, or if the call says so.
 * The page of a letter that was opted in says that.
 */
function heldOf(
  held: DeadLetterRecord['held'],
  isParked: boolean,
  autoRelease: boolean,
): Pick<DeadLetterRecord, 'held' | 'autoRelease'> {
  if (held === undefined || !(isParked || autoRelease)) return {};
  return { held: { breaker: held.breaker }, ...(autoRelease ? { autoRelease } : {}) };
}
