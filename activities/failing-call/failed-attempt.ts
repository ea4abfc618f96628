import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { DETAIL_KEY } from '../../common/contract.js';
import type { Attempt } from '../../common/dead-letter/record.js';
import { ApiLinkerError, ErrorCategory, type ErrorJson } from '../../common/errors/index.js';
import type { AttemptLedger } from '../../common/failing-call/attempt-ledger.js';
import type { FailureDetail, PendingDetail } from '../../common/failing-call/failure-detail.js';
import { beginning } from '../../common/text/text.js';
import { pendingFailure } from './pending-failure.js';
import { applicationFailureOf, sendable } from './sendable-failure.js';

/** A line of the ledger. Times in milliseconds since the epoch. */
export function describeAttempt(
  error: ApiLinkerError,
  { calls, startedAt }: { readonly calls: number; readonly startedAt: number },
  now: number,
): Attempt {
  return {
    attempt: calls,
    startedAt: new Date(startedAt).toISOString(),
    failedAt: new Date(now).toISOString(),
    category: error.errorCategory,
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    message: beginning(error.message, 200),
  };
}

/** The detail of a call's last failure. It carries no stack: the failure has one already. */
export function failureDetail(
  context: Context,
  error: ApiLinkerError,
  attempts: number,
  history: readonly Attempt[],
  { build, breaker }: Pick<FailureDetail, 'build' | 'breaker'>,
): FailureDetail {
  const { stack: _, ...json }: ErrorJson = error.toJSON();
  return {
    v: 1,
    error: json,
    attempts,
    history,
    scheduledAt: new Date(context.info.scheduledTimestampMs).toISOString(),
    ...(build === undefined ? {} : { build }),
    ...(breaker === undefined ? {} : { breaker }),
  };
}

/** Of a name that a pending failure carries. */
const MAX_PENDING_NAME = 200;

/** The detail of a failure that is followed by another attempt. Small: the server shows no pending failure above 4 KB. */
export function pendingDetail(
  { errorCategory: category, statusCode: status }: Pick<ApiLinkerError, 'errorCategory' | 'statusCode'>,
  attempts: number,
  waits: string | undefined,
  breaker: string | undefined,
): PendingDetail {
  const isShort = breaker !== undefined && breaker.length <= MAX_PENDING_NAME;
  return {
    v: 1,
    category,
    ...(status === undefined ? {} : { status }),
    attempts,
    ...(waits === undefined ? {} : { waits }),
    ...(isShort ? { breaker } : {}),
  };
}

interface Annotation {
  readonly nonRetryable: boolean;
  readonly nextRetryDelay: number | undefined;
  readonly detail: FailureDetail | PendingDetail;
  /** Whether another attempt follows for certain, with this wait: then the failure is cut to what the server shows. */
  readonly isFollowed?: (delay: ApplicationFailure['nextRetryDelay']) => boolean;
}

/**
 * The same failure for everybody who looks at class, type, message, details or cause, with one more detail. What the
 * user has set (`nonRetryable`, `nextRetryDelay`, fields of their own) stands.
 */
export function annotate(
  error: unknown,
  { nonRetryable, nextRetryDelay, detail, isFollowed }: Annotation,
): ApplicationFailure {
  const whole = sendable(applicationFailureOf(error));
  const failure = isFollowed?.(whole.nextRetryDelay ?? nextRetryDelay)
    ? pendingFailure(whole, detail, Context.current())
    : whole;
  const annotated = new ApplicationFailure(
    failure.message,
    failure.type,
    failure.nonRetryable || nonRetryable,
    [...(failure.details ?? []), { [DETAIL_KEY]: detail }],
    failure.cause,
    failure.nextRetryDelay ?? nextRetryDelay,
    failure.category,
  );
  annotated.stack = failure.stack;
  if (failure === error) likeThrown(annotated, failure);
  return annotated;
}

/** The user's failure converter sees the class and the fields of what was thrown. The thrown object itself is not changed: it may be thrown again. */
function likeThrown(annotated: ApplicationFailure, thrown: ApplicationFailure): void {
  try {
    const prototype: unknown = Object.getPrototypeOf(thrown);
    if (prototype !== ApplicationFailure.prototype) Object.setPrototypeOf(annotated, prototype as object);
    for (const key of Reflect.ownKeys(thrown)) {
      const descriptor = Object.getOwnPropertyDescriptor(thrown, key);
      if (descriptor !== undefined && !Object.hasOwn(annotated, key))
        Object.defineProperty(annotated, key, descriptor);
    }
  } catch {
    // A proxy that does not let itself be looked at.
  }
}

interface Exhausted {
  readonly attempts: number;
  readonly why: string;
  readonly isLimited: boolean;
  readonly breaker: string | undefined;
}

/** Stands for attempts before this one that never reported, where they have used up what the call has. */
export function exhausted(
  context: Context,
  ledger: AttemptLedger,
  { attempts, why, isLimited, breaker }: Exhausted,
): { error: ApiLinkerError; failure: ApplicationFailure } {
  const error = new ApiLinkerError(`Attempt ${attempts} ${why}`, {
    errorCategory: ErrorCategory.TIMEOUT,
    timestamp: new Date().toISOString(),
    errorType: ATTEMPTS_EXHAUSTED,
  });
  const detail: FailureDetail = {
    ...failureDetail(context, error, attempts, ledger.attempts, { breaker }),
    ...(isLimited ? { limited: true } : {}),
  };
  const failure = ApplicationFailure.nonRetryable(error.message, ATTEMPTS_EXHAUSTED, {
    [DETAIL_KEY]: detail,
  });
  return { error, failure };
}

const ATTEMPTS_EXHAUSTED = 'AttemptsExhausted';
