import type { Attempt } from '../dead-letter/record.js';

/**
 * What must survive from one attempt of an activity to the next, on whichever worker that runs. It travels in
 * the heartbeat details, beside the user's own.
 */
export interface AttemptLedger {
  readonly v: 1;
  /** The last attempts, oldest first. */
  readonly attempts: readonly Attempt[];
  /** The server's number of the last attempt that is taken into account. */
  readonly server?: number;
  /** When it was written, in milliseconds since the epoch by the clock of its worker. */
  readonly at?: number;
  /** Attempts of the server's count that were no calls: an open circuit breaker rejected them. */
  readonly notCounted?: number;
  /** Calls that the strategy does not count: made in an outage, ended by a shutdown, or lost with their worker. */
  readonly spared?: number;
  /** The server's number of an attempt that has begun; where it never reports, its worker was lost. */
  readonly begun?: number;
  /** Attempts in a row that were lost with their worker and made no progress. */
  readonly lost?: number;
  /** Fingerprint of the user's heartbeat details then: others, left by an attempt that never reported, are progress. */
  readonly progress?: string;
  /** When the attempts were used up, ISO: since then the call waits for the service. */
  readonly usedUpAt?: string;
  /** Tries since then. */
  readonly waits?: number;
  /** Since when the call waits for its quota, ISO. */
  readonly throttledSince?: string;
  /** When the flood guard first held the call, ISO. */
  readonly heldSince?: string;
  /** When the call got its attempts back, ISO: the service had recovered. */
  readonly restartedAt?: string;
}

const KEPT_ATTEMPTS = 20;

export const EMPTY_LEDGER: AttemptLedger = { v: 1, attempts: [] };

export function addAttempt(before: AttemptLedger, attempt: Attempt): AttemptLedger {
  const { throttledSince: _, ...ledger } = before;
  return { ...ledger, attempts: [...ledger.attempts, attempt].slice(-KEPT_ATTEMPTS), lost: 0 };
}

/** One more attempt that was no call. */
export function addRejected(ledger: AttemptLedger): AttemptLedger {
  return { ...ledger, notCounted: (ledger.notCounted ?? 0) + 1 };
}

/** One more call that the strategy does not count. */
export function addSpared(ledger: AttemptLedger): AttemptLedger {
  return { ...ledger, spared: (ledger.spared ?? 0) + 1 };
}

/** The quota of the call is used up, and the call waits since then. */
export function addThrottled(ledger: AttemptLedger, since: number): AttemptLedger {
  return { ...ledger, throttledSince: new Date(since).toISOString() };
}

/** The flood guard holds the call since then, or since an earlier time. */
export function addHeld(ledger: AttemptLedger, since: number): AttemptLedger {
  return { ...ledger, heldSince: ledger.heldSince ?? new Date(since).toISOString() };
}

/** Calls so far, of `attempt` by the server's count, this one included. */
export function callsOf({ notCounted = 0 }: AttemptLedger, attempt: number): number {
  return Math.max(1, attempt - notCounted);
}

/** Calls so far that the strategy counts, this one included. */
export function countedCallsOf(ledger: AttemptLedger, attempt: number): number {
  return Math.max(1, callsOf(ledger, attempt) - (ledger.spared ?? 0));
}

/** The ledger for an attempt. Where somebody has reset the activity the server counts from 1 again, and so do we. */
export function ledgerFor(ledger: AttemptLedger, attempt: number): AttemptLedger {
  const { server, notCounted = 0 } = ledger;
  const isReset = server === undefined ? attempt <= notCounted : attempt <= server;
  return isReset ? EMPTY_LEDGER : ledger;
}

/** Clocks of workers that are kept in step differ by less, and an attempt may wait for a worker before it starts. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * A time in a ledger, for the worker that runs an attempt now. Earlier attempts may have run on workers whose clocks
 * tell another time: what cannot be is replaced by the time the call was scheduled, which by the server's clock is
 * `sinceScheduledMs` before this attempt was.
 * @param startedAt of this attempt, by the clock of its worker; milliseconds since the epoch, as the result
 */
export function timeInLedger(
  iso: string | undefined,
  startedAt: number,
  sinceScheduledMs: number,
): number | undefined {
  const at = Date.parse(iso ?? '');
  if (Number.isNaN(at)) return undefined;
  const scheduledAt = startedAt - Math.max(0, sinceScheduledMs);
  return at > startedAt || at < scheduledAt - CLOCK_TOLERANCE_MS ? scheduledAt : at;
}

/** When the call began to fail; now, where nothing is known of earlier attempts. */
export function firstFailureAt(ledger: AttemptLedger, startedAt: number, sinceScheduledMs: number): number {
  return timeInLedger(ledger.attempts[0]?.failedAt, startedAt, sinceScheduledMs) ?? startedAt;
}

/** Whether there is anything to carry to the next attempt. */
export function isEmpty({ attempts, server }: AttemptLedger): boolean {
  return attempts.length === 0 && server === undefined;
}
