import type { Client } from '@temporalio/client';
import type { AlertEvent, AlertReport } from '../../common/alerts/alert-event.js';
import { ALERT_SIGNAL, ERROR_ANALYTICS_WORKFLOW } from '../../common/contract.js';
import { type AnalyticsInput, analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/**
 * Hands events to the hooks of the fleet. Costs one signal, also where no hooks are configured: then the page of the entity
 * shows them.
 *
 * Workflow code can send the same signal to `analyticsWorkflowId(taskQueue)`: where hooks are configured, that workflow runs,
 * and where none are, the signal may fail.
 * @param taskQueue of the recovery worker
 */
export async function sendAlerts(
  client: Client,
  taskQueue: string,
  events: readonly AlertEvent[],
): Promise<void> {
  const report: AlertReport = { v: 1, events };
  await signalAnalytics(client, taskQueue, ALERT_SIGNAL, report);
}

/** Starts the workflow if it does not run. */
async function signalAnalytics(
  client: Client,
  taskQueue: string,
  signal: string,
  input: unknown,
): Promise<void> {
  const start: AnalyticsInput = { v: 1 };
  await recoveryDataClient(client).workflow.signalWithStart(ERROR_ANALYTICS_WORKFLOW, {
    workflowId: analyticsWorkflowId(taskQueue),
    taskQueue,
    args: [start] as [AnalyticsInput],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    signal,
    signalArgs: [input],
    staticSummary: 'Errors of the fleet',
    staticDetails:
      'The **errors of all workers** that share this recovery task queue: failed attempts by category, operation, host and cause.',
  });
}
