import { CompleteAsyncError, type Context } from '@temporalio/activity';
import {
  ApplicationFailure,
  CancelledFailure,
  ensureApplicationFailure,
  type Payload,
} from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { addAttempt } from '../common/attempt-ledger.js';
import type { CallHeader } from '../common/call-header.js';
import { DETAIL_KEY, OWN_ACTIVITY_PREFIX } from '../common/contract.js';
import type { Attempt } from '../common/dead-letter/record.js';
import { ApiLinkerError, ErrorCategory, retryAfterMs } from '../common/errors/index.js';
import type { FailureDetail } from '../common/failure-detail.js';
import { decideRetry, type RetryDecision } from '../common/retry/decide.js';
import { DEFAULT_POLICIES } from '../common/retry/defaults.js';
import { HeartbeatLedger } from './heartbeat-ledger.js';
import { readCallHeader, rememberCallHeader } from './origin.js';
import type { RecoveryTelemetry } from './telemetry.js';

export interface RecoveryInterceptorOptions {
  /** `observe` logs and counts what would be done, and does nothing. */
  readonly mode: 'recover' | 'observe';
  readonly telemetry: RecoveryTelemetry;
}

/** Runs around every attempt of every activity of the worker. */
export function recoveryInterceptor(options: RecoveryInterceptorOptions): ActivityInterceptorsFactory {
  return (context) => ({ inbound: new AttemptInterceptor(context, options) });
}

class AttemptInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly context: Context,
    private readonly options: RecoveryInterceptorOptions,
  ) {}

  async execute(
    input: { args: unknown[]; headers: Record<string, Payload> },
    next: (input: { args: unknown[]; headers: Record<string, Payload> }) => Promise<unknown>,
  ): Promise<unknown> {
    const { context } = this;
    if (context.info.isLocal || context.info.activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(input);
    const header = readCallHeader(input.headers);
    rememberCallHeader(context, header);
    const heartbeats = new HeartbeatLedger(context);
    const startedAt = Date.now();
    if (this.isExhausted(header)) throw exhausted(context, heartbeats);
    try {
      return await next(input);
    } catch (error) {
      if (!isFailure(error, context)) throw error;
      throw this.afterFailure(error, { header, heartbeats, startedAt });
    }
  }

  /** Attempts that time out, or whose worker dies, never reach `afterFailure`: the next attempt has to end them. */
  private isExhausted(header: CallHeader | undefined): boolean {
    if (this.options.mode === 'observe' || header === undefined) return false;
    return this.context.info.attempt - 1 > DEFAULT_POLICIES[ErrorCategory.TIMEOUT].maxRetries;
  }

  /** The failure to send to the server. In `observe` mode that is the error as it was thrown. */
  private afterFailure(error: unknown, attempt: AttemptState): unknown {
    const { context, options } = this;
    const now = Date.now();
    let classified: ApiLinkerError;
    let decision: RetryDecision;
    try {
      classified = ApiLinkerError.fromException(error, { timestamp: new Date(now).toISOString() });
      decision = this.decide(error, classified, attempt, now);
    } catch (fault) {
      options.telemetry.fault('classification', fault);
      return error;
    }
    options.telemetry.attemptFailed(context.info, classified, decision);
    if (options.mode === 'observe') return error;
    const ledger = addAttempt(attempt.heartbeats.ledger, describeAttempt(context, classified, attempt, now));
    // Retries are ended only where somebody will catch the work.
    const ends = !decision.retry && attempt.header !== undefined;
    if (!ends) attempt.heartbeats.carryOver(context, ledger);
    return annotate(error, {
      nonRetryable: ends,
      nextRetryDelay: decision.retry ? decision.delayMs : undefined,
      detail: {
        v: 1,
        error: withoutStack(classified),
        attempts: context.info.attempt,
        history: ledger.attempts,
        scheduledAt: new Date(context.info.scheduledTimestampMs).toISOString(),
      },
    });
  }

  private decide(
    error: unknown,
    classified: ApiLinkerError,
    { header }: AttemptState,
    now: number,
  ): RetryDecision {
    if (error instanceof ApplicationFailure && error.nonRetryable) {
      return { retry: false, because: 'non-retryable' };
    }
    const { attempt, scheduledTimestampMs, scheduleToCloseTimeoutMs } = this.context.info;
    return decideRetry({
      attempts: attempt,
      now,
      policy: DEFAULT_POLICIES[classified.errorCategory],
      retryAfterMs: retryAfterMs(error, now),
      callSetsIntervals: header?.ownIntervals === true,
      scheduleToCloseAt:
        scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : undefined,
    });
  }
}

interface AttemptState {
  readonly header: CallHeader | undefined;
  readonly heartbeats: HeartbeatLedger;
  readonly startedAt: number;
}

/** Stands for the attempt before this one, of which nothing is known but that it never answered. */
function exhausted(context: Context, { ledger }: HeartbeatLedger): ApplicationFailure {
  const attempts = context.info.attempt - 1;
  const error = new ApiLinkerError(
    `Attempt ${attempts} timed out or lost its worker, and no attempt is left`,
    {
      errorCategory: ErrorCategory.TIMEOUT,
      timestamp: new Date().toISOString(),
      errorType: 'AttemptsExhausted',
    },
  );
  const detail: FailureDetail = {
    v: 1,
    error: withoutStack(error),
    attempts,
    history: ledger.attempts,
    scheduledAt: new Date(context.info.scheduledTimestampMs).toISOString(),
  };
  return ApplicationFailure.nonRetryable(error.message, 'AttemptsExhausted', { [DETAIL_KEY]: detail });
}

/** Asynchronous completion and cancellation are no failures. */
function isFailure(error: unknown, context: Context): boolean {
  if (error instanceof CompleteAsyncError) return false;
  if (error instanceof CancelledFailure) return false;
  const aborted = error instanceof Error && error.name === 'AbortError';
  return !(aborted && context.cancellationSignal.aborted);
}

function describeAttempt(
  context: Context,
  error: ApiLinkerError,
  { startedAt }: AttemptState,
  now: number,
): Attempt {
  return {
    attempt: context.info.attempt,
    startedAt: new Date(startedAt).toISOString(),
    failedAt: new Date(now).toISOString(),
    category: error.errorCategory,
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    message: error.message.slice(0, 200),
  };
}

/** The failure carries its stack already. */
function withoutStack(error: ApiLinkerError): FailureDetail['error'] {
  const { stack: _, ...json } = error.toJSON();
  return json;
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
function annotate(error: unknown, { nonRetryable, nextRetryDelay, detail }: Annotation): ApplicationFailure {
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
