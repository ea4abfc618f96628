import { type BucketsJson, TimeBuckets } from './time-buckets.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Two hours by the minute. */
const MINUTES = 120;
/** A week by the hour. */
const HOURS = 168;

/** The longest window. */
export const MAX_WINDOW_MS = (HOURS - 1) * HOUR_MS;

/** What was counted, and its count in a window. */
export interface Counted<T> {
  readonly label: T;
  readonly count: number;
}

/** A window of counts. Windows begin at whole minutes, those above two hours at whole hours. */
export interface Window<T> {
  /** When it begins; milliseconds since the epoch. */
  readonly since: number;
  readonly counts: readonly Counted<T>[];
}

/** As it goes into the next run. */
export interface WindowedCountsJson<T> {
  readonly labels: readonly (readonly [key: string, label: T])[];
  readonly minutes: BucketsJson;
  readonly hours: BucketsJson;
}

export interface WindowedCountsOptions<T> {
  /** Labels with counts of their own. Those of others are counted together, by `restOf`. */
  readonly maxLabels: number;
  readonly keyOf: (label: T) => string;
  /** The label under which it is counted where there is no room. There must be few of these. */
  readonly restOf: (label: T) => T;
}

/**
 * How often what occurred, over the last minutes and hours, in bounded memory. Where there is no room for a new label, the one
 * that occurred least lately is counted with the rest from then on: the large ones stay, the sum is always exact.
 */
export class WindowedCounts<T> {
  private readonly labels: Map<string, T>;
  private readonly minutes: TimeBuckets;
  private readonly hours: TimeBuckets;
  private expiredIn: number | undefined;

  constructor(
    private readonly options: WindowedCountsOptions<T>,
    json?: WindowedCountsJson<T>,
  ) {
    this.labels = new Map(json?.labels);
    const keys = [...this.labels.keys()];
    this.minutes = new TimeBuckets(MINUTE_MS, MINUTES, json?.minutes, keys);
    this.hours = new TimeBuckets(HOUR_MS, HOURS, json?.hours, keys);
  }

  /** @param at not after `now` */
  add(label: T, count: number, at: number, now: number): void {
    this.expire(now);
    if (!this.hours.keeps(at, now)) return;
    const kept = this.roomFor(label);
    const key = this.options.keyOf(kept);
    this.labels.set(key, kept);
    if (this.minutes.keeps(at, now)) this.minutes.add(key, count, at);
    this.hours.add(key, count, at);
  }

  /** What occurred within these milliseconds, the most frequent first. */
  window(ms: number, now: number): Window<T> {
    const { minutes, hours } = this;
    const buckets = ms <= minutes.spanMs - MINUTE_MS ? minutes : hours;
    const from = now - Math.min(ms, MAX_WINDOW_MS);
    const counts = [...buckets.since(from)].flatMap(([key, count]) => {
      const label = this.labels.get(key);
      return label === undefined ? [] : [{ label, count }];
    });
    return { since: buckets.startOf(from), counts: counts.sort((a, b) => b.count - a.count) };
  }

  /** Counts of all labels by the start of their minute. */
  byMinute(): Map<number, number> {
    return this.minutes.series();
  }

  /** Counts of all labels by the start of their hour. */
  byHour(): Map<number, number> {
    return this.hours.series();
  }

  json(): WindowedCountsJson<T> {
    const places = new Map([...this.labels.keys()].map((key, place) => [key, place]));
    return {
      labels: [...this.labels],
      minutes: this.minutes.json(places),
      hours: this.hours.json(places),
    };
  }

  private roomFor(label: T): T {
    const key = this.options.keyOf(label);
    if (this.labels.has(key) || this.isRest(key, label)) return label;
    const rivals = [...this.labels].filter(([each, rival]) => !this.isRest(each, rival));
    if (rivals.length < this.options.maxLabels) return label;
    const [least] = rivals.sort(([a], [b]) => this.weight(a) - this.weight(b));
    if (least === undefined) return this.options.restOf(label);
    const [leastKey, leastLabel] = least;
    const rest = this.options.restOf(leastLabel);
    const restKey = this.options.keyOf(rest);
    this.labels.delete(leastKey);
    this.labels.set(restKey, rest);
    this.minutes.merge(leastKey, restKey);
    this.hours.merge(leastKey, restKey);
    return label;
  }

  /** The last two hours come first: what has stopped makes room. */
  private weight(key: string): number {
    return this.minutes.total(key) * 1_000_000 + Math.min(this.hours.total(key), 999_999);
  }

  private isRest(key: string, label: T): boolean {
    return this.options.keyOf(this.options.restOf(label)) === key;
  }

  /** Once a minute. */
  private expire(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.expiredIn) return;
    this.expiredIn = minute;
    this.minutes.expire(now);
    this.hours.expire(now);
    for (const key of this.labels.keys()) if (this.hours.total(key) === 0) this.labels.delete(key);
  }
}
