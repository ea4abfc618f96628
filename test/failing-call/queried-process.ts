// A worker of the workflows of this folder as a process of its own. Their activities run elsewhere.
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { withBundle } from '../support/bundles.js';
import { runWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

export interface QueriedProcess extends WorkerProcess {
  readonly taskQueue: string;
  readonly recoveryTaskQueue: string;
  readonly queue: string;
}

runWorkerProcess<QueriedProcess>(async (settings, connection) => {
  const { taskQueue, recoveryTaskQueue, queue, namespace } = settings;
  const own = { breaker: false, patience: 0, runRecoveryWorker: false } as const;
  return Worker.create(
    await withBundle({
      ...{ connection, namespace, taskQueue, shutdownForceTime: '2s' },
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [new RecoveryPlugin({ taskQueue: recoveryTaskQueue, queue, ...own })],
    }),
  );
});
