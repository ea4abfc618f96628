import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { CancelledFailure, type Payload } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
import { type ApiLinkerError, ErrorCategory } from '../../common/errors/index.js';
import {
  addAttempt,
  addHeld,
  addRejected,
  addSpared,
  addThrottled,
} from '../../common/failing-call/attempt-ledger.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';
import { withLostAttempts } from '../../common/failing-call/lost-attempts.js';
import type { RecoverableCall, RetryDecision } from '../../common/strategies/index.js';
import { namespaceOf } from '../namespace.js';
import type { RecoverySettings } from '../settings.js';
import { Attempt } from './attempt.js';
import { type CallEnd, FLOODED, LIMITED, type Settlement, THROTTLED } from './breaker-guard.js';
import { classify } from './classification.js';
import { Decisions, throttledSinceOf, withLastChance } from './decisions.js';
import { annotate, describeAttempt, exhausted, failureDetail, pendingDetail } from './failed-attempt.js';
import { floodOf, letterOf } from './flood.js';
import { GuardedAttempt, TIMED_OUT_BY_HEARTBEAT } from './guarded-attempt.js';
import { HeartbeatLedger } from './heartbeat-ledger.js';
import { refuseUnasked } from './held-by-old-version.js';
import { makeRoom } from './make-room.js';
import { readCallHeader, rememberCallHeader } from './origin.js';
import type { OwnActivities } from './own-activities.js';
import { isFollowed } from './pending-failure.js';
import { placeOf, recordLetter } from './record-letter.js';
import { rejectedBy } from './rejection.js';
import { sendable, sendableError } from './sendable-failure.js';

/** Found by name: there may be two copies of this package in one process. */
const IS_OURS = Symbol.for('temporal-recovery.activity-interceptor');

/** Runs around every attempt of every activity of the worker. */
export function recoveryInterceptor(
  settings: RecoverySettings,
  own: OwnActivities,
): ActivityInterceptorsFactory {
  const decisions = new Decisions(settings);
  const factory: ActivityInterceptorsFactory = (context) => ({
    inbound: new AttemptInterceptor(context, settings, decisions, own),
  });
  return Object.assign(factory, { [IS_OURS]: true });
}

/** Whether it was made by `recoveryInterceptor`, of this plugin or of another. */
export function isRecoveryInterceptor(factory: ActivityInterceptorsFactory): boolean {
  return IS_OURS in factory;
}

interface Input {
  args: unknown[];
  headers: Record<string, Payload>;
}

class AttemptInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly context: Context,
    private readonly settings: RecoverySettings,
    private readonly decisions: Decisions,
    private readonly own: OwnActivities,
  ) {}

  async execute(input: Input, next: (input: Input) => Promise<unknown>): Promise<unknown> {
    const { context } = this;
    const { activityType, isLocal } = context.info;
    if (activityType.startsWith(OWN_ACTIVITY_PREFIX))
      return withSendableErrors(this.own.run(context, input.args, () => next(input)));
    const header = readCallHeader(input.headers);
    // Local activities are left alone, but for those whose call asks for recovery.
    if (isLocal && header === undefined) return withSendableErrors(next(input));
    rememberCallHeader(context, header);
    refuseUnasked(header);
    const call = { activityType, operation: header?.recovery?.operation, rules: header?.recovery?.rules };
    const attempt = new Attempt(context, header, call, new HeartbeatLedger(context));
    attempt.guarded = this.guard(attempt, input.args);
    this.endIfLost(attempt);
    await this.pass(attempt);
    // Before the call: the activity may change its arguments.
    const letterId = this.recordLetterOf(attempt, input.args);
    try {
      const result = await next(input);
      attempt.guarded?.end({ outcome: 'success' });
      if (letterId !== undefined) this.supersedes(letterId, attempt);
      return result;
    } catch (error) {
      if (isFailure(error, context)) throw this.afterFailure(error, attempt);
      attempt.guarded?.end(endOfNoFailure(error, context));
      // A deployment is no attempt.
      if (endedByWorker(error, context)) attempt.heartbeats.carryOver(addSpared(attempt.ledger));
      throw error;
    } finally {
      attempt.guarded?.leave();
    }
  }

  /** Id of the letter that a success of the call closes; undefined for a replay, which closes its own. */
  private recordLetterOf({ call, header, isReplay }: Attempt, args: readonly unknown[]): string | undefined {
    const { settings, context } = this;
    if (settings.mode === 'observe' || isReplay || context.info.workflowExecution === undefined)
      return undefined;
    try {
      const key = settings.recordKeyOf(call, () => args);
      if (key === undefined) return undefined;
      const { queue, operation } = placeOf(call.activityType, header?.recovery, settings);
      return recordLetter(queue, operation, key).id;
    } catch (fault) {
      settings.telemetry.fault('the recordKey option', fault);
      return undefined;
    }
  }

  private supersedes(letterId: string, { startedAt }: Attempt): void {
    const { settings, context } = this;
    const { workflowExecution, activityId, scheduledTimestampMs } = context.info;
    if (workflowExecution === undefined) return;
    settings.openRecords.succeeded(context.client, letterId, {
      at: new Date(startedAt).toISOString(),
      scheduledAt: new Date(scheduledTimestampMs).toISOString(),
      ...workflowExecution,
      activityId,
    });
  }

  private guard(attempt: Attempt, args: readonly unknown[]): GuardedAttempt | undefined {
    const { call, header, isFresh, isReplay, keepsIntervals, ledger, scheduleToCloseAt, startedAt } = attempt;
    const { context, settings } = this;
    // Nothing survives from one attempt of a local activity to the next: what is rejected would count.
    if (context.info.isLocal) return undefined;
    const guard = settings.guardOf(namespaceOf(context.info));
    const breaker = this.breakerOf(call, header, args);
    if (guard === undefined || breaker === undefined) return undefined;
    const isHeld = header?.breaker === 'wait';
    const passesInMs = isHeld ? undefined : this.decisions.passesInMs(attempt);
    const options = {
      ...{ breaker, isFresh, isReplay, isHeld, keepsIntervals },
      rejections: ledger.notCounted ?? 0,
      quotaKey: this.quotaOf(call, args),
      waitedForQuota: ledger.throttledSince !== undefined,
      flood: floodOf(attempt, settings),
      ...(scheduleToCloseAt === undefined ? {} : { timeLeftMs: scheduleToCloseAt - startedAt }),
      ...(passesInMs === undefined ? {} : { passesInMs }),
    };
    return GuardedAttempt.of(context, guard, options, settings.limitsOf(namespaceOf(context.info)));
  }

  private quotaOf(call: RecoverableCall, args: readonly unknown[]): string | undefined {
    const { settings } = this;
    try {
      return settings.quotaOf(call, args);
    } catch (fault) {
      settings.telemetry.fault('the quotaKey option', fault);
      return undefined;
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

  /**
   * Attempts that time out, or whose worker is lost, never reach `afterFailure`: the attempt after them takes them into
   * account, and ends the call where they were too many.
   */
  private endIfLost(attempt: Attempt): void {
    const { context, settings } = this;
    const { header, heartbeats, call } = attempt;
    if (attempt.isLimitedBy(attempt.calls - 1))
      throw this.exhausted(attempt, 'timed out or lost its worker, and no attempt is left');
    if (settings.mode === 'observe' || header === undefined || context.info.isLocal) return;
    const { info } = context;
    const known = withLostAttempts(attempt.ledger, {
      attempt: info.attempt,
      scheduledAt: info.scheduledTimestampMs,
      attemptScheduledAt: info.currentAttemptScheduledTimestampMs,
      startToCloseMs: info.startToCloseTimeoutMs,
      heartbeatMs: info.heartbeatTimeoutMs ?? 0,
      progress: heartbeats.progress,
    });
    // This attempt may be lost as well.
    const before = info.attempt - 1;
    const { ledger } = attempt;
    const isRetriedHeartbeat = before > 0 && (info.heartbeatTimeoutMs ?? 0) > 0;
    const begun = isRetriedHeartbeat ? { begun: info.attempt } : {};
    if (known !== undefined || isRetriedHeartbeat)
      heartbeats.carryOver({ ...(known ?? ledger), ...begun }, before);
    if (known === undefined) return;
    const plan = settings.rulebook.plan(call, ErrorCategory.TIMEOUT);
    const { lost = 0 } = known;
    if (lost >= plan.maxWorkerLosses) {
      throw this.exhausted(
        attempt,
        `and those before it lost their worker, ${lost} in a row without any progress`,
      );
    }
    const isUsedUp = attempt.counted - 1 > plan.maxRetries;
    if (!isUsedUp || this.decisions.hasNoEnd(attempt, ErrorCategory.TIMEOUT)) return;
    const wait = this.decisions.wait(
      attempt,
      ErrorCategory.TIMEOUT,
      undefined,
      attempt.guarded?.outlook().openForMs,
    );
    if (wait === undefined)
      throw this.exhausted(attempt, 'timed out or lost its worker, and no attempt is left');
    heartbeats.carryOver({ ...wait.ledger, ...begun }, before);
  }

  private exhausted(attempt: Attempt, why: string) {
    const attempts = attempt.calls - 1;
    const { error, failure } = exhausted(this.context, attempt.ledger, {
      attempts,
      why,
      isLimited: attempt.isLimitedBy(attempts),
      breaker: attempt.guarded?.breaker,
    });
    this.failedForGood(attempt, error);
    return failure;
  }

  /** For the flood guard. */
  private failedForGood(attempt: Attempt, error: ApiLinkerError): void {
    const { guarded } = attempt;
    if (guarded?.isFloodGuarded !== true) return;
    const { context, settings } = this;
    try {
      const news = guarded.failedForGood(letterOf(attempt, error, settings));
      if (news?.isFirst) settings.telemetry.flooded(context.info, news.flood, guarded.breaker);
    } catch (fault) {
      settings.telemetry.fault('the flood guard', fault);
    }
  }

  /** @throws ApplicationFailure of type CircuitOpen where the circuit breaker rejects the attempt */
  private async pass(attempt: Attempt): Promise<void> {
    const { guarded, startedAt } = attempt;
    if (guarded === undefined) return;
    const { context, settings } = this;
    const answer = guarded.admit();
    const admission = answer instanceof Promise ? await answer : answer;
    if (admission.admitted) return guarded.begin(admission.permit, startedAt);
    // It was cancelled while it waited for its turn. A worker that stops gives it to another.
    if (admission.status === LIMITED && isCancelled(context)) await context.cancelled;
    settings.telemetry.rejected(context.info, guarded.breaker);
    if (admission.status === THROTTLED) settings.telemetry.throttled(context.info, admission.retryInMs);
    if (settings.mode === 'observe') return;
    const rejected = withLastChance(attempt, admission);
    const waits = this.decisions.describeWait(attempt);
    const gaveUp = this.decisions.givesUp(attempt, rejected);
    // The server ends a call that has no time left. Should its clock say otherwise, the attempt cost nothing.
    if (gaveUp === undefined || gaveUp.tooLateMs !== undefined) {
      const hasRoom = await makeRoom(context, attempt.keepsIntervals, (error) =>
        settings.telemetry.fault('raising the limit of a rejected attempt', error),
      );
      // The call would lose an attempt by it. A breaker that a person has forced open still rejects.
      if (!hasRoom && rejected.status !== 'FORCED_OPEN') return;
      const ledger = addRejected(attempt.ledger);
      const { status } = rejected;
      if (status === THROTTLED) {
        attempt.heartbeats.carryOver(addThrottled(ledger, throttledSinceOf(attempt) ?? startedAt));
      } else {
        attempt.heartbeats.carryOver(status === FLOODED ? addHeld(ledger, startedAt) : ledger);
      }
    }
    const { ledger } = attempt;
    const rejection = rejectedBy(context, {
      ...{ breaker: guarded.breaker, quotaKey: guarded.quotaKey },
      ...{ admission: rejected, ledger, waits, gaveUp },
      now: startedAt,
    });
    throw sendable(rejection);
  }

  /** The failure to send to the server. In `observe` mode that is the error as it was thrown. */
  private afterFailure(error: unknown, attempt: Attempt): unknown {
    const { context, settings } = this;
    const { header, heartbeats, guarded, calls } = attempt;
    const now = Date.now();
    let classified: ApiLinkerError;
    let decision: RetryDecision;
    let settlement: Settlement | undefined;
    try {
      classified = this.classify(error, attempt, now);
      decision = this.decisions.decide(error, classified, attempt, now);
      settlement = guarded?.end(this.decisions.endOf(error, classified, attempt, now));
    } catch (fault) {
      settings.telemetry.fault('classification', fault);
      return sendableError(error);
    }
    settings.telemetry.attemptFailed(context.info, classified, decision);
    const { activityType, taskQueue } = context.info;
    const operation = attempt.call.operation ?? activityType;
    settings.errorsOf(namespaceOf(context.info))?.failed(classified, { operation, taskQueue });
    if (settlement?.turnInMs !== undefined) settings.telemetry.throttled(context.info, settlement.turnInMs);
    const isLimited = attempt.isLimitedBy(calls);
    if (settings.mode === 'observe' && !isLimited) return sendableError(error);
    heartbeats.ledger = addAttempt(attempt.ledger, describeAttempt(classified, attempt, now));
    const outcome = this.decisions.outcomeOf(decision, attempt, classified, settlement, now);
    // The server ends a call by its own policy. We end one only where somebody will catch the work.
    const byPolicy =
      !decision.retry && (decision.because === 'limit' || decision.because === 'non-retryable');
    if (outcome.retry === undefined && (header !== undefined || byPolicy)) {
      const build = settings.buildOf(context.info.taskQueue);
      const detail = failureDetail(context, classified, calls, outcome.ledger.attempts, {
        ...{ build, breaker: guarded?.breaker },
      });
      if (header !== undefined) this.failedForGood(attempt, classified);
      const isOpen = settlement?.openForMs !== undefined && settlement.counted;
      // The server ends it, as it would without us: its next attempt would come too late.
      const { tooLateMs } = outcome;
      if (tooLateMs !== undefined) heartbeats.carryOver(outcome.ledger);
      return annotate(error, {
        nonRetryable: isLimited || !(byPolicy || tooLateMs !== undefined),
        nextRetryDelay: tooLateMs,
        detail: {
          ...detail,
          ...(isLimited ? { limited: true } : {}),
          ...(isOpen && guarded !== undefined ? { held: { breaker: guarded.breaker } } : {}),
          ...this.handled(attempt),
        },
      });
    }
    heartbeats.carryOver(outcome.ledger);
    return annotate(error, {
      nonRetryable: false,
      nextRetryDelay: outcome.retry?.delayMs,
      detail: {
        ...pendingDetail(classified, calls, outcome.waits, guarded?.breaker),
        ...this.handled(attempt),
      },
      isFollowed: (delay) =>
        outcome.retry !== undefined &&
        !attempt.isVerdict(error) &&
        isFollowed(context, delay, attempt.scheduleToCloseAt, now),
    });
  }

  /** Says to the workflow of a local activity that this worker handles its failures. */
  private handled({ header }: Attempt): { readonly handled?: true } {
    const { context, settings } = this;
    const isRead = context.info.isLocal && header?.readsHandled === true;
    return isRead && settings.mode !== 'observe' ? { handled: true } : {};
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
}

/** What is thrown is only changed where it would end the worker. */
async function withSendableErrors(result: Promise<unknown>): Promise<unknown> {
  try {
    return await result;
  } catch (error) {
    throw error instanceof CompleteAsyncError || error instanceof CancelledFailure
      ? error
      : sendableError(error);
  }
}

/** Asynchronous completion and cancellation are no failures. */
function isFailure(error: unknown, context: Context): boolean {
  if (error instanceof CompleteAsyncError) return false;
  if (error instanceof CancelledFailure) return false;
  const aborted = error instanceof Error && error.name === 'AbortError';
  return !(aborted && context.cancellationSignal.aborted);
}

/** Handing over to asynchronous completion is a success of the start. */
function endOfNoFailure(error: unknown, context: Context): CallEnd {
  if (error instanceof CompleteAsyncError) return { outcome: 'success' };
  return timedOut(context) ? TIMED_OUT_BY_HEARTBEAT : { outcome: 'ignored' };
}

/** The worker shuts down, or somebody has paused the activity: the server will try again. */
function endedByWorker(error: unknown, { cancellationDetails }: Context): boolean {
  if (error instanceof CompleteAsyncError) return false;
  return cancellationDetails?.workerShutdown === true || cancellationDetails?.paused === true;
}

function isCancelled({ cancellationSignal, cancellationDetails }: Context): boolean {
  return cancellationSignal.aborted && cancellationDetails?.workerShutdown !== true;
}

/** The server had given the attempt up before its code noticed. */
function timedOut({ cancellationDetails }: Context): boolean {
  return cancellationDetails?.timedOut === true;
}
