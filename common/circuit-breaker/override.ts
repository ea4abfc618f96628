import { beginning } from '../text/text.js';
import { HEALTHY } from './health.js';
import type { BreakerState, Step, TransitionReason } from './state.js';
import { CircuitBreakerState } from './state-name.js';
import { enter } from './transition.js';

const MAX_TEXT = 500;

/** Who does it, why, and for how long. Texts are cut to 500 characters. */
export interface Order {
  readonly by?: string;
  readonly why?: string;
  /** When it ends by itself; undefined: when somebody resets it. */
  readonly expiresAt?: number;
}

/** Rejects every call. After its expiry it is half-open: the state of the service is unknown. */
export function forceOpen(state: BreakerState, order: Order, now: number): Step {
  return enter(state, { status: CircuitBreakerState.FORCED_OPEN, ...kept(order) }, now, forced(order));
}

/** Lets every call pass and counts, but never opens (METRICS_ONLY). After its expiry it is closed. */
export function forceClosed(state: BreakerState, order: Order, now: number): Step {
  const next = { status: CircuitBreakerState.METRICS_ONLY, health: HEALTHY, ...kept(order) };
  return enter(state, next, now, forced(order));
}

/** Lets every call pass and counts nothing. After its expiry it is closed. */
export function disable(state: BreakerState, order: Order, now: number): Step {
  return enter(state, { status: CircuitBreakerState.DISABLED, ...kept(order) }, now, forced(order));
}

/** Closed, with nothing counted; ends every override. */
export function reset(state: BreakerState, order: Pick<Order, 'by' | 'why'>, now: number): Step {
  const { until: _, ...who } = kept(order);
  return enter(state, { status: CircuitBreakerState.CLOSED, health: HEALTHY }, now, {
    cause: 'reset',
    ...who,
  });
}

function forced(order: Order): TransitionReason {
  const { until, ...who } = kept(order);
  return { cause: 'forced', ...who, ...(until === undefined ? {} : { expiresAt: until }) };
}

function kept({ by, why, expiresAt }: Order): { by?: string; why?: string; until?: number } {
  return {
    ...(by === undefined ? {} : { by: beginning(by, MAX_TEXT) }),
    ...(why === undefined ? {} : { why: beginning(why, MAX_TEXT) }),
    ...(expiresAt === undefined ? {} : { until: expiresAt }),
  };
}
