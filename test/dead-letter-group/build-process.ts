// A worker of one build as a process of its own.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RecoveryPlugin } from 'temporal-recovery';
import type { TemporalConnectionOptions } from '../../examples/temporal-server/index.js';

export interface BuildProcess {
  readonly build: string;
  /** Whether this build has the fix. */
  readonly works: boolean;
  readonly taskQueue: string;
  readonly recoveryTaskQueue: string;
  readonly queue: string;
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });

async function main(): Promise<void> {
  const settings: BuildProcess = JSON.parse(process.argv[2] ?? '');
  const { build, works, taskQueue, recoveryTaskQueue, queue, namespace, connectionOptions } = settings;
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
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
  process.on('disconnect', () => worker.shutdown());
  process.send?.('ready');
  await worker.run();
  await connection.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
