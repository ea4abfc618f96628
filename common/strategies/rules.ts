import type { ErrorCategory } from '../errors/category.js';
import type { Jitter, OnExhausted, RecoveryStrategy } from './strategy.js';

/** How often and when to try again. Durations in milliseconds. */
export interface RetryLimits {
  /** Retries after the first attempt, of each strategy that retries. */
  readonly maxRetries?: number;
  /** Interval before the first retry. */
  readonly retryDelay?: number;
  /** Each interval is the one before, times this. EXPONENTIAL_BACKOFF only. */
  readonly backoffFactor?: number;
  /** No interval is longer. */
  readonly maxRetryDelay?: number;
  readonly jitter?: Jitter;
}

/** One strategy of a sequence, with limits of its own where it has any. */
export interface Step extends RetryLimits {
  readonly strategy: RecoveryStrategy;
}

/** Where an answer comes from that is not the activity's. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'activity';
      readonly activity: string;
      readonly taskQueue?: string;
      /** Milliseconds. */
      readonly startToCloseTimeout?: number;
    }
  /** Held by the workflow code that made the call, under this path: a function, or a value that need not travel. */
  | { readonly kind: 'call'; readonly at: string };

/** Rules for some errors. What is not set is left to less specific rules. */
export interface CategoryRules extends RetryLimits {
  readonly strategies?: readonly Step[];
  readonly onExhausted?: OnExhausted;
  /** Milliseconds a call waits for its service after its attempts are used up; false: without an end. */
  readonly patience?: number | false;
  /** The letter of a call that ended in an outage replays by itself when the circuit breaker closes. */
  readonly autoRelease?: boolean;
  /** Workers in a row that may be lost with an attempt that made no progress. */
  readonly maxWorkerLosses?: number;
  /** Milliseconds a parked call waits for its letter; without an end, if not set. */
  readonly parkTimeout?: number;
  readonly fallback?: Answer;
  readonly skipValue?: Answer;
}

/** Rules as they are used: read, checked, and plain JSON. */
export interface RecoveryRules extends CategoryRules {
  readonly categories?: Readonly<Partial<Record<ErrorCategory, CategoryRules>>>;
}

/** The activities that answer for failed calls by these rules, with the path of each in the options. */
export function fallbackActivities(
  rules: RecoveryRules,
  path = '',
): { readonly path: string; readonly activity: string; readonly taskQueue?: string }[] {
  const at = path === '' ? '' : `${path}.`;
  const special = Object.entries(rules.categories ?? {}).map(
    ([category, each]) => [`${at}categories.${category}.fallback`, each] as const,
  );
  return [[`${at}fallback`, rules] as const, ...special].flatMap(([where, { fallback }]) =>
    fallback?.kind === 'activity'
      ? [{ path: where, activity: fallback.activity, taskQueue: fallback.taskQueue }]
      : [],
  );
}
