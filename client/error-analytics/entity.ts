import type { Client } from '@temporalio/client';
import type { AlertEvent, AlertReport } from '../../common/alerts/alert-event.js';
import type { AnnouncedHooks } from '../../common/alerts/messages.js';
import {
  ALERT_SIGNAL,
  ERROR_ANALYTICS_WORKFLOW,
  RECORD_SIGNAL,
  WATCH_SIGNAL,
} from '../../common/contract.js';
import type { AnalyticsInput } from '../../common/error-analytics/input.js';
import {
  type AnalyticsMemo,
  analyticsWorkflowId,
  type ErrorReport,
} from '../../common/error-analytics/messages.js';
import { isNotFound } from '../server/grpc-status.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** Reports errors that a worker has seen. @param taskQueue of the recovery worker */
export function reportErrors(client: Client, taskQueue: string, report: ErrorReport): Promise<void> {
  return signalAnalytics(client, taskQueue, RECORD_SIGNAL, report);
}

/**
 * Hands events to the hooks of the fleet. Costs one signal, also where no hooks are configured: then the page of the entity
 * shows them.
 *
 * Workflow code can send the same signal to `analyticsWorkflowId(taskQueue)`: where hooks are configured, that workflow runs,
 * and where none are, the signal may fail.
 * @param taskQueue of the recovery worker
 */
export function sendAlerts(client: Client, taskQueue: string, events: readonly AlertEvent[]): Promise<void> {
  const report: AlertReport = { v: 1, events };
  return signalAnalytics(client, taskQueue, ALERT_SIGNAL, report);
}

/** Says that a recovery worker of this task queue has hooks. */
export function announceHooks(client: Client, taskQueue: string, hooks: AnnouncedHooks): Promise<void> {
  return signalAnalytics(client, taskQueue, WATCH_SIGNAL, hooks);
}

/** What the workflow shows to workers; undefined where it does not run. */
export async function readAnalyticsMemo(
  client: Client,
  taskQueue: string,
): Promise<AnalyticsMemo | undefined> {
  try {
    const { memo, status } = await recoveryDataClient(client)
      .workflow.getHandle(analyticsWorkflowId(taskQueue))
      .describe();
    if (status.name !== 'RUNNING') return undefined;
    return (memo?.errorAnalytics ?? { v: 1, workers: 0 }) as AnalyticsMemo;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
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
