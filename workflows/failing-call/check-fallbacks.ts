import { workflowInfo } from '@temporalio/workflow';
import { OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
import { fallbackActivities } from '../../common/strategies/rules.js';
import { activitiesOfWorker } from '../sdk/private-state.js';
import { type RecoverableInput, taskQueueOf } from './recoverable-input.js';
import { recoveryOf } from './recovery-of-call.js';

/**
 * Refuses a call whose fallback is an activity its worker does not have: the workflow task fails, and goes on with a
 * worker that has it. Nothing can be said of other task queues, and of workers without activities.
 * @throws Error before the call is scheduled
 */
export function checkFallbackActivities({ options, activityType }: RecoverableInput): void {
  const rules = recoveryOf(options)?.header.rules;
  if (rules === undefined) return;
  const info = workflowInfo();
  const names = activitiesOfWorker();
  if (info.unsafe.isReplaying || names.has('default')) return;
  if (![...names].some((name) => !name.startsWith(OWN_ACTIVITY_PREFIX))) return;
  for (const { path, activity, taskQueue = taskQueueOf(options) } of fallbackActivities(rules, 'recovery')) {
    if (taskQueue !== info.taskQueue || names.has(activity)) continue;
    throw new Error(
      `${activityType}: ${path}.activity: no activity "${activity}" on task queue "${taskQueue}"; register it, or give the taskQueue of a worker that has it`,
    );
  }
}
