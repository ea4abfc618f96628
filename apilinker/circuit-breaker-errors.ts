import type { Rejection } from '../common/circuit-breaker/admit.js';
import { CircuitBreakerState } from '../common/circuit-breaker/state-name.js';
import { CIRCUIT_OPEN } from '../common/contract.js';
import { ApiLinkerError, ErrorCategory } from '../common/errors/index.js';
import { getString } from '../common/errors/safe.js';

/** What a caller gets instead of a call. */
export function rejectionError(name: string, { state }: Rejection): ApiLinkerError {
  return new ApiLinkerError(`Circuit breaker '${name}' ${WORDS[state] ?? 'is open'}`, {
    errorCategory: ErrorCategory.SERVER,
    errorType: CIRCUIT_OPEN,
    additionalContext: { circuitBreaker: name },
  });
}

const WORDS: Partial<Record<CircuitBreakerState, string>> = {
  [CircuitBreakerState.OPEN]: 'is open',
  [CircuitBreakerState.HALF_OPEN]: 'is half-open and call limit reached',
  [CircuitBreakerState.FORCED_OPEN]: 'is forced open',
};

/** The classified error with the breaker's name in its context, and the original as its cause. */
export function describeFailure(name: string, error: unknown): ApiLinkerError {
  const { additionalContext } = ApiLinkerError.fromException(error);
  const failure = ApiLinkerError.fromException(error, {
    additionalContext: { ...additionalContext, circuitBreaker: name },
  });
  return Object.defineProperty(failure, 'cause', { value: error, configurable: true, writable: true });
}

/** Temporal's ways to leave an activity that are no failures. */
const LEAVING = ['CancelledFailure', 'CompleteAsyncError'];

/** Whether the caller gave up, which says nothing about the service. A time-out of the caller's does. */
export function isAbandoned(error: unknown, signal: AbortSignal | undefined): boolean {
  const name = nameOf(error);
  if (LEAVING.includes(name)) return true;
  if (signal?.aborted !== true || nameOf(signal.reason) === 'TimeoutError') return false;
  return error === signal.reason || name === 'AbortError';
}

// By name: errors come from other copies of a package, and from other realms.
function nameOf(error: unknown): string {
  return getString(error, 'name') ?? '';
}
