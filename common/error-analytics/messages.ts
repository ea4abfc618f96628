import { ERROR_ANALYTICS_ID_PREFIX } from '../contract.js';

/** Workflow id of the errors of a fleet. @param taskQueue of its recovery workers: those of two fleets do not mix */
export function analyticsWorkflowId(taskQueue: string): string {
  return `${ERROR_ANALYTICS_ID_PREFIX}${taskQueue}`;
}

/** What the workflow `errorAnalytics` is started with. */
export interface AnalyticsInput {
  readonly v: 1;
}
