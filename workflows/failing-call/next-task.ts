import { CancellationScope, sleep, workflowInfo } from '@temporalio/workflow';

/** The user's own local activities: those that have not ended, and the workflow task in which the last one began. */
let running = 0;
let lastTask = -1;

/** Counts a local activity of the user's. Adds no promise between it and who awaits it. */
export function countLocalActivity<T>(result: Promise<T>): Promise<T> {
  running++;
  lastTask = workflowInfo().historyLength;
  const done = () => {
    running--;
  };
  result.then(done, done);
  return result;
}

/** The timer between two workflow tasks. A call that is cancelled does not end the waits of others. */
export const nextTask = (): Promise<void> => CancellationScope.nonCancellable(() => sleep(1));

/**
 * Called when a local activity of ours has its result, as soon as a user's code would go on after one of its own. The results
 * of local activities of one workflow task come one by one, and in a replay at once. What needs more promises than others
 * until it gives a command would then come in another order.
 * @returns what to wait for, if local activities of the user's ran in this workflow task
 */
export function afterOthers(): Promise<void> | undefined {
  const areAround = running > 0 || lastTask === workflowInfo().historyLength;
  return areAround ? nextTask() : undefined;
}
