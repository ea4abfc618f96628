// A worker that dies the moment a letter exists, before the origin can record its id. Run as a process of its own.
import { WorkflowClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';

const { signalWithStart } = WorkflowClient.prototype;
WorkflowClient.prototype.signalWithStart = async function (this: WorkflowClient, ...args: unknown[]) {
  await Reflect.apply(signalWithStart, this, args);
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
} as never;

async function main(taskQueue: string, recoveryTaskQueue: string, queue: string) {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue,
    workflowsPath: require.resolve('../support/workflows.js'),
    activities: {
      async fail() {
        throw ApplicationFailure.nonRetryable('poison');
      },
    },
    plugins: [new RecoveryPlugin({ taskQueue: recoveryTaskQueue, queue, breaker: false })],
  });
  await worker.run();
}

const [, , taskQueue = '', recoveryTaskQueue = '', queue = ''] = process.argv;
void main(taskQueue, recoveryTaskQueue, queue);
