import type { Client } from '@temporalio/client';
import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';

export type WaitingActivity = NonNullable<GuardedCall['activity']>;

/** The server's own backoff of a call that was rejected: after it is woken it runs at once, or after this time. */
const INTERVAL_SECONDS = 5;

/** Makes the server plan the next attempt of a waiting activity again. */
export async function wakeActivity(
  client: Client,
  { workflowId, runId, activityId }: WaitingActivity,
): Promise<void> {
  await client.workflowService.updateActivityOptions({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    id: activityId,
    activityOptions: { retryPolicy: { maximumInterval: { seconds: INTERVAL_SECONDS as never } } },
    updateMask: { paths: ['retry_policy.maximum_interval'] },
  });
}
