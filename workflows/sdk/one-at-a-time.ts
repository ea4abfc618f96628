import { patched } from '@temporalio/workflow';

/** Patch: before it several local activities of ours ran at the same time. */
const ONE_AT_A_TIME = 'temporal-recovery/one-at-a-time';

let running = 0;
const queue: (() => void)[] = [];

/**
 * Runs a local activity of ours when no other one runs. Of two that run at the same time the SDK delivers the results in
 * two activations, and in a replay in one. What follows on the first result then mixes with what follows on the second: the
 * commands come in another order, and the workflow does not replay.
 *
 * Adds no promise between a local activity that need not wait and who awaits it.
 */
export function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  if (!mustWait()) {
    running++;
    return released(work);
  }
  return new Promise<void>((go) => queue.push(go)).then(() => released(work));
}

function mustWait(): boolean {
  const isFree = running === 0 && queue.length === 0;
  return !isFree && runsOneAtATime();
}

/** False in histories that were begun before that. */
export function runsOneAtATime(): boolean {
  return patched(ONE_AT_A_TIME);
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
  running--;
  if (running > 0 || queue.length === 0) return;
  running++;
  queue.shift()?.();
}
