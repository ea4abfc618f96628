export interface TrialPaceLimits {
  /** Shortest and longest time from one trial to the next; milliseconds. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Between these, this share of the time since calls are held. */
  readonly share: number;
}

/** When calls that are held are tried: the longer it lasts, the more rarely. Workers share the trials. Times in milliseconds. */
export class TrialPace {
  /** The next trial is not before. */
  nextAt = 0;
  /** When calls began to be held: others may have noticed it before. */
  since = 0;
  private slotAt = 0;

  constructor(
    private readonly limits: TrialPaceLimits,
    private readonly workers: () => number,
  ) {}

  /** @param random from 0 to below 1 */
  begin(now: number, random: number): void {
    // One after the other, and not all workers in one moment.
    this.nextAt = now + this.limits.leastMs * (1 + random * (this.workers() - 1));
    this.slotAt = this.nextAt;
  }

  /** From a trial at this time to the next one. */
  gapAt(at: number): number {
    const { leastMs, mostMs, share } = this.limits;
    return Math.max(leastMs, Math.min(mostMs, (at - this.since) * share)) * Math.max(1, this.workers());
  }

  /** A call that waits may come for this trial: one for each, since there may be no new calls. */
  get freeSlotAt(): number {
    return Math.max(this.slotAt, this.nextAt);
  }

  /** @param at the free slot */
  book(at: number): void {
    this.slotAt = at + this.gapAt(at);
  }
}
