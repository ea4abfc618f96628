/** What can be done about a failed call. Names as in APILinker. */
export const RecoveryStrategy = {
  /** Try again after a fixed interval. */
  RETRY: 'RETRY',
  /** Try again after an interval that grows. */
  EXPONENTIAL_BACKOFF: 'EXPONENTIAL_BACKOFF',
  /** The circuit breaker counts failures of the category, also of one it would leave aside otherwise. */
  CIRCUIT_BREAKER: 'CIRCUIT_BREAKER',
  /** Answer in another way, after all retries, at any place in the sequence. */
  FALLBACK: 'FALLBACK',
  /** Go on without a result. Strategies behind it are not reached. */
  SKIP: 'SKIP',
  /** Do not try again. Strategies behind it are not reached. */
  FAIL_FAST: 'FAIL_FAST',
} as const;
/** A strategy: one of the values of the constant of the same name. */
export type RecoveryStrategy = (typeof RecoveryStrategy)[keyof typeof RecoveryStrategy];

/**
 * How an interval is spread, so that many callers do not come back at the same moment.
 *
 * | jitter | wait |
 * | ------ | ---- |
 * | `none` | the interval |
 * | `equal`| between half of the interval and all of it |
 * | `full` | between nothing and the interval |
 */
export const Jitter = { none: 'none', equal: 'equal', full: 'full' } as const;
/** A way to spread intervals: one of the keys of the constant of the same name. */
export type Jitter = keyof typeof Jitter;

/** What happens to a call whose strategies are used up. */
export const OnExhausted = {
  /** It becomes a dead letter, and the workflow gets the failure. */
  deadLetter: 'deadLetter',
  /** It becomes a dead letter, and the workflow waits for its outcome. */
  park: 'park',
  /** The fallback answers. */
  fallback: 'fallback',
  /** It resolves to the skip value. */
  skip: 'skip',
  /** The workflow gets the failure, and nothing is kept. */
  fail: 'fail',
} as const;
/** What happens in the end: one of the keys of the constant of the same name. */
export type OnExhausted = keyof typeof OnExhausted;
