// A worker whose metrics are served to Prometheus. Arguments: port, task queue, recovery task queue, dead-letter queue.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';

const [port, taskQueue = '', recoveryTaskQueue = '', queue = ''] = process.argv.slice(2);
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { metrics: { prometheus: { bindAddress: `127.0.0.1:${port}` } } },
});

let broken = false;
let refused = false;

const activities = {
  async fail() {
    broken = true;
    refused = false;
  },
  async mend() {
    broken = false;
  },
  async reject() {
    if (broken) throw Object.assign(new Error('refused'), { status: 422 });
  },
  async service() {
    if (broken) throw Object.assign(new Error('unavailable'), { status: 503 });
  },
  async optional() {
    throw Object.assign(new Error('refused'), { status: 422 });
  },
  async limited() {
    if (refused) return;
    refused = true;
    throw Object.assign(new Error('slow down'), { status: 429, headers: { 'retry-after': '1' } });
  },
  async unnamed() {
    return 'done';
  },
};

async function main() {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    ...{ namespace, taskQueue, activities },
    workflowsPath: require.resolve('../support/workflows.js'),
    plugins: [
      new RecoveryPlugin({
        ...{ taskQueue: recoveryTaskQueue, queue, letterMetrics: '1s' },
        alerts: { onBreaker: () => undefined, every: '1s' },
        queues: { [queue]: { maxLetters: 1 } },
        breaker: (activityType) => {
          if (activityType === 'unnamed') throw new Error('no name for this call');
          return `${activityType}-${taskQueue}`;
        },
        breakers: { [`service-${taskQueue}`]: { consecutiveFailures: 2, openTime: '12s' } },
        operations: {
          reject: { flood: { minimumCalls: 2 } },
          optional: { onExhausted: 'skip', skipValue: 'nothing' },
          service: { retryDelay: '100ms' },
        },
      }),
    ],
  });
  await worker.run();
  await connection.close();
}

void main();
