import type { AttemptLedger } from './attempt-ledger.js';

/** What an attempt knows when it begins. Times in milliseconds since the epoch, durations in milliseconds. */
export interface AttemptAtStart {
  /** By the server's count. */
  readonly attempt: number;
  /** When the call was scheduled, and when this attempt was. */
  readonly scheduledAt: number;
  readonly attemptScheduledAt: number;
  /** 0 for none. */
  readonly startToCloseMs: number;
  readonly heartbeatMs: number;
  /** Fingerprint of the user's heartbeat details; undefined for none. */
  readonly progress: string | undefined;
}

/**
 * Takes the attempts before this one into account that never reported: they timed out, their worker was lost, or they ran
 * on a worker that writes no ledger. Every attempt that reports writes the ledger.
 *
 * | the attempts before                                                    | then                                            |
 * | ---------------------------------------------------------------------- | ----------------------------------------------- |
 * | have left new heartbeat details                                         | they made progress: not counted                 |
 * | the one before had begun (`begun`), and did not take its start-to-close | its worker was lost: not counted, `lost` counts |
 * | the one before was the first, ended early and not before its heartbeat time-out | the same                                |
 * | nothing is known of them                                                | counted, as time-outs                           |
 *
 * @returns undefined where all attempts have reported
 */
export function withLostAttempts(ledger: AttemptLedger, at: AttemptAtStart): AttemptLedger | undefined {
  const before = at.attempt - 1;
  const silent = before - (ledger.server ?? (isOfOldVersion(ledger) ? before : 0));
  if (silent <= 0) return undefined;
  const { progress } = at;
  if (progress !== undefined && progress !== ledger.progress) {
    return { ...spare(ledger, silent), lost: 0 };
  }
  // Only what is known to have begun is known to have been lost.
  const hasBegun = ledger.begun === before || isUnmarkedFirst(ledger, at);
  if (!hasBegun || !endedEarly(ledger, at)) return { ...ledger, lost: 0 };
  return { ...spare(ledger, 1), lost: (ledger.lost ?? 0) + 1 };
}

/** Version 0.4 wrote a ledger with every failure, and no number of the server's. */
function isOfOldVersion({ server, attempts, notCounted = 0 }: AttemptLedger): boolean {
  return server === undefined && (attempts.length > 0 || notCounted > 0);
}

/**
 * The first attempt leaves no mark: that would cost every healthy call a heartbeat. But a second one exists only if a worker
 * had got the first, and an attempt that was shorter than its heartbeat time-out failed on a worker without a ledger.
 */
function isUnmarkedFirst({ server, begun }: AttemptLedger, call: AttemptAtStart): boolean {
  if (call.attempt !== 2 || server !== undefined || begun !== undefined) return false;
  return call.attemptScheduledAt - call.scheduledAt >= call.heartbeatMs;
}

/** Before its start-to-close time-out: by its heartbeat time-out. */
function endedEarly({ at }: AttemptLedger, call: AttemptAtStart): boolean {
  const tookAtMost = call.attemptScheduledAt - Math.max(at ?? 0, call.scheduledAt);
  return call.heartbeatMs > 0 && (call.startToCloseMs <= 0 || tookAtMost < call.startToCloseMs);
}

function spare(ledger: AttemptLedger, attempts: number): AttemptLedger {
  return { ...ledger, spared: (ledger.spared ?? 0) + attempts };
}
