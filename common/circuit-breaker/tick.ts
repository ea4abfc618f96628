import type { BreakerConfig } from './config.js';
import { HEALTHY } from './health.js';
import type { BreakerState, HalfOpenState, OpenState, Step } from './state.js';
import { CircuitBreakerState } from './state-name.js';
import { andThen, enter, unchanged } from './transition.js';

/**
 * What time alone does: the open time or an undecided half-open ends, an override expires. Each transition is dated
 * to when it was due, however late somebody looks.
 */
export function tick(state: BreakerState, config: BreakerConfig, now: number): Step {
  const current = rebased(state, now);
  const due = dueTransition(current, config, now);
  return due === undefined ? unchanged(current) : andThen(due, (next) => tick(next, config, now));
}

/** When time alone changes the state next; undefined if it never does. For timers. */
export function nextChangeAt(state: BreakerState, config: BreakerConfig): number | undefined {
  if (state.status === CircuitBreakerState.CLOSED) return undefined;
  return state.status === CircuitBreakerState.HALF_OPEN ? halfOpenEnds(state, config) : state.until;
}

function dueTransition(state: BreakerState, config: BreakerConfig, now: number): Step | undefined {
  const due = nextChangeAt(state, config);
  if (due === undefined || now < due) return undefined;
  // An expiry may be given that has passed already.
  const at = Math.max(due, state.since);
  switch (state.status) {
    case CircuitBreakerState.OPEN:
      return enter(state, halfOpenAfter(state), at, { cause: 'open-time-over' });
    case CircuitBreakerState.HALF_OPEN:
      return openAgain(state, at);
    case CircuitBreakerState.FORCED_OPEN:
      // Nothing was called meanwhile: a trial first.
      return enter(state, freshHalfOpen(config.openTime.initialInterval), at, { cause: 'override-expired' });
    default:
      return enter(state, { status: CircuitBreakerState.CLOSED, health: HEALTHY }, at, {
        cause: 'override-expired',
      });
  }
}

function halfOpenAfter({ failedHalfOpens, avoid, since, until }: OpenState) {
  const next = { ...freshHalfOpen(until - since), failedHalfOpens };
  return avoid === undefined ? next : { ...next, avoid };
}

function freshHalfOpen(openFor: number) {
  const status = CircuitBreakerState.HALF_OPEN;
  return { status, failedHalfOpens: 0, openFor, successes: 0, granted: 0, leases: [] };
}

/** Nobody knows how the service is: as long as before, not longer. */
function openAgain(state: HalfOpenState, at: number): Step {
  const { failedHalfOpens, openFor, successes, avoid } = state;
  const reason = { cause: 'half-open-time-over', successes, openFor } as const;
  const next = { status: CircuitBreakerState.OPEN, until: at + openFor, failedHalfOpens, reason };
  return enter(state, avoid === undefined ? next : { ...next, avoid }, at, reason);
}

/** Counted from the first trial: without calls a half-open breaker may wait for ever. */
function halfOpenEnds({ firstTrialAt }: HalfOpenState, { halfOpen }: BreakerConfig): number | undefined {
  if (halfOpen.maxHalfOpenTime === 0 || firstTrialAt === undefined) return undefined;
  return firstTrialAt + halfOpen.maxHalfOpenTime;
}

/**
 * Nothing was entered in the future: a clock before `since` was set back, and all times move with it. Without that,
 * a breaker would stay open for as long as the clock was set back.
 */
function rebased(state: BreakerState, now: number): BreakerState {
  const back = state.since - now;
  if (!(back > 0)) return state;
  if (state.status === CircuitBreakerState.CLOSED) return { ...state, since: now };
  if (state.status === CircuitBreakerState.HALF_OPEN) {
    const leases = state.leases.map((lease) => ({ ...lease, expiresAt: lease.expiresAt - back }));
    const moved = { ...state, since: now, leases };
    return state.firstTrialAt === undefined ? moved : { ...moved, firstTrialAt: state.firstTrialAt - back };
  }
  return state.until === undefined
    ? { ...state, since: now }
    : { ...state, since: now, until: state.until - back };
}
