// A worker whose calls are parked, with everything in one process that can be killed.
import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';

async function main(taskQueue: string, recoveryTaskQueue: string, queue: string) {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows.js'),
    activities: {
      async write() {
        throw Object.assign(new Error('refused'), { status: 422 });
      },
    },
    plugins: [
      new RecoveryPlugin({ taskQueue: recoveryTaskQueue, queue, breaker: false, onExhausted: 'park' }),
    ],
  });
  await worker.run();
}

const [, , taskQueue = '', recoveryTaskQueue = '', queue = ''] = process.argv;
void main(taskQueue, recoveryTaskQueue, queue);
