/** Ended calls that are remembered, as a multiple of those that are needed. docs/flood-guard.md has the measurement. */
const WINDOW_FACTOR = 4;
/** What ended longer ago says nothing of today's calls. */
const MAX_AGE_MS = 3_600_000;

/** What is a flood: a share of the last calls, of a minimum number. */
export interface FloodLimits {
  /** Above 0, at most 1. */
  readonly share: number;
  readonly minimumCalls: number;
}

/** Calls that ended, and those of them that ended as letters of one group. */
export interface FloodCount {
  readonly letters: number;
  readonly calls: number;
}

interface End {
  readonly at: number;
  /** Undefined where the call did not end as a letter. */
  readonly group: string | undefined;
}

/** How the last calls ended. Times in milliseconds of the caller's clock. */
export class FloodMeter {
  private readonly ends: End[] = [];
  /** Ends before it are forgotten; the array is cut now and then. */
  private first = 0;
  private readonly letters = new Map<string, number>();

  constructor(private readonly limits: FloodLimits) {}

  /** No letter is among the calls that are remembered. */
  get isQuiet(): boolean {
    return this.letters.size === 0;
  }

  /**
   * A call has ended.
   * @param group of its letter; undefined without one
   * @returns the count where letters of this group are a flood
   */
  ended(group: string | undefined, now: number): FloodCount | undefined {
    this.forget(now);
    this.ends.push({ at: now, group });
    if (group === undefined) return undefined;
    const letters = (this.letters.get(group) ?? 0) + 1;
    this.letters.set(group, letters);
    const { share, minimumCalls } = this.limits;
    const calls = this.ends.length - this.first;
    return calls >= minimumCalls && letters >= share * calls ? { letters, calls } : undefined;
  }

  clear(): void {
    this.ends.length = 0;
    this.first = 0;
    this.letters.clear();
  }

  /** Makes room for one more, and leaves out what is too old. */
  private forget(now: number): void {
    const { ends } = this;
    const most = this.limits.minimumCalls * WINDOW_FACTOR;
    for (;;) {
      const oldest = ends[this.first];
      if (oldest === undefined) break;
      if (ends.length - this.first < most && now - oldest.at < MAX_AGE_MS) break;
      this.first++;
      this.subtract(oldest.group);
    }
    if (this.first * 4 < ends.length) return;
    ends.splice(0, this.first);
    this.first = 0;
  }

  private subtract(group: string | undefined): void {
    if (group === undefined) return;
    const left = (this.letters.get(group) ?? 0) - 1;
    if (left > 0) this.letters.set(group, left);
    else this.letters.delete(group);
  }
}
