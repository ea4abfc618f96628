import type { PayloadCodec } from '@temporalio/common';
import { NativeConnection, type NativeConnectionOptions, Runtime } from '@temporalio/worker';
import { createRecoveryWorker } from './create-worker.js';

export interface AloneOptions {
  readonly connectionOptions: NativeConnectionOptions;
  readonly namespace: string;
  readonly identity: string;
  readonly taskQueue: string;
  readonly codecs: PayloadCodec[];
  /** What is thrown where there is no connection. */
  onConnectError(cause: unknown): Error;
}

/** Runs a recovery worker in a process of its own, until a signal ends it. */
export async function runRecoveryWorker(options: AloneOptions): Promise<void> {
  const { connectionOptions, namespace, taskQueue, identity, codecs, onConnectError } = options;
  // Its native part would write to stdout; the logger writes to stderr.
  Runtime.install({ telemetryOptions: { logging: { forward: {}, filter: 'WARN' } } });
  const connection = await NativeConnection.connect(connectionOptions).catch((error) => {
    throw onConnectError(error);
  });
  try {
    const worker = await createRecoveryWorker({
      ...{ connection, namespace, taskQueue, identity, shutdownGraceTime: '10s' },
      dataConverter: { payloadCodecs: codecs },
    });
    const running = worker.run();
    const where = { taskQueue, namespace, address: connectionOptions.address };
    Runtime.instance().logger.info('temporal-recovery: the recovery worker runs', where);
    await running;
    Runtime.instance().logger.info('temporal-recovery: the recovery worker has stopped', where);
  } finally {
    await connection.close();
  }
}
