import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import { logToFile } from '../support/log-file.js';
import type { TemporalConnectionOptions } from '../temporal-server/index.js';
import { createActivities } from './activities.js';
import { recoveryOptions, SLOTS } from './recovery.js';

/** What the parent process says to a worker process. */
export interface WorkerSettings {
  readonly name: string;
  readonly serviceUrl: string;
  /** Task queue, dead-letter queue and prefix of the breakers. */
  readonly run: string;
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
}

async function main(): Promise<void> {
  const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '');
  const { name, serviceUrl, run, namespace, connectionOptions } = settings;
  logToFile();
  // A first request takes longer than the others, which matters for a limit that is kept to the millisecond.
  await (await fetch(serviceUrl)).text();
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: run,
    workflowsPath: require.resolve('./workflows.js'),
    identity: `${name}@${process.pid}`,
    activities: createActivities(serviceUrl),
    maxConcurrentActivityTaskExecutions: SLOTS,
    shutdownForceTime: '2s',
    plugins: [new RecoveryPlugin(recoveryOptions(run))],
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
