import type { CallPermit } from '../../activities/failing-call/breaker-guard.js';

/**
 * Trials that take long. One that has outlasted the calls that had failed counts as a success before it ends: after a
 * fault of a second, activities of an hour must not wait for each other.
 */
export class LongTrials {
  private readonly timers = new Map<CallPermit, NodeJS.Timeout>();
  /** Trials that count as a success and have not ended, with the permit of a usual call. */
  private readonly outlasting = new Map<CallPermit, CallPermit>();

  /**
   * @param afterMs when it has outlasted the calls that had failed
   * @param outlasts its permit from then on; undefined where it changes nothing
   */
  watch(permit: CallPermit, afterMs: number, outlasts: () => CallPermit | undefined): void {
    const timer = setTimeout(() => {
      this.timers.delete(permit);
      // The one before may have been an error: then the service takes calls, and fails them late.
      if (this.outlasting.size > 0) return;
      const next = outlasts();
      if (next !== undefined) this.outlasting.set(permit, next);
    }, afterMs);
    timer.unref();
    this.timers.set(permit, timer);
  }

  /** The call has ended. @returns the permit that it ends with */
  end(permit: CallPermit): CallPermit {
    clearTimeout(this.timers.get(permit));
    this.timers.delete(permit);
    const now = this.outlasting.get(permit) ?? permit;
    this.outlasting.delete(permit);
    return now;
  }
}
