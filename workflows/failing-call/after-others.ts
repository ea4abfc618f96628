import { workflowInfo } from '@temporalio/workflow';
import { InFlight } from '../sdk/in-flight.js';
import { nextTask } from '../sdk/next-task.js';
import { perWorkflow } from '../sdk/private-state.js';
import { isTogether } from './together.js';

/** The user's own local activities: those that have not ended, and the workflow task in which the last one began or ended. */
const stateOf = perWorkflow(() => ({ running: new InFlight(), lastTask: -1 }));

/** Counts a local activity of the user's. */
export function countLocalActivity<T>(result: Promise<T>): Promise<T> {
  const state = stateOf();
  state.lastTask = workflowInfo().historyLength;
  const ended = () => {
    // One of several workflow tasks: in a replay it ends at the begin of its last one, while it still ran here.
    if (isTogether()) state.lastTask = workflowInfo().historyLength;
  };
  result.then(ended, ended);
  return state.running.track(result);
}

/**
 * Called when a local activity of ours has its result, as soon as a user's code would go on after one of its own. The results
 * of local activities of one workflow task come one by one, and in a replay at once. What needs more promises than others
 * until it gives a command would then come in another order.
 * @returns what to wait for, if local activities of the user's ran in this workflow task
 */
export function afterOthers(): Promise<void> | undefined {
  const { running, lastTask } = stateOf();
  const areAround = running.count > 0 || lastTask === workflowInfo().historyLength;
  return areAround ? nextTask() : undefined;
}
