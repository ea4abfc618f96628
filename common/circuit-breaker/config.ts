import type { ErrorCategory } from '../errors/index.js';

/** Share of calls from which on a rate opens, once there are enough calls. */
export interface RateRule {
  /** Above 0, at most 1. @default 0.5 */
  readonly threshold: number;
  /** Calls in the window below which the rate says nothing. @default 10 */
  readonly minimumCalls: number;
}

/** Share of slow calls from which on a rate opens. */
export interface SlowCallRule extends RateRule {
  /** Calls that take at least this long are slow, whatever their outcome. Milliseconds, no default. */
  readonly slowCallDuration: number;
}

/** The last `size` calls. */
export interface CountWindow {
  /** Marks a window of a number of calls. */
  readonly type: 'count';
  /** @default 100 */
  readonly size: number;
}

/** The calls of the last `duration`, in `buckets` that expire one by one, idle or not. */
export interface TimeWindow {
  /** Marks a window of a time. */
  readonly type: 'time';
  /** Milliseconds. @default 60,000 */
  readonly duration: number;
  /** @default 10 */
  readonly buckets: number;
}

/** Also of breakers whose configuration was written before there was such a setting. */
export const TRIAL_INTERVAL_MS = 100;

/** How trials decide whether a breaker closes. */
export interface HalfOpenConfig {
  /** Trials in flight at the same time. @default 1 */
  readonly permittedTrials: number;
  /** Successful trials that close. @default 1 */
  readonly successesToClose: number;
  /** Milliseconds from the first trial after which an undecided half-open opens again; 0: no limit. @default 0 */
  readonly maxHalfOpenTime: number;
  /** Milliseconds after which a trial without an answer gives its place to another. @default 60,000 */
  readonly trialLease: number;
  /**
   * Milliseconds between two trials of calls that have not failed yet, while the breaker is open, times the workers that
   * report to it. 0: none. @default 100
   */
  readonly trialInterval: number;
}

/** Temporal's retry policy, for the time a breaker stays open. Fixed if the coefficient is 1. */
export interface OpenTime {
  /** Milliseconds. @default 60,000 */
  readonly initialInterval: number;
  /** Multiplies the open time with every failed half-open. @default 2 (1 where `openTime` is a number) */
  readonly backoffCoefficient: number;
  /** Milliseconds. @default 600,000, or `initialInterval` if that is more */
  readonly maximumInterval: number;
  /** `full`: anything from 0; `equal`: at least one half. @default 'none' */
  readonly jitter: Jitter;
}

export const JITTERS = ['none', 'full', 'equal'] as const;
/** How an open time is spread, so that breakers do not all try again at the same moment. */
export type Jitter = (typeof JITTERS)[number];

/** A category, or a category only when the status is this one: `AUTH:401`. */
export type CountedCategory = ErrorCategory | `${ErrorCategory}:${number}`;

/** The rules of a breaker, complete. All durations in milliseconds. */
export interface BreakerConfig {
  /** Executions that fail in a row and open; 0: off. @default 5 */
  readonly consecutiveFailures: number;
  /** @default false */
  readonly failureRate: RateRule | false;
  /** @default false */
  readonly slowCallRate: SlowCallRule | false;
  /** What the rates are computed over. @default the last 100 calls */
  readonly window: CountWindow | TimeWindow;
  /** How trials decide whether the breaker closes. */
  readonly halfOpen: HalfOpenConfig;
  /** How long the breaker stays open before it is half-open. */
  readonly openTime: OpenTime;
  /** The longest open time a `Retry-After` may ask for. @default 3,600,000 (1 h) */
  readonly retryAfterCap: number;
  /** Failures that count; all others are ignored. @default NETWORK, TIMEOUT, RATE_LIMIT, SERVER, UNKNOWN, AUTH:401 */
  readonly countedCategories: readonly CountedCategory[];
  /** Workers of the fleet that have to trip before it opens for all. @default 1 */
  readonly minimumReporters: number;
}

/** What a user may write: everything optional, a rule or rate may be `false`, `openTime` a fixed number. */
export interface BreakerConfigInput {
  /** Executions that fail in a row and open the breaker; 0 or `false`: off. @default 5 */
  readonly consecutiveFailures?: number | false;
  /**
   * Share of failed calls that opens; `threshold` 0.5 and `minimumCalls` 10, where not set.
   * @default false
   */
  readonly failureRate?: Partial<RateRule> | false;
  /**
   * Share of slow calls that opens; defaults as of `failureRate`, `slowCallDuration` has none.
   * @default false
   */
  readonly slowCallRate?: (Partial<RateRule> & Pick<SlowCallRule, 'slowCallDuration'>) | false;
  /**
   * What the rates are computed over: the last `size` calls, or those of the last `duration`.
   * @default the last 100 calls
   */
  readonly window?:
    | (Partial<CountWindow> & Pick<CountWindow, 'type'>)
    | (Partial<TimeWindow> & Pick<TimeWindow, 'type'>);
  /** How trials decide whether the breaker closes. @default one trial that succeeds closes */
  readonly halfOpen?: Partial<HalfOpenConfig>;
  /**
   * How long the breaker stays open: fixed milliseconds, or a backoff, by default of 60,000, doubled up to 600,000.
   * @default 60,000, fixed
   */
  readonly openTime?: number | Partial<OpenTime>;
  /** Milliseconds: the longest open time a `Retry-After` may ask for. @default 3,600,000 (1 h) */
  readonly retryAfterCap?: number;
  /**
   * Failures that count; all others are ignored.
   * @default NETWORK, TIMEOUT, RATE_LIMIT, SERVER, UNKNOWN, AUTH:401
   */
  readonly countedCategories?: readonly CountedCategory[];
  /** Workers of the fleet that have to trip before the breaker opens for all. @default 1 */
  readonly minimumReporters?: number;
}
