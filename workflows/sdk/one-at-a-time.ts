import { patched } from '@temporalio/workflow';
import { perWorkflow } from './private-state.js';

/** Patch: before it several local activities of ours ran at the same time. */
const ONE_AT_A_TIME = 'temporal-recovery/one-at-a-time';

const stateOf = perWorkflow(() => ({ running: 0, queue: [] as (() => void)[], isAlways: false }));

/**
 * Runs a local activity of ours when no other one runs. Of two that run at the same time the SDK delivers the results in
 * two activations, and in a replay in one. What follows on the first result then mixes with what follows on the second: the
 * commands come in another order, and the workflow does not replay.
 *
 * Adds no promise between a local activity that need not wait and who awaits it.
 */
export function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const state = stateOf();
  if (!mustWait()) {
    state.running++;
    return released(work);
  }
  return new Promise<void>((go) => state.queue.push(go)).then(() => released(work));
}

function mustWait(): boolean {
  const { running, queue } = stateOf();
  const isFree = running === 0 && queue.length === 0;
  return !isFree && runsOneAtATime();
}

/** False in histories that were begun before that. */
export function runsOneAtATime(): boolean {
  return stateOf().isAlways || patched(ONE_AT_A_TIME);
}

/** Where another patch says so: this one is not asked any more. */
export function alwaysOneAtATime(): void {
  stateOf().isAlways = true;
}

function released<T>(work: () => Promise<T>): Promise<T> {
  try {
    const result = work();
    result.then(release, release);
    return result;
  } catch (error) {
    release();
    throw error;
  }
}

/** The next one runs when all that began before the patch have ended. */
function release(): void {
  const state = stateOf();
  state.running--;
  if (state.running > 0 || state.queue.length === 0) return;
  state.running++;
  state.queue.shift()?.();
}
