import type { Context } from '@temporalio/activity';
import { ErrorCategory } from '../../common/errors/index.js';
import type {
  Admission,
  BreakerGuard,
  CallEnd,
  CallPermit,
  EndedAsLetter,
  GuardedCall,
  Settlement,
} from './breaker-guard.js';

/** A trial is given back if the attempt that has it does not answer: a moment after the server gave it up. */
const LEASE_MARGIN_MS = 5_000;

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
  /** The call sets its own intervals, which must not be changed: it comes at its time. */
  readonly keepsIntervals: boolean;
}

/** One attempt behind a circuit breaker. */
export class GuardedAttempt {
  private permit: CallPermit | undefined;
  /** By the monotonic clock: the wall clock may be set meanwhile. */
  private begunAt = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When another call was last seen to succeed before this one began. */
  private othersSucceededAt: number | undefined;

  private constructor(
    private readonly context: Context,
    private readonly guard: BreakerGuard,
    private readonly call: GuardedCall,
  ) {}

  static of(context: Context, guard: BreakerGuard, options: GuardedOptions): GuardedAttempt {
    const { workflowExecution, activityId, taskQueue } = context.info;
    const { workflowId = '', runId = '' } = workflowExecution ?? {};
    const { keepsIntervals, ...call } = options;
    return new GuardedAttempt(context, guard, {
      ...call,
      taskQueue,
      executionId: call.isReplay ? workflowId : `${workflowId}/${runId}/${activityId}`,
      ...(keepsIntervals ? {} : { activity: { workflowId, runId, activityId } }),
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
    return this.guard.admit(this.call);
  }

  /** From now on the attempt counts. One that exceeds its start-to-close time-out counts though it never returns. */
  begin(permit: CallPermit, now: number): void {
    this.permit = permit;
    this.begunAt = performance.now();
    // A call that has not failed before asks about no time before it began.
    this.othersSucceededAt = this.call.isFresh ? Number.NEGATIVE_INFINITY : this.lastSuccessAt(now);
    const { startToCloseTimeoutMs } = this.context.info;
    if (startToCloseTimeoutMs <= 0) return;
    this.timer = setTimeout(() => this.end(TIMED_OUT), startToCloseTimeoutMs);
    this.timer.unref();
  }

  /** Counts the end, once; undefined where it was not admitted by the breaker, or has ended already. */
  end(end: CallEnd): Settlement | undefined {
    const { permit } = this;
    if (permit === undefined) return undefined;
    this.permit = undefined;
    clearTimeout(this.timer);
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

  paceMs(failed: number): number {
    return this.guard.paceMs(this.breaker, failed);
  }
}

/** The server gives an attempt up at the first of its time-outs. */
function leaseOf({ info: { heartbeatTimeoutMs, startToCloseTimeoutMs } }: Context): number | undefined {
  const timeouts = [heartbeatTimeoutMs ?? 0, startToCloseTimeoutMs].filter((ms) => ms > 0);
  return timeouts.length === 0 ? undefined : Math.min(...timeouts) + LEASE_MARGIN_MS;
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
