import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from '../../worker/index.js';
import type { Bench } from './server.js';

/**
 * Runs a worker until it is stopped, or the benchmarks end.
 * @param recovery options of its plugin; without it, a worker as if there was no temporal-recovery
 */
export async function startWorker(
  { server, cleanup }: Bench,
  options: Omit<WorkerOptions, 'connection' | 'namespace'>,
  recovery?: RecoveryPluginOptions,
): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect(server.connectionOptions);
  const worker = await Worker.create({
    ...options,
    connection,
    namespace: server.namespace,
    plugins: recovery === undefined ? [] : [new RecoveryPlugin(recovery)],
  });
  const running = worker.run();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      worker.shutdown();
      await running;
      await connection.close();
    })();
    return stopped;
  };
  cleanup.add(stop);
  return stop;
}
