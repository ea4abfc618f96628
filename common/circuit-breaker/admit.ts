import { hash52 } from '../text/text.js';
import { type BreakerConfig, TRIAL_INTERVAL_MS } from './config.js';
import type { Permit } from './result.js';
import type { BreakerState, HalfOpenState, Lease, OpenState, Step } from './state.js';
import { CircuitBreakerState } from './state-name.js';
import { tick } from './tick.js';

export interface CallRequest {
  readonly executionId?: string;
  /** How long a trial may take before its place goes to another, if less than `halfOpen.trialLease`; milliseconds. */
  readonly leaseMs?: number;
  /** No attempt of the execution has failed yet: it may be tried while the breaker is open. */
  readonly isFresh?: boolean;
  /** After each of these times, in milliseconds, one trial more may be in flight: trials that take long do not fail at once. */
  readonly moreTrialsEachMs?: number;
  /** It waits for no breaker any more: it is tried at once. */
  readonly mustPass?: boolean;
  /** Workers that try such calls, each on its own. @default 1 */
  readonly workers?: number;
}

export interface Rejection {
  readonly state: CircuitBreakerState;
  /** When it is worth asking again; undefined if that is unknown. */
  readonly until?: number;
}

export type Admission = Step &
  (
    | { readonly permit: Permit; readonly rejection?: undefined }
    | { readonly permit?: undefined; readonly rejection: Rejection }
  );

/** Answers that may still come for trials whose lease expired. */
const KEPT_EXPIRED_LEASES = 20;

/** Whether a call may be made now. */
export function admit(
  state: BreakerState,
  config: BreakerConfig,
  now: number,
  request: CallRequest = {},
): Admission {
  const step = tick(state, config, now);
  const current = step.state;
  switch (current.status) {
    case CircuitBreakerState.OPEN:
      return {
        ...step,
        ...(admitProbe(current, config, now, request) ?? {
          rejection: rejection(current.status, current.until),
        }),
      };
    case CircuitBreakerState.FORCED_OPEN:
      return { ...step, rejection: rejection(current.status, current.until) };
    case CircuitBreakerState.HALF_OPEN: {
      const trial = admitTrial(current, config, now, request);
      const probe = trial.permit === undefined ? admitProbe(current, config, now, request) : undefined;
      return { ...step, ...(probe ?? trial) };
    }
    default:
      // Written out, not spread: it is made for every call.
      return { state: current, transitions: step.transitions, permit: { epoch: current.epoch } };
  }
}

function admitTrial(state: HalfOpenState, config: BreakerConfig, now: number, request: CallRequest) {
  const { permittedTrials, trialLease } = config.halfOpen;
  const execution = request.executionId === undefined ? undefined : hash52(request.executionId);
  const othersFirst = state.since + graceOf(state, config);
  if (execution !== undefined && execution === state.avoid && now < othersFirst) {
    return { rejection: rejection(state.status, othersFirst) };
  }
  const inFlight = state.leases.filter(({ expiresAt }) => expiresAt > now);
  const { more, at } = moreTrials(state, request, now);
  if (inFlight.length >= permittedTrials + more) {
    const free = Math.min(at, ...inFlight.map(({ expiresAt }) => expiresAt));
    return { rejection: rejection(state.status, free) };
  }
  const granted = state.granted + 1;
  const id = `${state.epoch}.${granted}`;
  const expiresAt = now + Math.min(request.leaseMs ?? trialLease, trialLease);
  const lease: Lease = execution === undefined ? { id, expiresAt } : { id, expiresAt, execution };
  const { avoid: _, ...rest } = state;
  const next: HalfOpenState = {
    ...rest,
    granted,
    firstTrialAt: state.firstTrialAt ?? now,
    leases: [...state.leases, lease].slice(-(permittedTrials + more + KEPT_EXPIRED_LEASES)),
  };
  return { state: next, permit: { epoch: state.epoch, trial: id } };
}

/** Trials beside those that are permitted, and when there may be one more. */
function moreTrials({ firstTrialAt }: HalfOpenState, { moreTrialsEachMs: each }: CallRequest, now: number) {
  if (each === undefined || firstTrialAt === undefined) return { more: 0, at: Number.POSITIVE_INFINITY };
  const more = Math.max(0, Math.floor((now - firstTrialAt) / each));
  return { more, at: firstTrialAt + (more + 1) * each };
}

/**
 * Tries a call that has not failed yet, or must pass, while the breaker is open or half-open. As many at a time as come, one per interval:
 * those that hang must not hold up the others.
 */
export function admitProbe(
  state: OpenState | HalfOpenState,
  config: BreakerConfig,
  now: number,
  request: CallRequest,
): { readonly state: BreakerState; readonly permit: Permit } | undefined {
  const interval = (config.halfOpen.trialInterval ?? TRIAL_INTERVAL_MS) * Math.max(1, request.workers ?? 1);
  const { granted = 0, nextAt = state.since + interval } = state.probes ?? {};
  const isDue = request.isFresh && interval > 0 && now >= nextAt;
  if (!isDue && !request.mustPass) return undefined;
  const permit = { epoch: state.epoch, trial: `${probePrefix(state.epoch)}${granted + 1}` };
  const next = isDue ? now + interval : nextAt;
  return { state: { ...state, probes: { granted: granted + 1, nextAt: next } }, permit };
}

/** How the ids of such trials begin. */
export function probePrefix(epoch: number): string {
  return `${epoch}.probe.`;
}

/** How long others have the first go. Not for ever: there may be no others. */
function graceOf({ openFor }: HalfOpenState, { halfOpen }: BreakerConfig): number {
  return Math.min(halfOpen.trialLease, openFor / 4);
}

export function rejection(state: CircuitBreakerState, until: number | undefined): Rejection {
  return until === undefined ? { state } : { state, until };
}
