import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ensureApplicationFailure } from '@temporalio/common';
import { DETAIL_KEY } from '../common/contract.js';
import type { Attempt } from '../common/dead-letter/record.js';
import { ApiLinkerError, ErrorCategory, type ErrorJson } from '../common/errors/index.js';
import type { FailureDetail } from '../common/failure-detail.js';
import type { HeartbeatLedger } from './heartbeat-ledger.js';

/** A line of the ledger. Times in milliseconds since the epoch. */
export function describeAttempt(
  error: ApiLinkerError,
  { number, startedAt }: { readonly number: number; readonly startedAt: number },
  now: number,
): Attempt {
  return {
    attempt: number,
    startedAt: new Date(startedAt).toISOString(),
    failedAt: new Date(now).toISOString(),
    category: error.errorCategory,
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    message: error.message.slice(0, 200),
  };
}

/** The detail that goes with a failure. It carries no stack: the failure has one already. */
export function failureDetail(
  context: Context,
  error: ApiLinkerError,
  attempts: number,
  history: readonly Attempt[],
): FailureDetail {
  const { stack: _, ...json }: ErrorJson = error.toJSON();
  return {
    v: 1,
    error: json,
    attempts,
    history,
    scheduledAt: new Date(context.info.scheduledTimestampMs).toISOString(),
  };
}

interface Annotation {
  readonly nonRetryable: boolean;
  readonly nextRetryDelay: number | undefined;
  readonly detail: FailureDetail;
}

/**
 * The same failure for everybody who looks at type, message, details or cause, with one more detail. What the
 * user has set (`nonRetryable`, `nextRetryDelay`) stands.
 */
export function annotate(
  error: unknown,
  { nonRetryable, nextRetryDelay, detail }: Annotation,
): ApplicationFailure {
  const failure = ensureApplicationFailure(error);
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
  return annotated;
}

/** Stands for the attempt before this one, of which nothing is known but that it never answered. */
export function exhausted(
  context: Context,
  { ledger }: HeartbeatLedger,
  attempts: number,
  isLimited: boolean,
): ApplicationFailure {
  const error = new ApiLinkerError(
    `Attempt ${attempts} timed out or lost its worker, and no attempt is left`,
    {
      errorCategory: ErrorCategory.TIMEOUT,
      timestamp: new Date().toISOString(),
      errorType: 'AttemptsExhausted',
    },
  );
  const detail: FailureDetail = {
    ...failureDetail(context, error, attempts, ledger.attempts),
    ...(isLimited ? { limited: true } : {}),
  };
  return ApplicationFailure.nonRetryable(error.message, 'AttemptsExhausted', { [DETAIL_KEY]: detail });
}
