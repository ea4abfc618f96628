import type { Context } from '@temporalio/activity';
import { msToNumber } from '@temporalio/common/lib/time';
import { ErrorCategory } from '../../common/errors/index.js';
import {
  type Admission,
  type BreakerGuard,
  type CallEnd,
  type CallPermit,
  type EndedAsLetter,
  type GuardedCall,
  isTrial,
  LIMITED,
  type Settlement,
} from './breaker-guard.js';
import type { CallLimits, LimitAnswer } from './call-limits.js';
import { heartbeatLedgerOf } from './heartbeat-ledger.js';

/** A trial is given back if the attempt that has it does not answer: a moment after the server gave it up. */
const LEASE_MARGIN_MS = 5_000;

/** Heartbeat time-outs after the last heartbeat: the SDK may send that up to 0.8 of one later. */
const GIVEN_UP_AFTER = 1.8;

/** This number of different calls that fail, with no success between them, is an outage and not bad input. */
const MANY_FAILING = 5;

/** What a guard has to know of a call beside its activity. */
export interface GuardedOptions {
  readonly breaker: string;
  /** No attempt of it has failed yet. */
  readonly isFresh: boolean;
  readonly isReplay: boolean;
  readonly rejections: number;
  /** The call of a letter that is held. */
  readonly isHeld: boolean;
  readonly quotaKey?: string;
  readonly waitedForQuota: boolean;
  readonly flood: GuardedCall['flood'];
  /** Milliseconds until its schedule-to-close ends. */
  readonly timeLeftMs?: number;
  /** Milliseconds until it is made though its breaker is open. */
  readonly passesInMs?: number;
  /** The call sets its own intervals, which must not be changed. */
  readonly keepsIntervals: boolean;
}

/** One attempt behind a circuit breaker. */
export class GuardedAttempt {
  private permit: CallPermit | undefined;
  /** By the monotonic clock: the wall clock may be set meanwhile. */
  private begunAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private heartbeatTimer: NodeJS.Timeout | undefined;
  /** When another call was last seen to succeed before this one began. */
  private othersSucceededAt: number | undefined;

  /** Gives back its place among the calls that run at the same time. */
  private endOfLimit: (() => void) | undefined;

  private constructor(
    private readonly context: Context,
    private readonly guard: BreakerGuard,
    private readonly limits: CallLimits | undefined,
    private readonly call: GuardedCall,
  ) {}

  static of(
    context: Context,
    guard: BreakerGuard,
    options: GuardedOptions,
    limits?: CallLimits,
  ): GuardedAttempt {
    const { workflowExecution, activityId, taskQueue } = context.info;
    const { workflowId = '', runId = '' } = workflowExecution ?? {};
    const { keepsIntervals, ...call } = options;
    return new GuardedAttempt(context, guard, limits, {
      ...call,
      taskQueue,
      executionId: call.isReplay ? workflowId : `${workflowId}/${runId}/${activityId}`,
      activity: { workflowId, runId, activityId, ...(keepsIntervals ? ownIntervalOf(context) : {}) },
      leaseMs: leaseOf(context),
    });
  }

  get breaker(): string {
    return this.call.breaker;
  }

  get quotaKey(): string | undefined {
    return this.call.quotaKey;
  }

  get isFloodGuarded(): boolean {
    return this.call.flood !== undefined;
  }

  admit(): Admission | Promise<Admission> {
    const answer = this.guard.admit(this.call);
    const { limits } = this;
    if (limits === undefined) return answer;
    return answer instanceof Promise
      ? answer.then((admission) => this.withinLimit(admission, limits))
      : this.withinLimit(answer, limits);
  }

  /** The known limit comes after the circuit breaker: what that rejects takes nothing of it. */
  private withinLimit(admission: Admission, limits: CallLimits): Admission | Promise<Admission> {
    if (!admission.admitted) return admission;
    const { cancellationSignal: signal, info } = this.context;
    const answer = limits.admit({ ...this.call, signal, holdMs: holdOf(info, this.call.timeLeftMs) });
    const said = (limit: LimitAnswer | undefined) => this.afterLimit(admission, limit);
    return answer instanceof Promise ? answer.then(said) : said(answer);
  }

  private afterLimit(
    admission: Extract<Admission, { admitted: true }>,
    answer: LimitAnswer | undefined,
  ): Admission {
    if (answer === undefined) return admission;
    if (answer.passes) {
      this.endOfLimit = answer.ended;
      this.context.cancellationSignal.addEventListener('abort', this.onCancelled);
      return admission;
    }
    const { permit } = admission;
    // A trial that is not made is given back.
    if (isTrial(permit) || permit.isFloodTrial) this.guard.settle(this.call, permit, { outcome: 'ignored' });
    const { retryInMs, limit } = answer;
    return { admitted: false, status: LIMITED, retryInMs, limit };
  }

  /** The attempt has ended, whatever came of it, or the server has given it up. */
  leave(): void {
    const { endOfLimit } = this;
    if (endOfLimit === undefined) return;
    this.endOfLimit = undefined;
    this.context.cancellationSignal.removeEventListener('abort', this.onCancelled);
    clearTimeout(this.heartbeatTimer);
    endOfLimit();
  }

