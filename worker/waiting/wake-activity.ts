import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';

export type WaitingActivity = NonNullable<GuardedCall['activity']>;

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
