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
 * Takes the attempts before this one into account that never reported: they timed out, or their worker was lost. Every
 * attempt that reports writes the ledger, and so does one that finds such attempts before it.
 *
 * | the attempt before                                          | then                                             |
 * | ----------------------------------------------------------- | ------------------------------------------------ |
 * | has left new heartbeat details                               | it made progress: not counted                    |
 * | ended by its heartbeat time-out                              | its worker was lost: not counted, `lost` counts  |
 * | ended by its start-to-close time-out, or nothing is known    | a time-out: counted                              |
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
  if (!wereLost(silent, ledger, at)) return { ...ledger, lost: 0 };
  return { ...spare(ledger, silent), lost: (ledger.lost ?? 0) + silent };
}

/** Version 0.4 wrote a ledger with every failure, and no number of the server's. */
function isOfOldVersion({ server, attempts, notCounted = 0 }: AttemptLedger): boolean {
  return server === undefined && (attempts.length > 0 || notCounted > 0);
}

/** They took as long as their heartbeat time-outs, and less than one start-to-close time-out. */
function wereLost(attempts: number, { at }: AttemptLedger, call: AttemptAtStart): boolean {
  const startedAfter = Math.max(at ?? 0, call.scheduledAt);
  const tookAtMost = call.attemptScheduledAt - startedAfter;
  if (call.heartbeatMs <= 0 || tookAtMost < attempts * call.heartbeatMs) return false;
  return call.startToCloseMs <= 0 || tookAtMost < call.startToCloseMs;
}

function spare(ledger: AttemptLedger, attempts: number): AttemptLedger {
  return { ...ledger, spared: (ledger.spared ?? 0) + attempts };
}
