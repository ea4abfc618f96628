import type { ErrorCategory } from '../errors/category.js';
import { ErrorTimes } from './error-times.js';

/** Settings of error analytics. */
export interface ErrorAnalyticsOptions {
  /** Errors whose details are kept, the last ones; counts and rates are of all. @default 1000 */
  readonly maxErrors?: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** A category and how often it occurred. */
export interface TopError {
  /** Category of the errors. */
  readonly category: ErrorCategory;
  /** Errors of the category so far. */
  readonly count: number;
}

/** What error analytics knows at one moment. */
export interface ErrorSummary {
  /** All errors so far, also those whose details are no longer kept. */
  readonly totalErrors: number;
  /** Errors so far by category; categories without an error are absent. */
  readonly errorCountsByCategory: Readonly<Partial<Record<ErrorCategory, number>>>;
  /** Errors per minute over the last 5 minutes. */
  readonly recentErrorRate: number;
  /** Up to 5 categories, the one with most errors first. */
  readonly topErrors: readonly TopError[];
}

/** One error of the last ones, whose details are kept. */
export interface RecordedError {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Category of the error. */
  readonly category: ErrorCategory;
  /** Message of the error. */
  readonly message: string;
  /** HTTP status, or its equivalent in another protocol; absent where there was none. */
  readonly statusCode?: number;
  /** Operation that failed: `operationId` of the error, where it has one. */
  readonly operationId?: string;
}

type AnyError = {
  readonly errorCategory: ErrorCategory;
  readonly message: string;
  readonly statusCode?: number;
  readonly operationId?: string;
};

const RECENT_MINUTES = 5;
const TOP = 5;
const MINUTE_MS = 60_000;

/** Counts errors. A record costs the same however many there were, and memory is bounded. */
export class ErrorAnalyticsBase {
  /** Number of the last errors whose details are kept. */
  readonly maxErrors: number;
  private readonly clock: () => number;
  /** A ring: `next` is where the next one goes, and the oldest is once it is full. */
  private readonly ring: RecordedError[] = [];
  private next = 0;
  private total = 0;
  /** In the order in which categories were first seen. */
  private readonly counts = new Map<ErrorCategory, number>();
  private readonly times = new Map<ErrorCategory, ErrorTimes>();

  /** @throws RangeError for a `maxErrors` that is no whole number from 1 */
  constructor({ maxErrors = 1_000, clock }: ErrorAnalyticsOptions) {
    if (!Number.isSafeInteger(maxErrors) || maxErrors < 1) {
      throw new RangeError(`maxErrors: expected a whole number from 1, got ${String(maxErrors)}`);
    }
    this.maxErrors = maxErrors;
    this.clock = clock;
  }

  /** The last errors, oldest first; at most `maxErrors`. */
  get errors(): RecordedError[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }

  /** Counts an error and keeps its details; beyond `maxErrors`, those of the oldest error are dropped. */
  recordError({ errorCategory: category, message, statusCode, operationId }: AnyError): void {
    const at = this.clock();
    this.ring[this.next] = { at, category, message, statusCode, operationId };
    this.next = (this.next + 1) % this.maxErrors;
    this.total++;
    this.counts.set(category, (this.counts.get(category) ?? 0) + 1);
    const times = this.times.get(category) ?? new ErrorTimes();
    this.times.set(category, times);
    times.add(at);
  }

  /**
   * Errors per minute over the last `minutes`; of all categories, unless one is given. All errors of that time count,
   * whatever `maxErrors` is. An error that is exactly `minutes` old does not count.
   */
  getErrorRate(category?: ErrorCategory, minutes: number = RECENT_MINUTES): number {
    if (!(minutes > 0)) return 0;
    const since = this.clock() - minutes * MINUTE_MS;
    const counted = category === undefined ? [...this.times.values()] : [this.times.get(category)];
    return counted.reduce((sum, times) => sum + (times?.countAfter(since) ?? 0), 0) / minutes;
  }

  /** Categories with most errors first; of equal ones, the first seen. */
  getTopErrors(limit = TOP): TopError[] {
    return [...this.counts]
      .map(([category, count]) => ({ category, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, Math.max(0, limit));
  }

  /** A snapshot: what is recorded later does not change it. */
  getSummary(): ErrorSummary {
    return {
      totalErrors: this.total,
      errorCountsByCategory: Object.fromEntries(this.counts),
      recentErrorRate: this.getErrorRate(),
      topErrors: this.getTopErrors(),
    };
  }
}
