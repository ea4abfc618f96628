import { NativeConnection, Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
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
  /** Further options of the plugin, for tests and benchmarks that run this worker. */
  readonly recovery?: RecoveryPluginOptions;
  /** Made once for many processes; without it each makes its own. */
  readonly workflowBundle?: { readonly codePath: string };
}

async function main(): Promise<void> {
  const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '');
  const { name, serviceUrl, taskQueue, breaker, namespace, connectionOptions, workflowBundle } = settings;
  logToFile();
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(workflowBundle ? { workflowBundle } : { workflowsPath: require.resolve('./workflows.js') }),
    identity: `${name}@${process.pid}`,
    activities: createActivities(serviceUrl, name),
    shutdownForceTime: '2s',
    // Named, so that the breaker is there to be looked at before anything fails.
    plugins: [
      new RecoveryPlugin({ breaker, breakers: { [breaker]: { openTime: '5s' } }, ...settings.recovery }),
    ],
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
