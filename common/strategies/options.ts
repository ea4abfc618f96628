import type { ErrorCategory, ErrorJson } from '../errors/index.js';
import type { Duration } from '../text/duration.js';
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

/** Another activity that answers. Its arguments are those of the failed activity, then the error. */
export interface FallbackActivity {
  /** Activity type. */
  activity: string;
  /** @default the task queue of the failed call */
  taskQueue?: string;
  /** @default the one of the failed call */
  startToCloseTimeout?: Duration;
}

/** A fixed answer. */
export interface FallbackValue<T = unknown> {
  /** What the call resolves to. */
  value: T;
}

/** Recovery options for some errors. */
export interface CategoryOptions<Fallback = FallbackActivity | FallbackValue, SkipValue = unknown>
  extends RetryLimitsOptions {
  /**
   * What is tried, in this order.
   * @default EXPONENTIAL_BACKOFF; FAIL_FAST for AUTH, VALIDATION, CLIENT, MAPPING, PLUGIN
   */
  strategies?: Strategies;
  /**
   * What happens when the strategies are used up. `fallback` and `skip` are understood where a fallback or a skip
   * value is given.
   * @default 'deadLetter'
   */
  onExhausted?: OnExhausted;
  /**
   * How long a call waits for its service after its attempts are used up, while nothing else behind its circuit breaker
   * succeeds: a duration, 0 for not at all, or `false` for ever. It stays a pending activity meanwhile, and is tried now
   * and then. Schedule-to-close, cancellation and a `maximumAttempts` of the call end it as ever.
   * @default '1 day' for errors that speak of the service (NETWORK, RATE_LIMIT, status 401, 502, 503, 504), '15 minutes'
   *   for those that may be the record's own (TIMEOUT, UNKNOWN, other SERVER errors), 0 for all others; 0 also where
   *   `onExhausted` is not `deadLetter`, and where strategies without a retry are set
   */
  patience?: Duration | false;
  /**
   * Whether the dead letter of a call that ended while its circuit breaker was open replays by itself when the breaker
   * closes. Only for activities that are idempotent, in workflows that do not compensate: the workflow has its failure
   * by then.
   * @default false
   */
  autoRelease?: boolean;
  /**
   * Workers in a row that may be lost (killed, crashed, restarted) with an attempt of a call that made no progress, as
   * its heartbeat details show. Then it becomes a dead letter: a record can kill its worker. At least 1.
   * @default 5
   */
  maxWorkerLosses?: number;
  /**
   * How long a parked call waits for the outcome of its letter. Then the workflow gets the failure; the letter stays.
   * @default without an end
   */
  parkTimeout?: Duration;
  /** What answers in place of the call when its strategies are used up. @default none */
  fallback?: Fallback;
  /** What a skipped call resolves to. @default undefined */
  skipValue?: SkipValue;
}

/** Recovery options for all errors, and for errors of single categories. */
export interface RecoveryOptions<Fallback = FallbackActivity | FallbackValue, SkipValue = unknown>
  extends CategoryOptions<Fallback, SkipValue> {
  /** Settings by category of error; they win over those beside this field. @default none */
  categories?: Partial<Record<ErrorCategory, Strategies | CategoryOptions<Fallback, SkipValue>>>;
}

/** The error a fallback is given. */
export type FallbackError = ErrorJson;
