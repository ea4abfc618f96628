import type { CallPermit } from '../../activities/failing-call/breaker-guard.js';

/** A trial that runs for this time is reported, and again each time that this has doubled. */
const FIRST_MS = 2_000;
/** No timer can wait longer; a trial of days is reported often enough before. */
const LAST_MS = 24 * 3_600_000;

/**
 * Trials that take long. Reports say that they are still running: the breaker of the fleet may count them as a success
 * (workflows/circuit-breaker/running-trials.ts).
 */
export class LongTrials {
  private readonly timers = new Map<CallPermit, NodeJS.Timeout>();

  /** @param report gets for how long it has been running; milliseconds */
  watch(permit: CallPermit, report: (runningMs: number) => void, runningMs = 0): void {
    const nextMs = Math.max(FIRST_MS, 2 * runningMs);
    if (nextMs > LAST_MS) return;
    const timer = setTimeout(() => {
      // What the service answered while this process was busy is read before.
      setImmediate(() =>
        setImmediate(() => {
          if (this.timers.get(permit) !== timer) return;
          report(nextMs);
          this.watch(permit, report, nextMs);
        }),
      );
    }, nextMs - runningMs);
    timer.unref();
    this.timers.set(permit, timer);
  }

  end(permit: CallPermit): void {
    clearTimeout(this.timers.get(permit));
    this.timers.delete(permit);
  }
}
