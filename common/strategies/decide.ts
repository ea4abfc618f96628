import { delayAfter, type RecoveryPlan } from './plan.js';

/** What is known after a failed attempt. Times in milliseconds since the epoch, durations in milliseconds. */
export interface FailedAttempt {
  /** Real attempts so far, this one included. */
  readonly attempts: number;
  readonly now: number;
  readonly plan: RecoveryPlan;
  /** What the service asked for (`Retry-After` and its relatives). */
  readonly retryAfterMs?: number;
  /** The longest wait a service may ask for; more is taken as this. */
  readonly retryAfterCapMs?: number;
  /** The call sets its own intervals: then the server's schedule is left alone. */
  readonly callSetsIntervals: boolean;
  /** When schedule-to-close ends; undefined without that time-out. */
  readonly scheduleToCloseAt?: number;
  /** In [0, 1). */
  readonly random: number;
}

/**
 * Why a call is not tried again. `limit` is the `maximumAttempts` of the call, `used up` what its strategy allows, `waited`
 * its patience for a quota.
 */
export type RetriesEnd = 'used up' | 'limit' | 'no time left' | 'non-retryable' | 'waited';

export type RetryDecision =
  | {
      readonly retry: true;
      readonly delayMs?: number;
      /** Its quota is used up since then, in milliseconds since the epoch: the attempt is not counted. */
      readonly throttledSince?: number;
    }
  | { readonly retry: false; readonly because: RetriesEnd };

export const RETRY_AFTER_CAP_MS = 60 * 60 * 1000;

/** Decides whether a failed attempt is followed by another one, and when. */
export function decideRetry(failed: FailedAttempt): RetryDecision {
  const planned = delayAfter(failed.plan, failed.attempts, failed.random);
  if (planned === undefined) return { retry: false, because: 'used up' };
  const delayMs = retryDelay(failed, planned);
  if (delayMs === undefined) return { retry: true };
  const { scheduleToCloseAt } = failed;
  if (scheduleToCloseAt !== undefined && failed.now + delayMs >= scheduleToCloseAt) {
    return { retry: false, because: 'no time left' };
  }
  return { retry: true, delayMs };
}

/** At least a millisecond: no delay at all would mean the server's own. */
function retryDelay(failed: FailedAttempt, planned: number): number | undefined {
  const { retryAfterMs, retryAfterCapMs = RETRY_AFTER_CAP_MS, callSetsIntervals } = failed;
  if (retryAfterMs !== undefined) return Math.max(1, Math.min(retryAfterMs, retryAfterCapMs));
  return callSetsIntervals ? undefined : Math.max(1, Math.round(planned));
}
