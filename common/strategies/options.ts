import type { Duration } from '../duration.js';
import type { ErrorCategory, ErrorJson } from '../errors/index.js';
import type { Jitter, OnExhausted, RecoveryStrategy } from './strategy.js';

/** How often and when to try again. Durations are milliseconds or strings such as `'5 minutes'`. */
export interface RetryLimitsOptions {
  /** Retries after the first attempt, of each strategy that retries. @default 10 */
  maxRetries?: number;
  /** Interval before the first retry. @default '1s' */
  retryDelay?: Duration;
  /** What each interval of EXPONENTIAL_BACKOFF is multiplied by; at least 1. @default 2 */
  backoffFactor?: number;
  /** No interval is longer. @default '100s' */
  maxRetryDelay?: Duration;
  /** How intervals are spread. @default 'none' */
  jitter?: Jitter;
}

/** A strategy, or one with limits of its own. */
export type Strategy = RecoveryStrategy | (RetryLimitsOptions & { strategy: RecoveryStrategy });

/** One strategy or several in sequence: their retries add up. */
export type Strategies = Strategy | readonly Strategy[];

/** Another activity that answers. It gets the arguments of the failed one and, as its last argument, the error. */
export interface FallbackActivity {
  /** Activity type. */
  activity: string;
  /** @default the task queue of the failed call */
  taskQueue?: string;
  /** @default the one of the failed call */
  startToCloseTimeout?: Duration;
}

/** An answer that is known beforehand. */
export interface FallbackValue<T = unknown> {
  value: T;
}

/** What is done about some errors. */
export interface CategoryOptions<Fallback = FallbackActivity | FallbackValue, SkipValue = unknown>
  extends RetryLimitsOptions {
  strategies?: Strategies;
  /**
   * What happens when the strategies are used up. `fallback` and `skip` are understood where a fallback or a skip
   * value is given.
   * @default 'deadLetter'
   */
  onExhausted?: OnExhausted;
  /**
   * How long a parked call waits for what comes of its letter. Then the workflow gets the failure; the letter stays.
   * @default without an end
   */
  parkTimeout?: Duration;
  fallback?: Fallback;
  /** What a skipped call resolves to. @default undefined */
  skipValue?: SkipValue;
}

/** What is done about errors, and about errors of a category in particular. */
export interface RecoveryOptions<Fallback = FallbackActivity | FallbackValue, SkipValue = unknown>
  extends CategoryOptions<Fallback, SkipValue> {
  categories?: Partial<Record<ErrorCategory, Strategies | CategoryOptions<Fallback, SkipValue>>>;
}

/** The error a fallback is given. */
export type FallbackError = ErrorJson;
