import type { Held } from '../common/dead-letter/record.js';
import type { RetryDecision } from '../common/strategies/index.js';
import type { Settlement } from './breaker-guard.js';

/** Time for the breaker to open, if what looks like an outage is one; spread, as many may be suspected at once. */
const SUSPICION_MS = 30_000;
const SUSPICION_SPREAD_MS = 15_000;

interface Circumstances {
  /** Real attempts so far, this one included. */
  readonly attempts: number;
  /** Attempts an execution has in an outage, whatever its category has. */
  readonly limit: number;
  readonly now: number;
  readonly scheduleToCloseAt: number | undefined;
}

export type OutageDecision = RetryDecision & {
  /** Set to false where the attempt is not counted. */
  readonly counts?: false;
};

/**
 * The decision after a failed attempt, seen behind its circuit breaker: an outage waits.
 *
 * - An attempt that was under way when the breaker opened failed with the others. It is not counted.
 * - A trial that failed says that the outage lasts, and not that there is anything wrong with this call, also where
 *   its category (a 401) is not retried. It is counted, so that a call that cannot succeed ends some day.
 * - Any other attempt is retried when the breaker lets calls pass, not before.
 */
export function inOutage(
  decision: RetryDecision,
  settlement: Settlement | undefined,
  { attempts, limit, now, scheduleToCloseAt }: Circumstances,
): OutageDecision {
  if (settlement?.openForMs === undefined || !settlement.counted) return decision;
  if (!decision.retry && decision.because === 'non-retryable') return decision;
  const { openForMs, wasUnderWay, wasTrial } = settlement;
  const goesOn = decision.retry || wasUnderWay || (wasTrial && attempts < limit);
  if (!goesOn) return decision;
  const delayMs = Math.max(openForMs, decision.retry ? (decision.delayMs ?? 0) : 0);
  if (scheduleToCloseAt !== undefined && now + delayMs >= scheduleToCloseAt) {
    return { retry: false, because: 'no time left' };
  }
  return wasUnderWay ? { retry: true, delayMs, counts: false } : { retry: true, delayMs };
}

/**
 * Whether the letter of a call that ended like this is held: its breaker is open, or will be if this is an outage. What
 * its code says is not to be retried is not replayed by itself.
 * @param failingForMs since when the call has been failing
 * @param random from 0 to 1
 */
export function heldBehind(
  breaker: string | undefined,
  decision: RetryDecision,
  settlement: Settlement | undefined,
  failingForMs: number,
  random: number,
): Held | undefined {
  if (breaker === undefined || !settlement?.counted) return undefined;
  if (!decision.retry && decision.because === 'non-retryable') return undefined;
  if (settlement.openForMs !== undefined) return { breaker };
  // Nothing behind the breaker has succeeded since this call first failed: that may be an outage.
  return settlement.lastSuccessAgoMs >= failingForMs
    ? { breaker, afterMs: SUSPICION_MS + Math.floor(random * SUSPICION_SPREAD_MS) }
    : undefined;
}
