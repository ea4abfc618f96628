import { type GuardedProcess, startGuarded } from '../../examples/temporal-server/guarded-process.js';
import { eventually, type Harness } from '../support/harness.js';

/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY */
const ACTIVITY = 2;

/**
 * Starts a worker of another language in a process that ends with this one, and waits until it polls for activities.
 * @param env besides the connection and `TASK_QUEUE`
 */
export async function startForeignWorker(
  { client, connectionOptions, namespace }: Harness,
  [command, ...args]: [string, ...string[]],
  taskQueue: string,
  env: NodeJS.ProcessEnv,
): Promise<GuardedProcess> {
  const worker = startGuarded(command, args, {
    ...process.env,
    TEMPORAL_ADDRESS: connectionOptions.address,
    TEMPORAL_NAMESPACE: namespace,
    TASK_QUEUE: taskQueue,
    ...env,
  });
  const ended = worker.ended.then(({ reason, stderr }) => {
    throw new Error(`The worker ended: ${reason}\n${stderr.join('\n')}`);
  });
  const polls = async () => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: ACTIVITY,
    });
    return pollers?.length;
  };
  await Promise.race([eventually(polls), ended]);
  ended.catch(() => undefined);
  return worker;
}
