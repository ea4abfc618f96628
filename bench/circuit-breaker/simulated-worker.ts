import type { Client } from '@temporalio/client';
import type { BreakerConfig } from '../../common/circuit-breaker/index.js';
import { WorkerBreakers } from '../../worker/circuit-breaker/guard.js';

/** The breakers of one worker process, without the worker. */
export function simulatedWorker(
  client: Client,
  taskQueue: string,
  config: BreakerConfig,
  named: string[] = [],
) {
  const breakers = new WorkerBreakers({
    client,
    taskQueue,
    configOf: () => config,
    named,
    isAlone: false,
    fault: (where, error) => console.error(where, error),
  });
  return { breakers, stop: () => breakers.close() };
}

/** Fails one call of an execution; a call that is rejected is not made. */
export async function failOne(
  { breakers }: ReturnType<typeof simulatedWorker>,
  breaker: string,
  taskQueue: string,
  executionId: string,
): Promise<void> {
  const call = { breaker, taskQueue, executionId, isFresh: true };
  const admission = await breakers.admit(call);
  if (admission.admitted) {
    breakers.settle(call, admission.permit, { outcome: 'failure', category: 'SERVER', statusCode: 503 });
  }
}

/**
 * Lets a task queue look as if so many workers took tasks from it: the server lists who has polled in the last five
 * minutes.
 */
export async function pollAs(client: Client, taskQueue: string, workers: number): Promise<void> {
  const { namespace } = client.options;
  await Promise.all(
    Array.from({ length: workers }, (_, n) =>
      client
        .withDeadline(Date.now() + 3_000, () =>
          client.workflowService.pollActivityTaskQueue({
            namespace,
            taskQueue: { name: taskQueue },
            identity: `simulated-${n}`,
          }),
        )
        .catch(() => undefined),
    ),
  );
}
