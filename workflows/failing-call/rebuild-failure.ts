import { ActivityFailure, ApplicationFailure, TemporalFailure, TimeoutFailure } from '@temporalio/common';
import { DETAIL_KEY } from '../../common/contract.js';

import { findFailureDetail } from '../../common/failing-call/read-detail.js';
import { unwrapDetails } from '../../common/failing-call/wrapped-details.js';
import { failureConverter, payloadConverter } from '../sdk/private-state.js';

/**
 * The same failure with the dead letter's id. Rebuilt, since an error that keeps its original `.failure` is sent
 * on as that, whatever else it holds. The id is the last detail of an `ApplicationFailure`; other causes (a
 * time-out) have no details, there the id is an `ApplicationFailure` of type `DeadLettered` at the end of the chain.
 */
export function withDeadLetterId(error: TemporalFailure, id: string): TemporalFailure {
  const rebuilt =
    error instanceof ActivityFailure ? rebuild(error, causeWithId(error.cause, id)) : causeWithId(error, id);
  Object.defineProperty(rebuilt, 'deadLetterId', { value: id, enumerable: true });
  return rebuilt;
}

/** The same failure with the user's own heartbeat details in a time-out, should the ledger be around them. */
export function withoutLedger(error: TemporalFailure): TemporalFailure {
  if (!(error instanceof ActivityFailure)) return error;
  const { cause } = error;
  if (!(cause instanceof TimeoutFailure)) return error;
  const { ledger, details } = unwrapDetails(cause.lastHeartbeatDetails);
  if (ledger === undefined) return error;
  return rebuild(error, rebuildTimeout(cause, details, timeoutCause(cause)));
}

/**
 * A failure that reached the limit of its call as the server would have told it, had it known the limit: with that
 * retry state, and with a time-out where the last attempt never answered.
 */
export function asLimited(error: TemporalFailure): TemporalFailure {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return error;
  const { cause, message, activityType, activityId, identity } = error;
  if (!findFailureDetail(cause.details)?.limited) return error;
  const last =
    cause.type === 'AttemptsExhausted'
      ? new TimeoutFailure('activity StartToClose timeout', undefined, 'START_TO_CLOSE')
      : cause;
  const limited = new ActivityFailure(
    message,
    activityType,
    activityId,
    'MAXIMUM_ATTEMPTS_REACHED',
    identity,
    last,
  );
  limited.stack = error.stack;
  return limited;
}

/** The failure of a call with another cause; always an ActivityFailure, also where the call was a local one. */
export function withCause(
  failure: TemporalFailure,
  cause: Error,
  call: { readonly activityType: string; readonly seq: number },
): ActivityFailure {
  if (failure instanceof ActivityFailure) return rebuild(failure, cause);
  return new ActivityFailure(
    'Activity task failed',
    call.activityType,
    `${call.seq}`,
    'NON_RETRYABLE_FAILURE',
    undefined,
    cause,
  );
}

/** The last failure before a time-out. The server sends it, the SDK's `TimeoutFailure` leaves it out. */
export function timeoutCause(failure: TimeoutFailure): Error | undefined {
  if (failure.cause instanceof Error) return failure.cause;
  const last = failure.failure?.cause;
  if (last === undefined || last === null) return undefined;
  return failureConverter().failureToError(last, payloadConverter());
}

/** The id of the dead letter of a failed activity; undefined where there is none. Looks along the causes. */
export function deadLetterId(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const own = (at as { deadLetterId?: unknown }).deadLetterId;
    if (typeof own === 'string') return own;
    if (!(at instanceof ApplicationFailure)) continue;
    for (const detail of at.details ?? []) {
      const marked = (detail as Record<string, { deadLetterId?: unknown }> | null | undefined)?.[DETAIL_KEY];
      if (typeof marked?.deadLetterId === 'string') return marked.deadLetterId;
    }
  }
  return undefined;
}

function causeWithId(cause: Error | undefined, id: string): TemporalFailure {
  const detail = { [DETAIL_KEY]: { v: 1, deadLetterId: id } };
  if (cause instanceof ApplicationFailure) {
    const { message, type, nonRetryable, details, nextRetryDelay, category } = cause;
    const rebuilt = new ApplicationFailure(
      message,
      type,
      nonRetryable,
      [...(details ?? []), detail],
      cause.cause,
      nextRetryDelay,
      category,
    );
    rebuilt.stack = cause.stack;
    return rebuilt;
  }
  const mark = new ApplicationFailure(`Dead letter: ${id}`, 'DeadLettered', true, [detail], undefined);
  mark.stack = '';
  if (cause instanceof TimeoutFailure) {
    return rebuildTimeout(cause, cause.lastHeartbeatDetails, appendCause(timeoutCause(cause), mark));
  }
  return cause instanceof TemporalFailure ? cause : mark;
}

/** The mark goes after what is there already: a schedule-to-close time-out has the last failure as its cause. */
function appendCause(cause: unknown, mark: ApplicationFailure): Error {
  if (!(cause instanceof ApplicationFailure)) return cause instanceof Error ? cause : mark;
  const { message, type, nonRetryable, details, nextRetryDelay, category } = cause;
  const rebuilt = new ApplicationFailure(
    message,
    type,
    nonRetryable,
    details,
    appendCause(cause.cause, mark),
    nextRetryDelay,
    category,
  );
  rebuilt.stack = cause.stack;
  return rebuilt;
}

function rebuildTimeout(failure: TimeoutFailure, details: unknown, cause: unknown): TimeoutFailure {
  const rebuilt = new TimeoutFailure(failure.message, details, failure.timeoutType);
  if (cause !== undefined) Object.assign(rebuilt, { cause });
  rebuilt.stack = failure.stack;
  return rebuilt;
}

function rebuild(error: ActivityFailure, cause: Error | undefined): ActivityFailure {
  const { message, activityType, activityId, retryState, identity } = error;
  const rebuilt = new ActivityFailure(message, activityType, activityId, retryState, identity, cause);
  rebuilt.stack = error.stack;
  return rebuilt;
}
