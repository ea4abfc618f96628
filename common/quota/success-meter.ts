const SECOND_MS = 1_000;

/** How many calls a second succeeded lately: two counters, since every call adds to it. */
export class SuccessMeter {
  private second = Number.NEGATIVE_INFINITY;
  private count = 0;
  private before = 0;

  add(now: number): void {
    this.goTo(now);
    this.count++;
  }

  /** Calls in the last full second, or in the current one if these are more already. */
  perSecond(now: number): number {
    this.goTo(now);
    return Math.max(this.count, this.before);
  }

  private goTo(now: number): void {
    const second = Math.floor(now / SECOND_MS);
    if (second === this.second) return;
    this.before = second === this.second + 1 ? this.count : 0;
    this.count = 0;
    this.second = second;
  }
}
