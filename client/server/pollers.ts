import type { Client } from '@temporalio/client';
import type { Poller } from '../../common/dead-letter-group/deploy.js';

/** `TASK_QUEUE_TYPE_ACTIVITY` */
const ACTIVITY_QUEUE = 2;

/** How many workers take activities from a queue, as the server saw it in the last minutes; at least 1. */
export async function countWorkers(client: Client, taskQueue: string): Promise<number> {
  const pollers = await pollersOf(client, taskQueue);
  return Math.max(1, new Set(pollers.map(({ identity }) => identity)).size);
}

/** Workers that took activities from a queue in the last minutes, in any language, and their builds where they say them. */
export async function activityPollers(client: Client, taskQueue: string): Promise<Poller[]> {
  const pollers = await pollersOf(client, taskQueue);
  return pollers.flatMap(({ workerVersionCapabilities, deploymentOptions, lastAccessTime }) => {
    const build = deploymentOptions?.buildId || workerVersionCapabilities?.buildId;
    if (!build) return [];
    const { seconds, nanos } = lastAccessTime ?? {};
    return [{ build, seenAt: Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1_000_000) }];
  });
}

async function pollersOf(client: Client, taskQueue: string) {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: ACTIVITY_QUEUE,
  });
  return pollers ?? [];
}
