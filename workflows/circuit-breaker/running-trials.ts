import type { BreakerConfig, JudgedTrials, ReportedResult } from '../../common/circuit-breaker/index.js';

/** A trial has outlasted the calls that had failed if it has been running this many times as long as the longest, and for this time. */
const TIMES = 3;
const LEAST_MS = 2_000;

/**
 * Judges trials that are still running. One that has outlasted the calls that had failed counts as a success before it
 * ends: after a fault of a second, activities of an hour must not wait for each other.
 */
export class RunningTrials {
  private longestFailureMs: number;
  private acceptedMs: number;

  constructor({ longestFailureMs = 0, acceptedMs = 0 }: JudgedTrials = {}) {
    this.longestFailureMs = longestFailureMs;
    this.acceptedMs = acceptedMs;
  }

  ended({ outcome, ignored, durationMs = 0 }: ReportedResult): void {
    if (ignored) return;
    if (outcome === 'failure') {
      this.longestFailureMs = Math.max(this.longestFailureMs, durationMs);
      return;
    }
    this.longestFailureMs = 0;
    this.acceptedMs = 0;
  }

  /** Of trials that turned out to be wrong, the next one has to run twice as long. */
  accepts({ durationMs = 0 }: ReportedResult, { slowCallRate, halfOpen }: BreakerConfig): boolean {
    // A call that is slow may be what has opened it; and of several that have to succeed, one must not count twice.
    if (slowCallRate !== false || halfOpen.successesToClose > 1) return false;
    if (durationMs < Math.max(LEAST_MS, TIMES * this.longestFailureMs, 2 * this.acceptedMs)) return false;
    this.acceptedMs = durationMs;
    return true;
  }

  get carried(): { readonly running?: JudgedTrials } {
    const { longestFailureMs, acceptedMs } = this;
    return longestFailureMs === 0 && acceptedMs === 0 ? {} : { running: { longestFailureMs, acceptedMs } };
  }
}
