import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { logToFile } from '../support/log-file.js';
import type { TemporalConnectionOptions } from '../temporal-server/index.js';
import { createActivities } from './activities.js';

/** What the parent process says to a worker process. */
export interface WorkerSettings {
  readonly name: string;
  readonly serviceUrl: string;
  readonly taskQueue: string;
  readonly breaker: string;
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
}

async function main(): Promise<void> {
  const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '');
  const { name, serviceUrl, taskQueue, breaker, namespace, connectionOptions } = settings;
  logToFile();
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowsPath: require.resolve('./workflows.js'),
    activities: createActivities(serviceUrl, name),
    shutdownForceTime: '2s',
    // Named, so that the breaker is there to be looked at before anything fails.
    plugins: [new RecoveryPlugin({ breaker, breakers: { [breaker]: { openTime: '5s' } } })],
  });
  process.on('disconnect', () => worker.shutdown());
  process.send?.('ready');
  await worker.run();
  await connection.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
