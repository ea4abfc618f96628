import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';

/** An activity that waits for its next attempt. */
export interface WaitingActivity {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  /** Longest wait between its attempts, where the call sets its intervals itself; milliseconds. */
  readonly ownIntervalMs?: number;
}

/** The server's own backoff of a call that was rejected: after it is woken it runs at once, or after this time. */
const INTERVAL_MS = 5_000;

/** Makes the server plan the next attempt of a waiting activity again. */
export async function wakeActivity(
  client: Client,
  { workflowId, runId, activityId, ownIntervalMs }: WaitingActivity,
): Promise<void> {
  // The intervals of the call stay as they are: the server plans the next attempt by them.
  const maximumInterval = msToTs(ownIntervalMs ?? INTERVAL_MS);
  await client.workflowService.updateActivityOptions({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    id: activityId,
    activityOptions: { retryPolicy: { maximumInterval } },
    updateMask: { paths: ['retry_policy.maximum_interval'] },
  });
}
