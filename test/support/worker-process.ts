import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import type { TemporalConnectionOptions } from '../../examples/temporal-server/index.js';

/** What each worker in a process of its own is told. */
export interface WorkerProcess {
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
}

/** The whole of such a process: `forkWorker` starts it. It ends when its parent disconnects. */
export function runWorkerProcess<S extends WorkerProcess>(
  createWorker: (settings: S, connection: NativeConnection) => Promise<Worker>,
): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const main = async () => {
    const settings: S = JSON.parse(process.argv[2] ?? '');
    const connection = await NativeConnection.connect(settings.connectionOptions);
    const worker = await createWorker(settings, connection);
    process.on('disconnect', () => worker.shutdown());
    process.send?.('ready');
    await worker.run();
    await connection.close();
  };
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}
