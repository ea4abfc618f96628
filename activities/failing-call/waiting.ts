import type { ErrorCategory } from '../../common/errors/index.js';
import {
  type AttemptLedger,
  addSpared,
  callsOf,
  timeInLedger,
} from '../../common/failing-call/attempt-ledger.js';
import { defaultPatience, delayAfter, type RecoveryPlan, whenUsedUp } from '../../common/strategies/index.js';

/** The pace of a call that waits, where no options set the open time of its circuit breaker. Milliseconds. */
const FIRST_PACE_MS = 5_000;
const LONGEST_PACE_MS = 60_000;

/** A call whose attempts are used up. Times in milliseconds since the epoch, durations in milliseconds. */
export interface WaitingCall {
  readonly ledger: AttemptLedger;
  /** The server's number of this attempt. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly now: number;
  /** From when the call was scheduled to when this attempt was, by the server's clock. */
  readonly sinceScheduledMs: number;
  readonly patienceMs: number;
  readonly plan: RecoveryPlan;
  /** When an earlier call of it first failed or was lost; undefined for the first call. */
  readonly failingSince: number | undefined;
  /** Whether others behind its circuit breaker are well since a time, though this call fails. */
  readonly othersAreWellSince: (then: number) => boolean;
  /** Milliseconds until its circuit breaker lets calls pass; undefined where it does. */
  readonly openForMs: number | undefined;
  readonly paceMs: ((failed: number) => number | undefined) | undefined;
}

/** What follows: the next try, with the ledger that is carried to it; undefined where the call ends. */
export interface NextTry {
  readonly delayMs: number;
  readonly ledger: AttemptLedger;
  /** False where the call got its attempts back. */
  readonly isWaiting: boolean;
}

export function patienceOf(
  { patience }: RecoveryPlan,
  category: ErrorCategory,
  status: number | undefined,
  isReplay: boolean,
): number {
  // Who replays a letter wants an answer.
  return isReplay ? 0 : (patience ?? defaultPatience(category, status));
}

/** An outage never ends a call: `whenUsedUp` has the rules. */
export function nextTry(call: WaitingCall): NextTry | undefined {
  const { ledger, now, startedAt, sinceScheduledMs, patienceMs, failingSince, openForMs = 0 } = call;
  const usedUpAt = timeInLedger(ledger.usedUpAt, startedAt, sinceScheduledMs);
  const decision = whenUsedUp({
    ...{ now, patienceMs, usedUpAt },
    othersSucceeded: failingSince !== undefined && call.othersAreWellSince(failingSince),
    mayRestart: ledger.restartedAt === undefined && call.plan.maxRetries > 0,
  });
  switch (decision) {
    case 'end':
      return undefined;
    case 'restart': {
      const { usedUpAt: _, waits: __, ...rest } = ledger;
      return {
        delayMs: Math.max(1, delayAfter(call.plan, 1, Math.random()) ?? paceOf(call, 0)),
        // From now on the strategy counts from zero.
        ledger: {
          ...rest,
          spared: callsOf(ledger, call.attempt),
          restartedAt: new Date(now).toISOString(),
        },
        isWaiting: false,
      };
    }
    case 'wait': {
      const waits = ledger.waits ?? 0;
      const since = ledger.usedUpAt ?? new Date(now).toISOString();
      return {
        delayMs: Math.max(paceOf(call, waits), openForMs),
        ledger: { ...addSpared(ledger), usedUpAt: since, waits: waits + 1 },
        isWaiting: true,
      };
    }
  }
}

/** Not more often than the strategy says, nor than the breaker tries. */
function paceOf({ plan, paceMs }: WaitingCall, waits: number): number {
  const last = delayAfter(plan, plan.maxRetries, 1) ?? 0;
  const pace = paceMs?.(waits) ?? Math.min(FIRST_PACE_MS * 2 ** waits, LONGEST_PACE_MS);
  return Math.max(last, pace, 1);
}

/** What a person reads at the pending activity whose quota is used up. Times in milliseconds since the epoch. */
export function describeThrottled(since: number, patienceMs: number, until: number): string {
  const end = Number.isFinite(since + patienceMs)
    ? `; it waits until ${new Date(since + patienceMs).toISOString()} at the longest`
    : '';
  return `quota used up, goes on at ${new Date(until).toISOString()}: attempts are not counted${end}`;
}

/** What a person reads at the pending activity: why it waits, since when, until when. */
export function describeWait(
  { usedUpAt }: AttemptLedger,
  patienceMs: number,
  breaker: string | undefined,
): string | undefined {
  if (usedUpAt === undefined) return undefined;
  const until = Date.parse(usedUpAt) + patienceMs;
  const end = Number.isFinite(until)
    ? `until ${new Date(until).toISOString()}, then it becomes a dead letter`
    : 'without an end';
  const others =
    breaker === undefined ? '' : ` and nothing else behind circuit breaker "${breaker}" succeeds`;
  return `its attempts are used up since ${usedUpAt}${others}: it waits for the service ${end}`;
}
