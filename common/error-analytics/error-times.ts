/** More moments than this are thinned out: the older half keeps every second one, with the count of both. */
const MAX_MOMENTS = 100_000;

/**
 * When how many errors came, for rates. All errors are counted, for ever; their times are exact to the millisecond for
 * the last 50,000 moments at the least, and the coarser the older they are. So memory is bounded whatever the rate.
 */
export class ErrorTimes {
  private times: number[] = [];
  private counts: number[] = [];

  /** @param at milliseconds since the epoch */
  add(at: number): void {
    const last = this.times.length - 1;
    if (this.times[last] === at) this.counts[last] = (this.counts[last] ?? 0) + 1;
    else {
      this.times.push(at);
      this.counts.push(1);
      if (this.times.length > MAX_MOMENTS) this.thinOut();
    }
  }

  /** How many came later than `since`; one that came exactly then does not count, as in APILinker. */
  countAfter(since: number): number {
    let count = 0;
    for (const [index, at] of this.times.entries()) if (at > since) count += this.counts[index] ?? 0;
    return count;
  }

  /** Each pair becomes one moment, the later of the two. */
  private thinOut(): void {
    const half = MAX_MOMENTS / 2;
    const times: number[] = [];
    const counts: number[] = [];
    for (let at = 0; at < half; at += 2) {
      times.push(Math.max(this.times[at] ?? 0, this.times[at + 1] ?? 0));
      counts.push((this.counts[at] ?? 0) + (this.counts[at + 1] ?? 0));
    }
    this.times = times.concat(this.times.slice(half));
    this.counts = counts.concat(this.counts.slice(half));
  }
}
