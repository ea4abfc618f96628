import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  type AttemptLedger,
  callsOf,
  countedCallsOf,
  firstFailureAt,
} from '../../common/failing-call/attempt-ledger.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';
import type { RecoverableCall } from '../../common/strategies/index.js';
import type { GuardedAttempt } from './guarded-attempt.js';
import type { HeartbeatLedger } from './heartbeat-ledger.js';

/** One attempt, and what is known of those before it. */
export class Attempt {
  readonly startedAt = Date.now();
  /** When an earlier call first failed or was lost, in milliseconds since the epoch; undefined for the first call. */
  readonly failingSince: number | undefined;
  guarded: GuardedAttempt | undefined;

  constructor(
    readonly context: Context,
    readonly header: CallHeader | undefined,
    readonly call: RecoverableCall,
    readonly heartbeats: HeartbeatLedger,
  ) {
    this.failingSince = this.calls === 1 ? undefined : this.firstFailureAt();
  }

  get ledger(): AttemptLedger {
    return this.heartbeats.ledger;
  }

  /** Real calls so far, this one included. The server also counts attempts that were rejected. */
  get calls(): number {
    return callsOf(this.ledger, this.context.info.attempt);
  }

  /** Those of them that the strategy counts. */
  get counted(): number {
    return countedCallsOf(this.ledger, this.context.info.attempt);
  }

  /** No call of this execution, or of this replay, has failed yet, and none was lost. */
  get isFresh(): boolean {
    return this.calls === 1 && this.ledger.attempts.length === 0;
  }

  /** Intervals of the server's that must not be changed; of a workflow without the plugin nothing is known of them. */
  get keepsIntervals(): boolean {
    return this.header === undefined || this.header.ownIntervals === true;
  }

  get isReplay(): boolean {
    return this.header?.deadLetterId !== undefined;
  }

  /** The server ends the call after this attempt, or we do where it was not given the limit. */
  get isLast(): boolean {
    const { attempt, retryPolicy } = this.context.info;
    const { maximumAttempts = 0 } = retryPolicy ?? {};
    return this.isLimitedBy(this.calls) || (maximumAttempts > 0 && attempt >= maximumAttempts);
  }

  /** Calls that only the plugin ends: a held letter waits without a limit of the server. */
  isLimitedBy(calls: number): boolean {
    const limit = this.header?.maximumAttempts;
    return limit !== undefined && calls >= limit;
  }

  /** The call sets a limit, which the server keeps, or we do where it was not given that. */
  get hasLimit(): boolean {
    const { maximumAttempts = 0 } = this.context.info.retryPolicy ?? {};
    return maximumAttempts > 0 || this.header?.maximumAttempts !== undefined;
  }

  /** The call sets intervals and no limit: it is tried without an end, as Temporal's infrequent polling is. */
  get hasNoEnd(): boolean {
    return this.header?.ownIntervals === true && !this.hasLimit && !this.isReplay;
  }

  /** Whether the user's code or the call's retry policy says that the error is final. */
  isVerdict(error: unknown): boolean {
    if (error instanceof ApplicationFailure && error.nonRetryable) return true;
    const { nonRetryableErrorTypes = [] } = this.context.info.retryPolicy ?? {};
    if (nonRetryableErrorTypes.length === 0 || !(error instanceof Error)) return false;
    const type = error instanceof ApplicationFailure ? error.type : error.constructor.name || error.name;
    return typeof type === 'string' && nonRetryableErrorTypes.includes(type);
  }

  private firstFailureAt(): number {
    const { ledger, startedAt, sinceScheduledMs } = this;
    if (ledger.attempts.length > 0) return firstFailureAt(ledger, startedAt, sinceScheduledMs);
    return ledger.at ?? startedAt - sinceScheduledMs;
  }

  /** By the server's clock. */
  get sinceScheduledMs(): number {
    const { currentAttemptScheduledTimestampMs, scheduledTimestampMs } = this.context.info;
    return currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  }

  get scheduleToCloseAt(): number | undefined {
    const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = this.context.info;
    return scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : undefined;
  }
}