  /** A cancelled attempt may still clean up: it has its place until the server gives it up. */
  private readonly onCancelled = () => {
    const { cancellationDetails, info } = this.context;
    if (cancellationDetails?.timedOut === true) this.leave();
    else if ((info.heartbeatTimeoutMs ?? 0) > 0) this.leaveWithoutHeartbeats();
  };

  private leaveWithoutHeartbeats(): void {
    const { info } = this.context;
    const silentSince = heartbeatLedgerOf(this.context)?.sentAt ?? this.begunAt;
    const leftMs = silentSince + (info.heartbeatTimeoutMs ?? 0) * GIVEN_UP_AFTER - performance.now();
    if (leftMs <= 0) {
      this.leave();
      return;
    }
    this.heartbeatTimer = setTimeout(() => this.leaveWithoutHeartbeats(), Math.ceil(leftMs));
    this.heartbeatTimer.unref();
  }

  /** From now on the attempt counts. One that exceeds its start-to-close time-out counts though it never returns. */
  begin(permit: CallPermit, now: number): void {
    this.permit = permit;
    this.begunAt = performance.now();
    this.guard.begun(this.call, permit);
    // A call that has not failed before asks about no time before it began.
    this.othersSucceededAt = this.call.isFresh ? Number.NEGATIVE_INFINITY : this.lastSuccessAt(now);
    const { startToCloseTimeoutMs } = this.context.info;
    if (startToCloseTimeoutMs <= 0) return;
    this.timer = setTimeout(() => {
      this.end(TIMED_OUT);
      this.leave();
    }, startToCloseTimeoutMs);
    this.timer.unref();
  }

  /** Counts the end, once; undefined where it was not admitted by the breaker, or has ended already. */
  end(end: CallEnd): Settlement | undefined {
    const { permit } = this;
    if (permit === undefined) return undefined;
    this.permit = undefined;
    clearTimeout(this.timer);
    if (end.asked?.stated !== undefined) this.limits?.refused(this.call, end.asked.stated);
    return this.guard.settle(this.call, permit, { durationMs: performance.now() - this.begunAt, ...end });
  }

  /** The call has failed for good. @returns a flood that was found */
  failedForGood(letter: EndedAsLetter | undefined): ReturnType<BreakerGuard['failedForGood']> {
    return this.guard.failedForGood(this.call, letter);
  }

  /**
   * Whether others are well while this call fails: one has succeeded between its first failure and the begin of this
   * attempt, and hardly any has failed since then.
   * @param then milliseconds since the epoch
   */
  othersAreWellSince(then: number): boolean {
    return (
      (this.othersSucceededAt ?? this.lastSuccessAt(Date.now())) > then &&
      this.outlook().failing < MANY_FAILING
    );
  }

  private lastSuccessAt(now: number): number {
    return now - this.outlook().lastSuccessAgoMs;
  }

  outlook(): ReturnType<BreakerGuard['outlook']> {
    return this.guard.outlook(this.breaker);
  }

  paceMs(failed: number): number | undefined {
    return this.guard.paceMs(this.breaker, failed);
  }
}

/** The server's own: a hundred times the first interval, if the call does not say. */
function ownIntervalOf({ info: { retryPolicy } }: Context): { ownIntervalMs?: number } {
  const { initialInterval = 1_000, maximumInterval } = retryPolicy ?? {};
  const ms = maximumInterval === undefined ? 100 * msToNumber(initialInterval) : msToNumber(maximumInterval);
  return ms > 0 ? { ownIntervalMs: ms } : {};
}

/** The server gives an attempt up at the first of its time-outs. */
function leaseOf({ info: { heartbeatTimeoutMs, startToCloseTimeoutMs } }: Context): number | undefined {
  const timeouts = [heartbeatTimeoutMs ?? 0, startToCloseTimeoutMs].filter((ms) => ms > 0);
  return timeouts.length === 0 ? undefined : Math.min(...timeouts) + LEASE_MARGIN_MS;
}

const LONGEST_HOLD_MS = 3_000;
/** A wait in the slot is a small part of each time-out. */
const SHARE_OF_TIMEOUT = 0.1;

function holdOf(
  { startToCloseTimeoutMs, heartbeatTimeoutMs = 0 }: Context['info'],
  timeLeftMs = Number.POSITIVE_INFINITY,
): number {
  const timeouts = [startToCloseTimeoutMs, heartbeatTimeoutMs, timeLeftMs].filter((ms) => ms > 0);
  return Math.min(LONGEST_HOLD_MS, ...timeouts.map((ms) => ms * SHARE_OF_TIMEOUT));
}

const TIMED_OUT: CallEnd = {
  outcome: 'failure',
  category: ErrorCategory.TIMEOUT,
  message: 'The attempt exceeded its start-to-close time-out',
};

export const TIMED_OUT_BY_HEARTBEAT: CallEnd = {
  outcome: 'failure',
  category: ErrorCategory.TIMEOUT,
  message: 'The attempt exceeded its heartbeat time-out',
};
