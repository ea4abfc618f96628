import type { LoadedDataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { alertActivities } from '../../activities/alerts/index.js';
import { groupActivities } from '../../activities/dead-letter-group/index.js';
import { redriveActivities } from '../../activities/redrive/index.js';
import type { AlertsHere } from '../alerts/alerts-here.js';
import type { WorkerTelemetry } from '../telemetry.js';
import { recoveryBundle } from './bundle.js';
import { TolerantCodec } from './tolerant-codec.js';

/** What a recovery worker has in common with its fleet. */
export interface RecoveryWorkerOptions
  extends Pick<WorkerOptions, 'connection' | 'namespace' | 'identity' | 'shutdownGraceTime'> {
  readonly taskQueue: string;
  /** The user's codecs and storage; the payload converter is never theirs, since the bundle cannot hold it. */
  readonly dataConverter: Pick<LoadedDataConverter, 'payloadCodecs' | 'externalStorage'>;
  /** Hooks that it calls; absent for a worker that never has any. */
  readonly alerts?: { readonly here: AlertsHere; readonly telemetry: WorkerTelemetry };
}

const noTelemetry = { alertsDelivered: () => undefined, fault: () => undefined };

/** The worker of the recovery workflows, in this process or alone. */
export async function createRecoveryWorker(options: RecoveryWorkerOptions): Promise<Worker> {
  const { connection, dataConverter, alerts, ...rest } = options;
  const { payloadCodecs, externalStorage } = dataConverter;
  return Worker.create({
    connection: connection && withoutPlugins(connection),
    ...rest,
    workflowBundle: await recoveryBundle(),
    activities: {
      ...redriveActivities,
      ...groupActivities,
      // Also without hooks: what is meant for them is passed on.
      ...alertActivities(() => alerts?.here.hooks, alerts?.telemetry ?? noTelemetry),
    },
    dataConverter: {
      payloadCodecs: payloadCodecs.length > 0 ? [new TolerantCodec(payloadCodecs)] : [],
      externalStorage,
    },
    maxCachedWorkflows: 500,
    // Entities answer workers: when their process is killed, others must go on soon. The SDK's own is 10 s.
    stickyQueueScheduleToStartTimeout: '3s',
  });
}

/** The connection's plugins are meant for the user's workers, and the recovery plugin may be one of them. */
function withoutPlugins(connection: NativeConnection): NativeConnection {
  return Object.create(connection, { plugins: { value: [] } }) as NativeConnection;
}
