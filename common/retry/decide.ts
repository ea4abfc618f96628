import type { CategoryPolicy } from './defaults.js';

/** What is known after a failed attempt. Times in milliseconds since the epoch, durations in milliseconds. */
export interface FailedAttempt {
  /** Real attempts so far, this one included. */
  readonly attempts: number;
  readonly now: number;
  readonly policy: CategoryPolicy;
  /** What the service asked for (`Retry-After` and its relatives). */
  readonly retryAfterMs?: number;
  /** The call sets its own intervals: then the server's schedule is left alone. */
  readonly callSetsIntervals: boolean;
  /** When schedule-to-close ends; undefined without that time-out. */
  readonly scheduleToCloseAt?: number;
}

export type RetryDecision =
  | { readonly retry: true; readonly delayMs?: number }
  | { readonly retry: false; readonly because: 'used up' | 'no time left' | 'non-retryable' };

/** The longest wait a service may ask for; more is taken as this. */
export const RETRY_AFTER_CAP_MS = 60 * 60 * 1000;

/** Decides whether a failed attempt is followed by another one, and when. */
export function decideRetry(failed: FailedAttempt): RetryDecision {
  const { attempts, policy } = failed;
  if (attempts > policy.maxRetries) return { retry: false, because: 'used up' };
  const delayMs = retryDelay(failed);
  if (
    failed.scheduleToCloseAt !== undefined &&
    delayMs !== undefined &&
    failed.now + delayMs >= failed.scheduleToCloseAt
  ) {
    return { retry: false, because: 'no time left' };
  }
  return delayMs === undefined ? { retry: true } : { retry: true, delayMs };
}

function retryDelay({
  attempts,
  policy,
  retryAfterMs,
  callSetsIntervals,
}: FailedAttempt): number | undefined {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, 1), RETRY_AFTER_CAP_MS);
  if (callSetsIntervals) return undefined;
  const backoff = policy.initialIntervalMs * policy.backoffCoefficient ** (attempts - 1);
  return Math.min(backoff, policy.maximumIntervalMs);
}
