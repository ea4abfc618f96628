import type { BreakerSnapshot } from './messages.js';
import type { Transition, TransitionReason } from './state.js';
import { CircuitBreakerState } from './state-name.js';

const KEPT_TRANSITIONS = 20;

const { CLOSED, HALF_OPEN, OPEN } = CircuitBreakerState;

/** The newest transitions. An outage has a failed trial every few seconds: of these the oldest are dropped first. */
export function keepTransitions(all: readonly Transition[]): readonly Transition[] {
  let excess = all.length - KEPT_TRANSITIONS;
  const current = all.at(-1);
  return all
    .filter((transition) => {
      if (excess <= 0 || transition === current || !isOfTrial(transition)) return true;
      excess--;
      return false;
    })
    .slice(-KEPT_TRANSITIONS);
}

/** The transition that ended the last time in which calls passed; undefined while they pass, and where it is not known. */
export function outageBegan(transitions: readonly Transition[]): Transition | undefined {
  const at = transitions.findLastIndex(({ from, to }) => from === CLOSED && to === OPEN);
  return transitions.slice(at + 1).some(({ to }) => to !== OPEN && to !== HALF_OPEN)
    ? undefined
    : transitions[at];
}

/** When a breaker stopped being closed, where its state has changed since then. */
export function notClosedSince({
  transitions,
  since,
}: Pick<BreakerSnapshot, 'transitions' | 'since'>): Transition | undefined {
  const began = outageBegan(transitions);
  return began?.at === Date.parse(since) ? undefined : began;
}

/** Trials that failed one after the other. */
export interface FailedTrials {
  readonly failed: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Of the last one. */
  readonly reason: TransitionReason;
}

/** For people: rows of failed trials are one line. Oldest first. */
export function foldTrials(transitions: readonly Transition[]): readonly (Transition | FailedTrials)[] {
  const shown: (Transition | FailedTrials)[] = [];
  let row: Transition[] = [];
  const endRow = () => {
    const failed = row.filter(({ to }) => to === OPEN);
    const [first, last] = [failed[0], failed.at(-1)];
    if (failed.length < 2 || first === undefined || last === undefined) shown.push(...row);
    else {
      shown.push({ failed: failed.length, first: first.at, last: last.at, reason: last.reason });
      // The trial that is under way.
      if (row.at(-1) !== last) shown.push(...row.slice(-1));
    }
    row = [];
  };
  for (const transition of transitions) {
    if (isOfTrial(transition)) row.push(transition);
    else {
      endRow();
      shown.push(transition);
    }
  }
  endRow();
  return shown;
}

function isOfTrial({ from, to }: Transition): boolean {
  return (from === OPEN && to === HALF_OPEN) || (from === HALF_OPEN && to === OPEN);
}
