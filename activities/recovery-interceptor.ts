import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type Payload } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { addAttempt, addUncounted, firstFailureAt } from '../common/attempt-ledger.js';
import type { CallHeader } from '../common/call-header.js';
import { OWN_ACTIVITY_PREFIX } from '../common/contract.js';
import { type ApiLinkerError, ErrorCategory, retryAfterMs } from '../common/errors/index.js';
import {
  DEFAULT_LIMITS,
  decideRetry,
  type RecoverableCall,
  type RetryDecision,
} from '../common/strategies/index.js';
import type { CallEnd, Settlement } from './breaker-guard.js';
import { classify } from './classification.js';
import { annotate, describeAttempt, exhausted, failureDetail } from './failed-attempt.js';
import { GuardedAttempt, TIMED_OUT_BY_HEARTBEAT, turnedAway } from './guarded-attempt.js';
import { HeartbeatLedger } from './heartbeat-ledger.js';
import { refuseUnasked } from './held-by-old-version.js';
import { readCallHeader, rememberCallHeader } from './origin.js';
import { heldBehind, inOutage } from './outage.js';
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
    const { context, settings } = this;
    const { activityType, isLocal, namespace } = context.info;
    if (activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(input);
    const header = readCallHeader(input.headers);
    // Local activities are left alone, but for those whose call asks for recovery.
    if (isLocal && header === undefined) return next(input);
    rememberCallHeader(context, header);
    refuseUnasked(header);
    const call = { activityType, operation: header?.recovery?.operation, rules: header?.recovery?.rules };
    const heartbeats = new HeartbeatLedger(context);
    const attempt: Attempt = {
      header,
      call,
      heartbeats,
      startedAt: Date.now(),
      number: context.info.attempt - (heartbeats.ledger.notCounted ?? 0),
      // Nothing survives from one attempt of a local activity to the next: what is turned away would count.
      guarded: isLocal
        ? undefined
        : GuardedAttempt.of(
            context,
            settings.guardOf(namespace),
            this.breakerOf(call, header, input.args),
            header?.breaker === 'wait',
          ),
    };
    if (this.isExhausted(attempt)) {
      throw exhausted(context, heartbeats, attempt.number - 1, isLimited(header, attempt.number - 1));
    }
    await this.pass(attempt);
    try {
      const result = await next(input);
      attempt.guarded?.end({ outcome: 'success' });
      return result;
    } catch (error) {
      if (!isFailure(error, context)) {
        attempt.guarded?.end(timedOut(context) ? TIMED_OUT_BY_HEARTBEAT : { outcome: 'ignored' });
        throw error;
      }
      throw this.afterFailure(error, attempt);
    }
  }

  private breakerOf(
    call: RecoverableCall,
    header: CallHeader | undefined,
    args: readonly unknown[],
  ): string | undefined {
    const { settings, context } = this;
    if (header?.breaker === 'force') return undefined;
    try {
      return settings.breakerOf(
        { ...call, taskQueue: context.info.taskQueue },
        header?.recovery?.breaker,
        args,
      );
    } catch (fault) {
      settings.telemetry.fault('the breaker option', fault);
      return undefined;
    }
  }

  /** @throws ApplicationFailure of type CircuitOpen where the circuit breaker turns the attempt away */
  private async pass({ guarded, header, heartbeats, startedAt }: Attempt): Promise<void> {
    if (guarded === undefined) return;
    const { context, settings } = this;
    const answer = guarded.admit();
    const admission = answer instanceof Promise ? await answer : answer;
    if (admission.admitted) return guarded.begin(admission.permit, startedAt);
    settings.telemetry.turnedAway(context.info, guarded.breaker);
    if (settings.mode === 'observe' || !this.mayTurnAway(header)) return;
    const gaveUp = this.givesUp(header, startedAt + admission.retryInMs);
    if (gaveUp === undefined) heartbeats.carryOver(context, addUncounted(heartbeats.ledger));
    throw turnedAway(context, guarded.breaker, admission, heartbeats, startedAt, gaveUp);
  }

  /** Where nobody would catch the work, only calls whose attempts have no end can wait. */
  private mayTurnAway(header: CallHeader | undefined): boolean {
    return header !== undefined || !this.context.info.retryPolicy?.maximumAttempts;
  }

  /** Why a call that is turned away ends here. */
  private givesUp(header: CallHeader | undefined, retryAt: number): string | undefined {
    if (header === undefined) return undefined;
    if (header.deadLetterId !== undefined && header.breaker === undefined)
      return 'its dead letter waits for it';
    const end = this.scheduleToCloseAt();
    return end !== undefined && retryAt >= end ? 'and no time is left to wait for it' : undefined;
  }

  /**
   * Attempts that time out, or whose worker dies, never reach `afterFailure`: the next attempt has to end them. An
   * attempt that is in the ledger did reach it, and was given this one.
   */
  private isExhausted({ header, call, heartbeats, number }: Attempt): boolean {
    const { mode, rulebook } = this.settings;
    if (mode === 'observe' || header === undefined) return false;
    const before = number - 1;
    if (before === 0 || heartbeats.ledger.attempts.at(-1)?.attempt === before) return false;
    const limit = Math.min(
      rulebook.plan(call, ErrorCategory.TIMEOUT).maxRetries,
      (header.maximumAttempts ?? Number.POSITIVE_INFINITY) - 1,
    );
    return before > limit;
  }

  /** The failure to send to the server. In `observe` mode that is the error as it was thrown. */
  private afterFailure(error: unknown, attempt: Attempt): unknown {
    const { context, settings } = this;
    const { header, heartbeats, guarded, number } = attempt;
    const now = Date.now();
    let classified: ApiLinkerError;
    let decision: RetryDecision;
    let settlement: Settlement | undefined;
    try {
      classified = this.classify(error, attempt, now);
      decision = this.decide(error, classified.errorCategory, attempt, now);
      settlement = guarded?.end(this.endOf(error, classified, decision, attempt, now), now);
    } catch (fault) {
      settings.telemetry.fault('classification', fault);
      return error;
    }
    settings.telemetry.attemptFailed(context.info, classified, decision);
    if (settings.mode === 'observe') return error;
    const adjusted = inOutage(decision, settlement, {
      attempts: number,
      limit: header?.maximumAttempts ?? DEFAULT_LIMITS.maxRetries + 1,
      now,
      scheduleToCloseAt: this.scheduleToCloseAt(),
    });
    // Retries are ended only where somebody will catch the work.
    const ends = !adjusted.retry && header !== undefined;
    const told = addAttempt(heartbeats.ledger, describeAttempt(classified, attempt, now));
    const ledger = adjusted.retry && adjusted.counts === false ? addUncounted(told) : told;
    if (!ends) heartbeats.carryOver(context, ledger);
    const detail = failureDetail(context, classified, number, ledger.attempts);
    const limited = isLimited(header, number) ? { limited: true as const } : {};
    const held = heldBehind(
      guarded?.breaker,
      adjusted,
      settlement,
      now - this.firstFailureAt(attempt),
      Math.random(),
    );
    return annotate(error, {
      nonRetryable: ends,
      nextRetryDelay: adjusted.retry ? adjusted.delayMs : undefined,
      detail: ends ? { ...detail, ...limited, ...(held === undefined ? {} : { held }) } : detail,
    });
  }

  private endOf(
    error: unknown,
    { errorCategory: category, statusCode, message }: ApiLinkerError,
    decision: RetryDecision,
    attempt: Attempt,
    now: number,
  ): CallEnd {
    // Whoever says "not again" of an error nobody knows speaks of the record, and not of the service.
    const isVerdict = !decision.retry && decision.because === 'non-retryable';
    if (isVerdict && category === ErrorCategory.UNKNOWN) return { outcome: 'ignored' };
    return {
      ...{ outcome: 'failure', category, statusCode, message },
      counts: this.settings.rulebook.plan(attempt.call, category).guarded,
      exhausted: !decision.retry,
      failingForMs: now - this.firstFailureAt(attempt),
      retryAfterMs: retryAfterMs(error, now),
    };
  }

  private classify(error: unknown, { call }: Attempt, now: number): ApiLinkerError {
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

  private decide(error: unknown, category: ErrorCategory, attempt: Attempt, now: number): RetryDecision {
    const { header, call, number } = attempt;
    if (error instanceof ApplicationFailure && error.nonRetryable) {
      return { retry: false, because: 'non-retryable' };
    }
    // The limit of the call itself, which the server was not given: it would count what is turned away.
    if (isLimited(header, number)) {
      return { retry: false, because: 'used up' };
    }
    const { rulebook, retryAfterCapMs } = this.settings;
    return decideRetry({
      attempts: number,
      now,
      plan: rulebook.plan(call, category),
      retryAfterMs: retryAfterMs(error, now),
      retryAfterCapMs,
      callSetsIntervals: header?.ownIntervals === true && !rulebook.setsIntervals(call, category),
      scheduleToCloseAt: this.scheduleToCloseAt(),
      random: Math.random(),
    });
  }

  private firstFailureAt({ heartbeats, startedAt }: Attempt): number {
    const { currentAttemptScheduledTimestampMs, scheduledTimestampMs } = this.context.info;
    const sinceScheduledMs = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
    return firstFailureAt(heartbeats.ledger, startedAt, sinceScheduledMs);
  }

  private scheduleToCloseAt(): number | undefined {
    const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = this.context.info;
    return scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : undefined;
  }
}

interface Attempt {
  readonly header: CallHeader | undefined;
  readonly call: RecoverableCall;
  readonly heartbeats: HeartbeatLedger;
  readonly startedAt: number;
  /** Of the real attempts; the server also counts those that were turned away. */
  readonly number: number;
  readonly guarded: GuardedAttempt | undefined;
}

/** The limit of the call itself is reached. */
function isLimited(header: CallHeader | undefined, attempts: number): boolean {
  return header?.maximumAttempts !== undefined && attempts >= header.maximumAttempts;
}

/** Asynchronous completion and cancellation are no failures. */
function isFailure(error: unknown, context: Context): boolean {
  if (error instanceof CompleteAsyncError) return false;
  if (error instanceof CancelledFailure) return false;
  const aborted = error instanceof Error && error.name === 'AbortError';
  return !(aborted && context.cancellationSignal.aborted);
}

/** The server had given the attempt up before its code noticed. */
function timedOut({ cancellationDetails }: Context): boolean {
  return cancellationDetails?.timedOut === true;
}
