import { CancellationScope, patched, sleep } from '@temporalio/workflow';
import { InFlight } from '../sdk/in-flight.js';
import { runsOneAtATime } from '../sdk/one-at-a-time.js';
import { perWorkflow } from '../sdk/private-state.js';
import { isTogether } from './together.js';

/** Patch: before it all failed calls of an activation were handled in that activation. */
const SPREAD = 'temporal-recovery/spread-failures';

/** A workflow task should be short. */
const AT_ONCE = 200;
/** Before 0.11.0. */
const EARLIER_AT_ONCE = 25;
/** Before several calls were decided together. They take some hundred milliseconds of a sandbox that allows five seconds. */
const ALONE_AT_ONCE = 100;

const stateOf = perWorkflow(() => ({
  inProgress: new InFlight(),
  isTimerSet: false,
  queue: [] as (() => void)[],
}));

/** Calls that wait for their decision, and local activities of ours that run. */
export const inProgress = (): InFlight => stateOf().inProgress;

/**
 * Does `work` at once while few calls wait for their decision. Thousands of calls may fail in one activation: the
 * others go on in later workflow tasks, so that no task takes long, and none longer than the sandbox allows. The
 * timer between them ends a task. What waits costs one promise, since the SDK keeps a stack of each: that is most of the time.
 */
export function spread<T>(work: () => Promise<T>): Promise<T> {
  if (!isFull() || !(isTogether() || patched(SPREAD))) return work();
  const state = stateOf();
  return new Promise((resolve, reject) => {
    state.queue.push(() => resolve(work()));
    // A call that is cancelled meanwhile must not end the waits of other calls.
    if (!state.isTimerSet) CancellationScope.nonCancellable(takeTurns).catch(reject);
  });
}

function isFull(): boolean {
  const { queue, inProgress } = stateOf();
  const { count } = inProgress;
  if (isTogether()) return queue.length > 0 || count >= AT_ONCE;
  return queue.length > 0 || count >= ALONE_AT_ONCE || (count >= EARLIER_AT_ONCE && runsOneAtATime());
}

function most(): number {
  if (isTogether()) return AT_ONCE;
  return runsOneAtATime() ? EARLIER_AT_ONCE : ALONE_AT_ONCE;
}

async function takeTurns(): Promise<void> {
  const state = stateOf();
  state.isTimerSet = true;
  try {
    while (state.queue.length > 0) {
      await sleep(1);
      for (const go of state.queue.splice(0, most())) go();
    }
  } finally {
    state.isTimerSet = false;
  }
}
