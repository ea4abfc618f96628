/** The states of a circuit breaker, named as in resilience4j. */
export const CircuitBreakerState = {
  /** Calls pass and are counted. */
  CLOSED: 'CLOSED',
  /** Calls are rejected until the open time is over. */
  OPEN: 'OPEN',
  /** A few calls pass as trials; their outcome closes or opens. */
  HALF_OPEN: 'HALF_OPEN',
  /** Calls are rejected until a person or the expiry ends it. */
  FORCED_OPEN: 'FORCED_OPEN',
  /** Calls pass, nothing is counted. */
  DISABLED: 'DISABLED',
  /** Calls pass and are counted, but it never opens. */
  METRICS_ONLY: 'METRICS_ONLY',
} as const;
/** A state of a circuit breaker: one of the values of the constant of the same name. */
export type CircuitBreakerState = (typeof CircuitBreakerState)[keyof typeof CircuitBreakerState];

/** What a breaker shows: its state, or that the quota of the service is used up while it is closed. */
export type BreakerStatus = CircuitBreakerState | 'THROTTLED';
export const BREAKER_STATUSES: readonly BreakerStatus[] = [
  ...Object.values(CircuitBreakerState),
  'THROTTLED',
];
