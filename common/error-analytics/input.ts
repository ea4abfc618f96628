import type { AlertQueueJson } from '../alerts/alert-queue.js';
import type { FleetErrorsJson } from './fleet-errors.js';

/** What the workflow `errorAnalytics` is started with. Workers give `v` only; the rest is of an earlier run. */
export interface AnalyticsInput {
  readonly v: 1;
  /** Without a report for this time it ends. */
  readonly idleMs?: number;
  /** Signals of a run. */
  readonly signalsPerRun?: number;
  readonly startedAt?: number;
  /** As the last report that said it. */
  readonly listsGroups?: boolean;
  readonly errors?: FleetErrorsJson;
  readonly alerts?: AlertQueueJson;
}
