import type { LoadedDataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { redriveActivities } from '../../activities/redrive/index.js';
import { recoveryBundle } from './bundle.js';
import { TolerantCodec } from './tolerant-codec.js';

/** What a recovery worker has in common with its fleet. */
export interface RecoveryWorkerOptions
  extends Pick<WorkerOptions, 'connection' | 'namespace' | 'identity' | 'shutdownGraceTime'> {
  readonly taskQueue: string;
  /** The user's codecs and storage; the payload converter is never theirs, since the bundle cannot hold it. */
  readonly dataConverter: Pick<LoadedDataConverter, 'payloadCodecs' | 'externalStorage'>;
}

/** The worker of the recovery workflows, in this process or alone. */
export async function createRecoveryWorker(options: RecoveryWorkerOptions): Promise<Worker> {
  const { connection, dataConverter, ...rest } = options;
  const { payloadCodecs, externalStorage } = dataConverter;
  return Worker.create({
    connection: connection && withoutPlugins(connection),
    ...rest,
    workflowBundle: await recoveryBundle(),
    activities: redriveActivities,
    dataConverter: {
      payloadCodecs: payloadCodecs.length > 0 ? [new TolerantCodec(payloadCodecs)] : [],
      externalStorage,
    },
    maxCachedWorkflows: 500,
  });
}

/** The connection's plugins are meant for the user's workers, and the recovery plugin may be one of them. */
function withoutPlugins(connection: NativeConnection): NativeConnection {
  return Object.create(connection, { plugins: { value: [] } }) as NativeConnection;
}
