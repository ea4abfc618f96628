import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type Payload } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { addAttempt } from '../common/attempt-ledger.js';
import type { CallHeader } from '../common/call-header.js';
import { OWN_ACTIVITY_PREFIX } from '../common/contract.js';
import { type ApiLinkerError, ErrorCategory, retryAfterMs } from '../common/errors/index.js';
import { decideRetry, type RecoverableCall, type RetryDecision } from '../common/strategies/index.js';
import { classify } from './classification.js';
import { annotate, describeAttempt, exhausted, failureDetail } from './failed-attempt.js';
import { HeartbeatLedger } from './heartbeat-ledger.js';
import { readCallHeader, rememberCallHeader } from './origin.js';
import type { RecoverySettings } from './settings.js';

/** Runs around every attempt of every activity of the worker. */
export function recoveryInterceptor(settings: RecoverySettings): ActivityInterceptorsFactory {
  return (context) => ({ inbound: new AttemptInterceptor(context, settings) });
}

interface Input {
  args: unknown[];
  headers: Record<string, Payload>;
}

class AttemptInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly context: Context,
    private readonly settings: RecoverySettings,
  ) {}

  async execute(input: Input, next: (input: Input) => Promise<unknown>): Promise<unknown> {
    const { context } = this;
    const { activityType, isLocal } = context.info;
    if (activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(input);
    const header = readCallHeader(input.headers);
    // Local activities are left alone, but for those whose call asks for recovery.
    if (isLocal && header === undefined) return next(input);
    rememberCallHeader(context, header);
    const attempt: AttemptState = {
      header,
      call: { activityType, operation: header?.recovery?.operation, rules: header?.recovery?.rules },
      heartbeats: new HeartbeatLedger(context),
      startedAt: Date.now(),
    };
    if (this.isExhausted(attempt)) throw exhausted(context, attempt.heartbeats);
    try {
      return await next(input);
    } catch (error) {
      if (!isFailure(error, context)) throw error;
      throw this.afterFailure(error, attempt);
    }
  }

  /**
   * Attempts that time out, or whose worker dies, never reach `afterFailure`: the next attempt has to end them. An
   * attempt that is in the ledger did reach it, and was given this one.
   */
  private isExhausted({ header, call, heartbeats }: AttemptState): boolean {
    const { mode, rulebook } = this.settings;
    if (mode === 'observe' || header === undefined) return false;
    const before = this.context.info.attempt - 1;
    if (before === 0 || heartbeats.ledger.attempts.at(-1)?.attempt === before) return false;
    return before > rulebook.plan(call, ErrorCategory.TIMEOUT).maxRetries;
  }

  /** The failure to send to the server. In `observe` mode that is the error as it was thrown. */
  private afterFailure(error: unknown, attempt: AttemptState): unknown {
    const { context, settings } = this;
    const now = Date.now();
    let classified: ApiLinkerError;
    let decision: RetryDecision;
    try {
      classified = this.classify(error, attempt, now);
      decision = this.decide(error, classified.errorCategory, attempt, now);
    } catch (fault) {
      settings.telemetry.fault('classification', fault);
      return error;
    }
    settings.telemetry.attemptFailed(context.info, classified, decision);
    if (settings.mode === 'observe') return error;
    const ledger = addAttempt(
      attempt.heartbeats.ledger,
      describeAttempt(context, classified, attempt.startedAt, now),
    );
    // Retries are ended only where somebody will catch the work.
    const ends = !decision.retry && attempt.header !== undefined;
    if (!ends) attempt.heartbeats.carryOver(context, ledger);
    return annotate(error, {
      nonRetryable: ends,
      nextRetryDelay: decision.retry ? decision.delayMs : undefined,
      detail: failureDetail(context, classified, context.info.attempt, ledger.attempts),
    });
  }

  private classify(error: unknown, { call }: AttemptState, now: number): ApiLinkerError {
    const { activityType, workflowType, workflowExecution, attempt } = this.context.info;
    const context = {
      activityType,
      operation: call.operation ?? activityType,
      workflowType,
      workflowId: workflowExecution?.workflowId,
      attempt,
    };
    return classify(error, context, this.settings, new Date(now).toISOString());
  }

  private decide(
    error: unknown,
    category: ErrorCategory,
    { header, call }: AttemptState,
    now: number,
  ): RetryDecision {
    if (error instanceof ApplicationFailure && error.nonRetryable) {
      return { retry: false, because: 'non-retryable' };
    }
    const { rulebook, retryAfterCapMs } = this.settings;
    const { attempt, scheduledTimestampMs, scheduleToCloseTimeoutMs } = this.context.info;
    return decideRetry({
      attempts: attempt,
      now,
      plan: rulebook.plan(call, category),
      retryAfterMs: retryAfterMs(error, now),
      retryAfterCapMs,
      callSetsIntervals: header?.ownIntervals === true && !rulebook.setsIntervals(call, category),
      scheduleToCloseAt:
        scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : undefined,
      random: Math.random(),
    });
  }
}

interface AttemptState {
  readonly header: CallHeader | undefined;
  readonly call: RecoverableCall;
  readonly heartbeats: HeartbeatLedger;
  readonly startedAt: number;
}

/** Asynchronous completion and cancellation are no failures. */
function isFailure(error: unknown, context: Context): boolean {
  if (error instanceof CompleteAsyncError) return false;
  if (error instanceof CancelledFailure) return false;
  const aborted = error instanceof Error && error.name === 'AbortError';
  return !(aborted && context.cancellationSignal.aborted);
}
