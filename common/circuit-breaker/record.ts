import { hash52 } from '../text/text.js';
import { probePrefix } from './admit.js';
import type { BreakerConfig } from './config.js';
import { HEALTHY, isSlow, recordCall, retryAfterOf } from './health.js';
import { openTimeOf } from './open-time.js';
import { type CallResult, sampleOf } from './result.js';
import type {
  BreakerState,
  ClosedState,
  HalfOpenState,
  Lease,
  OpenState,
  Step,
  TransitionReason,
} from './state.js';
import { CircuitBreakerState } from './state-name.js';
import { tick } from './tick.js';
import { andThen, enter, unchanged } from './transition.js';

/**
 * Takes the end of a call into account. A result of another epoch changes nothing, nor does a second result of the
 * same trial.
 * @param random from 0 to below 1, for the jitter of the open time
 */
export function record(
  state: BreakerState,
  config: BreakerConfig,
  call: CallResult,
  now: number,
  random: number,
): Step {
  return andThen(tick(state, config, now), (current) => {
    if (call.permit.epoch !== current.epoch) return unchanged(current);
    switch (current.status) {
      case CircuitBreakerState.CLOSED: {
        const { health, trip } = recordCall(current.health, config, call, now);
        if (health === current.health && trip === undefined) return unchanged(current);
        const next: ClosedState = { ...current, health };
        return trip === undefined ? unchanged(next) : open(next, config, trip, now, random);
      }
      case CircuitBreakerState.METRICS_ONLY: {
        const { health, trip } = recordCall(current.health, config, call, now);
        const next = { ...current, health };
        const first = trip !== undefined && current.wouldHaveOpened === undefined;
        return unchanged(first ? { ...next, wouldHaveOpened: { at: now, reason: trip } } : next);
      }
      case CircuitBreakerState.OPEN:
        return isProbe(call) ? endProbe(current, config, call, now) : unchanged(current);
      case CircuitBreakerState.HALF_OPEN: {
        if (isProbe(call)) return endProbe(current, config, call, now);
        const lease = current.leases.find(({ id }) => id === call.permit.trial);
        return lease === undefined ? unchanged(current) : endTrial(current, lease, config, call, now, random);
      }
      default:
        return unchanged(current);
    }
  });
}

/**
 * Opens a closed breaker for a reason found outside, such as workers that trip together (`reported`). In any other
 * state nothing happens.
 * @param retryAfterMs the longest a 429 or 503 asked for
 * @param random from 0 to below 1
 */
export function trip(
  state: BreakerState,
  config: BreakerConfig,
  reason: TransitionReason,
  now: number,
  random: number,
  retryAfterMs = 0,
): Step {
  return andThen(tick(state, config, now), (current) => {
    if (current.status !== CircuitBreakerState.CLOSED) return unchanged(current);
    const notBefore = now + Math.min(Math.max(retryAfterMs, 0), config.retryAfterCap);
    const health = {
      ...current.health,
      notBefore: Math.max(notBefore, current.health.notBefore ?? 0),
    };
    return open({ ...current, health }, config, reason, now, random);
  });
}

function open(
  state: ClosedState,
  config: BreakerConfig,
  reason: TransitionReason,
  now: number,
  random: number,
) {
  const openTime = openTimeOf(config.openTime, 0, random);
  // A clock that was set back must not make it longer than what may be asked for.
  const asked = Math.min((state.health.notBefore ?? 0) - now, config.retryAfterCap);
  return openFor(state, { failedHalfOpens: 0, openTime, asked, reason }, now);
}

/** A slow success does not close what slow calls may have opened. An ignored outcome gives the place back. */
function endTrial(
  state: HalfOpenState,
  lease: Lease,
  config: BreakerConfig,
  call: CallResult,
  now: number,
  random: number,
): Step {
  const leases = state.leases.filter((each) => each !== lease);
  if (call.outcome === 'ignored') return unchanged({ ...state, leases });
  if (call.outcome === 'failure' || isSlow(call, config)) {
    const failedHalfOpens = state.failedHalfOpens + 1;
    const openTime = openTimeOf(config.openTime, failedHalfOpens, random);
    const asked = retryAfterOf(call, config) ?? 0;
    const reason = { cause: 'trial-failed', successes: state.successes, ...sampleOf(call) } as const;
    const avoid = call.executionId === undefined ? lease.execution : hash52(call.executionId);
    return openFor(state, { failedHalfOpens, openTime, asked, reason, avoid }, now);
  }
  return afterTrials({ ...state, leases }, config, state.successes + 1, call, now);
}

function isProbe({ permit }: CallResult): boolean {
  return permit.trial?.startsWith(probePrefix(permit.epoch)) === true;
}

/** A success closes, or counts for the trials that follow; a failure changes nothing. */
function endProbe(
  state: OpenState | HalfOpenState,
  config: BreakerConfig,
  call: CallResult,
  now: number,
): Step {
  if (call.outcome !== 'success' || isSlow(call, config)) return unchanged(state);
  return afterTrials(state, config, state.status === 'OPEN' ? 1 : state.successes + 1, call, now);
}

/** A trial has succeeded that a worker made on its own. */
export function closeByTrial(
  state: OpenState,
  config: BreakerConfig,
  call: Pick<CallResult, 'stillRunning'>,
  now: number,
): Step {
  return afterTrials(state, config, 1, call, now);
}

/** @param successes of trials in a row, the last one included */
function afterTrials(
  state: HalfOpenState | OpenState,
  config: BreakerConfig,
  successes: number,
  { stillRunning }: Pick<CallResult, 'stillRunning'>,
  now: number,
): Step {
  const { successesToClose: threshold } = config.halfOpen;
  const early = stillRunning ? { stillRunning } : {};
  const reason: TransitionReason = { cause: 'trials-succeeded', successes, threshold, ...early };
  if (successes >= threshold) {
    return enter(state, { status: CircuitBreakerState.CLOSED, health: HEALTHY }, now, reason);
  }
  if (state.status === CircuitBreakerState.HALF_OPEN) return unchanged({ ...state, successes });
  const { until, since, failedHalfOpens } = state;
  const halfOpen = { status: CircuitBreakerState.HALF_OPEN, failedHalfOpens, openFor: until - since };
  return enter(state, { ...halfOpen, successes, granted: 0, leases: [] }, now, reason);
}

interface Opening {
  readonly failedHalfOpens: number;
  readonly openTime: number;
  /** What `Retry-After` asks for: a floor. */
  readonly asked: number;
  readonly reason: TransitionReason;
  readonly avoid?: string;
}

function openFor(state: BreakerState, opening: Opening, now: number): Step {
  const { failedHalfOpens, openTime, asked, reason, avoid } = opening;
  const openFor = Math.max(openTime, asked);
  const full: TransitionReason = { ...reason, openFor, ...(asked > 0 ? { retryAfter: asked } : {}) };
  const next = { status: CircuitBreakerState.OPEN, until: now + openFor, failedHalfOpens, reason: full };
  return enter(state, avoid === undefined ? next : { ...next, avoid }, now, full);
}
