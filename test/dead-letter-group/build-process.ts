// A worker of one build as a process of its own.
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { runWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

export interface BuildProcess extends WorkerProcess {
  readonly build: string;
  /** Whether this build has the fix. */
  readonly works: boolean;
  readonly taskQueue: string;
  readonly recoveryTaskQueue: string;
  readonly queue: string;
}

runWorkerProcess<BuildProcess>((settings, connection) => {
  const { build, works, taskQueue, recoveryTaskQueue, queue, namespace } = settings;
  return Worker.create({
    ...{ connection, namespace, taskQueue, identity: build, buildId: build },
    workflowsPath: require.resolve('../support/workflows.js'),
    activities: {
      async convert(file: string) {
        if (works) return `${build} converted ${file}`;
        throw Object.assign(new Error('unknown format'), { status: 422 });
      },
    },
    shutdownForceTime: '2s',
    plugins: [
      new RecoveryPlugin({ taskQueue: recoveryTaskQueue, queue, breaker: false, runRecoveryWorker: false }),
    ],
  });
});
