import { getExternalWorkflowHandle, isCancellation, log, sleep, workflowInfo } from '@temporalio/workflow';
import type { AlertEvent, AlertReport } from '../../common/alerts/alert-event.js';
import { ALERT_SIGNAL } from '../../common/contract.js';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';

/** The workflow that takes alerts starts with the first errors of a fleet, as a group does. */
const WAITS = ['5s', '1 minute'] as const;

/** Hands an event to the hooks of the fleet. Never rejects: where there are no hooks, no workflow may take it. */
export async function sendAlert(event: AlertEvent): Promise<void> {
  const report: AlertReport = { v: 1, events: [event] };
  const desk = getExternalWorkflowHandle(analyticsWorkflowId(workflowInfo().taskQueue));
  for (const wait of [...WAITS, undefined]) {
    try {
      await desk.signal(ALERT_SIGNAL, report);
      return;
    } catch (error) {
      if (wait === undefined || isCancellation(error)) {
        log.info('temporal-recovery: an alert was not taken: no hooks are configured', { error });
        return;
      }
    }
    // Rejects where the group is cancelled.
    if (!(await sleep(wait).then(isDone, isOver))) return;
  }
}

const isDone = () => true;
const isOver = () => false;
