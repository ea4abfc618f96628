import { once } from 'node:events';
import { join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { bundleWorkflowCode } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from '../../../worker/index.js';
import type { Bench } from '../server.js';
import { startWorker } from '../worker.js';

/** Workers with plugins of their own, and a service that counts. */
export async function scene(
  bench: Bench,
  workers: number,
  recovery: RecoveryPluginOptions | undefined,
  name: string,
) {
  const taskQueue = bench.id(name);
  const service = new Thread(join(__dirname, 'service.js'));
  const [port] = await once(service, 'message');
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows.js'),
    plugins: recovery === undefined ? [] : [new RecoveryPlugin()],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  let calls = 0;
  const stops = await Promise.all(
    Array.from({ length: workers }, (_, at) =>
      startWorker(
        bench,
        {
          ...{ taskQueue, workflowBundle, identity: `${taskQueue}-${at}` },
          activities: {
            async call() {
              await (await fetch(`http://127.0.0.1:${port}/`)).text();
              calls++;
            },
          },
          maxConcurrentWorkflowTaskExecutions: 10,
          maxCachedWorkflows: 20,
        },
        // One recovery worker: ten in one process would measure that.
        recovery && { taskQueue: `${taskQueue}-recovery`, runRecoveryWorker: at === 0, ...recovery },
      ),
    ),
  );
  return {
    taskQueue,
    /** Calls that have ended. */
    count: () => calls,
    /** Times at which calls reached the service; milliseconds. */
    async stop(): Promise<number[]> {
      await Promise.all(stops.map((stop) => stop()));
      service.postMessage('end');
      const [times] = await once(service, 'message');
      await service.terminate();
      return times;
    },
  };
}
