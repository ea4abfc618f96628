import { DETAIL_KEY } from './contract.js';
import type { Attempt } from './dead-letter/record.js';
import { readLedger } from './read-detail.js';

/**
 * What must survive from one attempt of an activity to the next, on whichever worker that runs. It travels in
 * the heartbeat details, beside the user's own.
 */
export interface AttemptLedger {
  readonly v: 1;
  /** The last attempts, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Attempts of the server's count that an open circuit breaker turned away, or that failed because it opened. */
  readonly notCounted?: number;
}

interface WrappedDetails {
  readonly [DETAIL_KEY]: AttemptLedger;
  readonly details?: unknown;
}

const KEPT_ATTEMPTS = 20;

export const EMPTY_LEDGER: AttemptLedger = { v: 1, attempts: [] };

export function addAttempt(ledger: AttemptLedger, attempt: Attempt): AttemptLedger {
  return { ...ledger, attempts: [...ledger.attempts, attempt].slice(-KEPT_ATTEMPTS) };
}

/** One more attempt that does not count. */
export function addUncounted(ledger: AttemptLedger): AttemptLedger {
  return { ...ledger, notCounted: (ledger.notCounted ?? 0) + 1 };
}

/** Clocks of workers that are kept in step differ by less, and an attempt may wait for a worker before it starts. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * When the call began to fail, for the worker that runs an attempt of it now. Earlier attempts may have run on workers
 * whose clocks tell another time: what cannot be is replaced by the time the call was scheduled, which by the
 * server's clock is `sinceScheduledMs` before this attempt was.
 * @param startedAt of this attempt, by the clock of its worker; milliseconds since the epoch, as the result
 */
export function firstFailureAt(ledger: AttemptLedger, startedAt: number, sinceScheduledMs: number): number {
  const at = Date.parse(ledger.attempts[0]?.failedAt ?? '');
  if (Number.isNaN(at)) return startedAt;
  const scheduledAt = startedAt - Math.max(0, sinceScheduledMs);
  return at > startedAt || at < scheduledAt - CLOCK_TOLERANCE_MS ? scheduledAt : at;
}

/** Whether there is anything to carry to the next attempt. */
export function isEmpty({ attempts, notCounted = 0 }: AttemptLedger): boolean {
  return attempts.length === 0 && notCounted === 0;
}

export function wrapDetails(ledger: AttemptLedger, details: unknown): WrappedDetails {
  return details === undefined ? { [DETAIL_KEY]: ledger } : { [DETAIL_KEY]: ledger, details };
}

/** The ledger and the user's own details; details without a ledger are all the user's. */
export function unwrapDetails(value: unknown): { ledger: AttemptLedger | undefined; details: unknown } {
  if (typeof value === 'object' && value !== null && DETAIL_KEY in value) {
    const wrapped = value as WrappedDetails;
    const ledger = readLedger(wrapped[DETAIL_KEY]);
    if (ledger !== undefined) return { ledger, details: wrapped.details };
  }
  return { ledger: undefined, details: value };
}
