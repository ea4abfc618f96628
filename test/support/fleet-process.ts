// A worker of a fleet as a process of its own, whose activity `push` calls a service of the test.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import type { TemporalConnectionOptions } from '../../examples/temporal-server/index.js';

export interface FleetProcess {
  readonly name: string;
  readonly url: string;
  readonly taskQueue: string;
  readonly queue: string;
  readonly breaker: string;
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
  /** One key for all calls. */
  readonly quotaKey?: string;
  /** Further options that are JSON. */
  readonly options?: RecoveryPluginOptions;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });

async function main(): Promise<void> {
  const settings: FleetProcess = JSON.parse(process.argv[2] ?? '');
  const { name, url, taskQueue, queue, breaker, namespace, connectionOptions, quotaKey, options } = settings;
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, identity: name },
    workflowsPath: require.resolve('../never-worse/workflows.js'),
    activities: {
      async push(record: string) {
        const response = await fetch(`${url}/?worker=${name}&record=${record}`);
        if (response.ok) return name;
        const { status, headers } = response;
        throw Object.assign(new Error(`${status} ${await response.text()}`), { status, headers });
      },
    },
    // One call at a time, so that all workers get some.
    maxConcurrentActivityTaskExecutions: 1,
    shutdownForceTime: '2s',
    plugins: [
      new RecoveryPlugin({
        ...{ taskQueue: `${taskQueue}-recovery`, queue, breaker },
        ...(quotaKey === undefined ? {} : { quotaKey: () => quotaKey }),
        ...options,
      }),
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
