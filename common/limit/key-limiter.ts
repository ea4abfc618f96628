import type { Share } from './limit.js';

/** A call reaches the service a little later than it begins, one more than another. */
const GUARD_SHARE = 0.02;
const LEAST_GUARD_MS = 5;
const MOST_GUARD_MS = 100;
/** Calls of windows up to this length are spread a little, so that they do not all begin at the same moment. */
const SPREAD_UP_TO_MS = 10_000;
const AVERAGE_SHARE = 0.1;

/** What a worker may use of a key at a time. */
export interface Rights {
  readonly shares: readonly Share[];
  /** What it may use when a request that is under way has its answer; by this calls plan. @default shares */
  readonly planned?: readonly Share[];
  /** Calls that are left in long windows; undefined without such a window. */
  readonly tokens?: number;
  /** When there may be tokens again, where there are none. */
  readonly tokensAt?: number;
  /** Calls are spread over half of each window, since all of it will be used. */
  readonly spread: boolean;
}

/** The calls of one key on one worker: when the next may begin. Times in milliseconds of the caller's clock. */
export class KeyLimiter {
  /** Calls that have begun and not ended. */
  running = 0;
  private readonly starts = new Starts();
  /** Of a call, on average; a guess until one has ended. */
  private averageMs = 1_000;
  private ended = 0;

  /** When the next call may begin; Infinity where that depends on something else than time. */
  earliest({ shares, tokens, spread }: Rights, now: number): number {
    if (tokens !== undefined && tokens <= 0) return Number.POSITIVE_INFINITY;
    let earliest = now;
    for (const { calls, perMs } of shares) {
      if (perMs === 0) {
        if (this.running >= calls) return Number.POSITIVE_INFINITY;
        continue;
      }
      if (calls <= 0) return Number.POSITIVE_INFINITY;
      const windowMs = perMs + guardOf(perMs);
      earliest = Math.max(earliest, this.starts.last(calls) + windowMs);
      if (spread && perMs <= SPREAD_UP_TO_MS)
        earliest = Math.max(earliest, this.starts.last(1) + windowMs / (2 * calls));
    }
    return earliest;
  }

  begin(now: number): void {
    this.running++;
    this.starts.add(now);
  }

  end(tookMs: number): void {
    this.running = Math.max(0, this.running - 1);
    this.ended++;
    // The first ones count more: the guess may be far away.
    this.averageMs += (tookMs - this.averageMs) * Math.max(AVERAGE_SHARE, 1 / this.ended);
  }

  /** Whether the gap is that of calls at the same time, and none has ended yet. */
  isGuess({ shares }: Rights): boolean {
    return this.ended === 0 && shares.some(({ perMs }) => perMs === 0);
  }

  /** Milliseconds from one call to the next where all of the share is used; undefined without a share. */
  gapMs({ shares, planned = shares }: Rights): number | undefined {
    let gap: number | undefined;
    for (const { calls, perMs } of planned) {
      const lengthMs = perMs === 0 ? this.averageMs : perMs;
      if (calls > 0) gap = Math.max(gap ?? 0, lengthMs / calls);
    }
    return gap;
  }

  /** Calls that began in the last window. */
  begunIn(perMs: number, now: number): number {
    return perMs === 0 ? this.running : this.starts.since(now - perMs - guardOf(perMs));
  }

  /** Keeps the times of this number of calls. */
  keep(calls: number): void {
    this.starts.keep(calls);
  }
}

function guardOf(perMs: number): number {
  return Math.min(Math.max(perMs * GUARD_SHARE, LEAST_GUARD_MS), MOST_GUARD_MS);
}

/** Times of the last calls, in a ring that grows as it is needed. */
class Starts {
  private times: number[] = [];
  private next = 0;
  private size = 0;
  private most = 1;

  keep(calls: number): void {
    this.most = Math.max(this.most, calls);
  }

  add(time: number): void {
    if (this.size === this.times.length && this.size < this.most) this.grow();
    this.times[this.next] = time;
    this.next = (this.next + 1) % this.times.length;
    this.size = Math.min(this.size + 1, this.times.length);
  }

  /** The time of the nth call from the end; never, where there were fewer. */
  last(nth: number): number {
    if (nth > this.size) return Number.NEGATIVE_INFINITY;
    return this.times[(this.next - nth + this.times.length) % this.times.length] as number;
  }

  since(time: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.last(middle) > time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private grow(): void {
    const ordered = Array.from({ length: this.size }, (_, at) => this.last(this.size - at));
    this.times = [...ordered, ...new Array<number>(Math.max(8, this.size)).fill(0)];
    this.next = this.size;
  }
}
