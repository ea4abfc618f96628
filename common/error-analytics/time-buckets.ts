/** Buckets as JSON: the number of each, and its counts: the place of a key in the list of keys, then its count. */
export type BucketsJson = readonly (readonly [bucket: number, counts: readonly number[]])[];

/** Counts by key in buckets of time. Only the last buckets are kept. Time comes as the number of a bucket. */
export class TimeBuckets {
  private readonly buckets = new Map<number, Map<string, number>>();
  /** Of all buckets. */
  private readonly totals = new Map<string, number>();

  constructor(
    /** Milliseconds. */
    readonly widthMs: number,
    private readonly kept: number,
    json: BucketsJson = [],
    keys: readonly string[] = [],
  ) {
    for (const [bucket, counts] of json) {
      for (let at = 0; at + 1 < counts.length; at += 2) {
        const key = keys[counts[at] ?? -1];
        if (key !== undefined) this.put(bucket, key, counts[at + 1] ?? 0);
      }
    }
  }

  /** How far back it looks. */
  get spanMs(): number {
    return this.widthMs * this.kept;
  }

  add(key: string, count: number, at: number): void {
    this.put(this.numberOf(at), key, count);
  }

  /** Whether it is not too old. */
  keeps(at: number, now: number): boolean {
    return this.numberOf(at) > this.numberOf(now) - this.kept;
  }

  /** Drops what is too old. */
  expire(now: number): void {
    const oldest = this.numberOf(now) - this.kept + 1;
    for (const [bucket, counts] of this.buckets) {
      if (bucket >= oldest) continue;
      for (const [key, count] of counts) this.take(key, count);
      this.buckets.delete(bucket);
    }
  }

  total(key: string): number {
    return this.totals.get(key) ?? 0;
  }

  /** Counts by key in the buckets that a window ends in or overlaps. */
  since(at: number): Map<string, number> {
    const first = this.numberOf(at);
    const sum = new Map<string, number>();
    for (const [bucket, counts] of this.buckets) {
      if (bucket < first) continue;
      for (const [key, count] of counts) sum.set(key, (sum.get(key) ?? 0) + count);
    }
    return sum;
  }

  /** When the first bucket of that window begins. */
  startOf(at: number): number {
    return this.numberOf(at) * this.widthMs;
  }

  /** Counts of all keys by the start of their bucket. */
  series(): Map<number, number> {
    const sums = [...this.buckets].map(([bucket, counts]): [number, number] => [
      bucket * this.widthMs,
      [...counts.values()].reduce((sum, count) => sum + count, 0),
    ]);
    return new Map(sums);
  }

  /** What was counted for one key is of the other from now on. */
  merge(from: string, to: string): void {
    for (const [bucket, counts] of this.buckets) {
      const count = counts.get(from);
      if (count === undefined) continue;
      counts.delete(from);
      this.take(from, count);
      this.put(bucket, to, count);
    }
  }

  /** @param places of the keys in the list of keys: their names would be most of the JSON */
  json(places: ReadonlyMap<string, number>): BucketsJson {
    return [...this.buckets].map(([bucket, counts]) => [
      bucket,
      [...counts].flatMap(([key, count]) => {
        const place = places.get(key);
        return place === undefined ? [] : [place, count];
      }),
    ]);
  }

  private put(bucket: number, key: string, count: number): void {
    let counts = this.buckets.get(bucket);
    if (counts === undefined) {
      counts = new Map();
      this.buckets.set(bucket, counts);
    }
    counts.set(key, (counts.get(key) ?? 0) + count);
    this.totals.set(key, (this.totals.get(key) ?? 0) + count);
  }

  private take(key: string, count: number): void {
    const left = this.total(key) - count;
    if (left > 0) this.totals.set(key, left);
    else this.totals.delete(key);
  }

  private numberOf(at: number): number {
    return Math.floor(at / this.widthMs);
  }
}
