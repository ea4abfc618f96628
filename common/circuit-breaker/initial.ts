import { HEALTHY } from './health.js';
import type { BreakerState } from './state.js';
import { CircuitBreakerState } from './state-name.js';

/** Closed, epoch 0, nothing counted. */
export function initialState(now: number): BreakerState {
  return { status: CircuitBreakerState.CLOSED, epoch: 0, since: now, health: HEALTHY };
}

/** Failures in a row while calls are counted; what it opened with while open; 0 otherwise. */
export function failureCount(state: BreakerState): number {
  if ('health' in state) return state.health.failuresInARow;
  return state.status === CircuitBreakerState.OPEN ? (state.reason.failures ?? 0) : 0;
}
