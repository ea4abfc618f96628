// A process with a worker, an open breaker and a connection that stays open. It prints "stopped" when its worker has
// stopped, and must end by itself soon after.
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { startTemporalServer } from '../../examples/temporal-server/index.js';
import { RecoveryPlugin } from '../../worker/index.js';
import { httpError } from './both-ways.js';

async function main(taskQueue: string): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const server = await startTemporalServer({ log: () => undefined });
  const connection = await NativeConnection.connect(server.connectionOptions);
  const clientConnection = await Connection.connect(server.connectionOptions);
  const { namespace } = server;
  const client = new Client({ connection: clientConnection, namespace });
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, workflowsPath: require.resolve('./workflows.js') },
    activities: {
      async write() {
        throw httpError(503);
      },
    },
    plugins: [
      new RecoveryPlugin({
        taskQueue: process.env.RECOVERY_QUEUE,
        breakers: { '*': { openTime: '10 minutes' } },
      }),
    ],
    shutdownGraceTime: '1s',
  });
  const run = worker.run();
  await client.workflow.start('parallel', { workflowId: taskQueue, taskQueue, args: [8] });
  const breaker = new RecoveryClient({ client }).breakers.get(`${taskQueue}/write`);
  for (;;) {
    const { status } = await breaker.describe().catch(() => ({ status: undefined }));
    if (status === 'OPEN') break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  worker.shutdown();
  await run;
  await clientConnection.close();
  console.log('stopped');
}

void main(process.argv[2] ?? '');
