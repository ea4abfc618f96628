import { workflowInfo } from '@temporalio/workflow';
import { HANDLE_FAILURE_ACTIVITY } from '../../common/contract.js';
import { activitiesOfWorker, outboundInterceptors } from '../sdk/private-state.js';

/** On our interceptor. A symbol of all copies of this package, since a bundle may hold two. */
export const RECOVERS: unique symbol = Symbol.for('temporal-recovery.recovers') as never;

/**
 * Fails the workflow task where a call that says how it is recovered is made on a worker that cannot do so. The task is tried
 * again until a worker with the plugin takes it.
 * @throws Error
 */
export function mustBeRecovered(what: string): void {
  if (!outboundInterceptors().some((each) => RECOVERS in each)) {
    failTask(
      `${what}: the workflow bundle of this worker was made without RecoveryPlugin. Add plugins: [new RecoveryPlugin()] to ` +
        'Worker.create, and to bundleWorkflowCode where the bundle is made before',
    );
  }
  if (!workflowInfo().unsafe.isReplaying && !activitiesOfWorker().has(HANDLE_FAILURE_ACTIVITY)) {
    failTask(
      `${what}: this worker runs without RecoveryPlugin. Add plugins: [new RecoveryPlugin()] to Worker.create`,
    );
  }
}

/** A rejection that has no handler fails the task also where the workflow catches the error. */
function failTask(message: string): never {
  const error = new Error(message);
  void Promise.reject(error);
  throw error;
}
