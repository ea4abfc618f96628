/** Where neither the service nor its successes say what rate it takes; calls a second of one worker. */
const FIRST_RATE = 1;
/** A rate that is not known is begun a little lower than what was seen, and doubles in this time. */
const CAUTION = 0.8;
const DOUBLES_IN_MS = 5_000;
const MAX_RATE = 1_000;
/** The queue is empty, and the next turn has not been used for this time. */
const UNUSED_MS = 1_000;

/**
 * When calls go on whose quota has come back: one after the other, at the rate that the service states; else at the
 * rate that it was seen to serve before, doubled every five seconds. So it meets its rate and not all that have waited.
 * @see AWS SDKs and Tools, "adaptive" retry mode: the send rate follows the rate that was measured at a throttle
 */
export class ReleasePace {
  private next: number;
  private first: number;

  /**
   * @param from when the quota comes back; milliseconds
   * @param rates calls a second: `stated` by the service for all workers, `seen` on this one before the quota was used up
   * @param workers that share the stated rate; asked for each turn, since it may be known a moment later
   * @param random from 0 to below 1
   */
  constructor(
    private readonly from: number,
    private readonly rates: { readonly stated?: number; readonly seen: number },
    private readonly workers: () => number,
    random: number,
  ) {
    this.first = Math.max(FIRST_RATE, rates.seen * CAUTION);
    this.next = from + random * Math.min(1_000, this.intervalAt(from));
  }

  /** More calls a second were seen to succeed than was known at the beginning. */
  saw(perSecond: number): void {
    this.first = Math.max(this.first, perSecond * CAUTION);
  }

  /** The next turn: now, or later where others wait. Milliseconds. */
  take(now: number): number {
    const turn = Math.max(this.next, now);
    this.next = turn + this.intervalAt(turn);
    return turn;
  }

  /** Whether fewer calls come than may: then there is nothing left to hold back. */
  isOver(now: number): boolean {
    return this.next + UNUSED_MS < now;
  }

  private intervalAt(turn: number): number {
    const { stated } = this.rates;
    if (stated !== undefined) return (1_000 * this.workers()) / stated;
    const doublings = Math.min(50, (turn - this.from) / DOUBLES_IN_MS);
    return 1_000 / Math.min(MAX_RATE, this.first * 2 ** doublings);
  }
}
