import type { BreakerState, Step, TransitionReason } from './state.js';

type Entered<S> = S extends unknown ? Omit<S, 'epoch' | 'since'> : never;

/** The states a transition can lead to, without what every transition sets. */
export type NextState = Entered<BreakerState>;

/** Goes over to `next` at `at`. Permits of before are void from now on. */
export function enter(state: BreakerState, next: NextState, at: number, reason: TransitionReason): Step {
  const epoch = state.epoch + 1;
  return {
    state: { ...next, epoch, since: at },
    transitions: [{ from: state.status, to: next.status, at, epoch, reason }],
  };
}

const NONE: Step['transitions'] = Object.freeze([]);

export function unchanged(state: BreakerState): Step {
  return { state, transitions: NONE };
}

/** `next` from the state of `step`, with the transitions of both. */
export function andThen(step: Step, next: (state: BreakerState) => Step): Step {
  const after = next(step.state);
  if (step.transitions.length === 0) return after;
  return { state: after.state, transitions: [...step.transitions, ...after.transitions] };
}
