import { ErrorCategory, meantStatus } from '../errors/category.js';

const DAY_MS = 24 * 3_600_000;
const QUARTER_MS = 15 * 60_000;
const OUTAGE_STATUS: readonly number[] = [502, 503, 504];

/**
 * How long a call waits for its service after its attempts are used up, where nothing is configured; milliseconds.
 *
 * | error                                         | patience   | because                                      |
 * | --------------------------------------------- | ---------- | -------------------------------------------- |
 * | NETWORK, RATE_LIMIT, 502, 503, 504, AUTH 401  | 1 day      | it speaks of the service                     |
 * | AUTH 400 (an OAuth grant that has ended)      | 1 day      | it is a 401 by another name                  |
 * | TIMEOUT, UNKNOWN, other SERVER errors         | 15 minutes | it may be the record's own                   |
 * | all others                                    | 0          | it speaks of the record, or needs a decision |
 */
export function defaultPatience(category: ErrorCategory, status: number | undefined): number {
  switch (category) {
    case ErrorCategory.NETWORK:
    case ErrorCategory.RATE_LIMIT:
      return DAY_MS;
    case ErrorCategory.SERVER:
      return OUTAGE_STATUS.includes(Number(status)) ? DAY_MS : QUARTER_MS;
    case ErrorCategory.AUTHENTICATION:
      return meantStatus(category, status) === 401 ? DAY_MS : 0;
    case ErrorCategory.TIMEOUT:
    case ErrorCategory.UNKNOWN:
      return QUARTER_MS;
    default:
      return 0;
  }
}

/** The service is the cause, and not the record. */
export function speaksOfService(category: ErrorCategory, status: number | undefined): boolean {
  return defaultPatience(category, status) === DAY_MS;
}

/** What is known of a call whose attempts are used up. Times in milliseconds since the epoch. */
export interface UsedUpCall {
  readonly now: number;
  readonly patienceMs: number;
  /** When its attempts were used up for the first time; undefined: just now. */
  readonly usedUpAt?: number;
  /** Something else behind its circuit breaker has succeeded since the call began to fail (or got its attempts back), and before
   * its last attempt began. */
  readonly othersSucceeded: boolean;
  /** It has attempts to get back, and did not get them back before. */
  readonly mayRestart: boolean;
}

/**
 * What becomes of a call whose attempts are used up: an outage never ends it.
 *
 * | others succeed | it has waited | then                                                              |
 * | -------------- | ------------- | ----------------------------------------------------------------- |
 * | yes            | no            | `end`: it alone fails (poison)                                     |
 * | yes            | yes           | `restart`: its attempts went into an outage, it gets them back, once |
 * | no             |               | `wait`, until its patience is over                                 |
 */
export function whenUsedUp(call: UsedUpCall): 'end' | 'restart' | 'wait' {
  const { now, patienceMs, usedUpAt, othersSucceeded, mayRestart } = call;
  if (patienceMs <= 0) return 'end';
  if (usedUpAt !== undefined && now - usedUpAt >= patienceMs) return 'end';
  if (!othersSucceeded) return 'wait';
  return usedUpAt !== undefined && mayRestart ? 'restart' : 'end';
}
