import { NativeConnection, type Worker } from '@temporalio/worker';
import { AlertsHere } from '../alerts/alerts-here.js';
import { HookAnnouncer } from '../alerts/hook-announcer.js';
import type { ParsedAlerts } from '../alerts/read-options.js';
import type { WorkerTelemetry } from '../telemetry.js';
import { createRecoveryWorker } from './create-worker.js';
import { type LetterGaugesOptions, showOpenLetters } from './letter-gauges.js';

interface Shared {
  users: number;
  readonly alerts: AlertsHere;
  readonly stop: () => Promise<void>;
}

/** The SDK refuses a second worker for a task queue on one connection, so all users of one share it. */
const shared = new WeakMap<NativeConnection, Map<string, Shared>>();

/** How a recovery worker shows the open letters as metrics. */
export type LetterGauges = Pick<LetterGaugesOptions, 'intervalMs' | 'queue'>;

/** What a user of the recovery worker wants of it. */
export interface RecoveryWorkerUse {
  readonly gauges: LetterGauges;
  readonly alerts?: ParsedAlerts;
}

/**
 * Runs the recovery worker beside `user` for as long as anybody uses it.
 *
 * Never throws and never waits for the start: whatever is wrong with the recovery worker, the user's worker runs.
 * @returns stops using it; resolves when the recovery worker has stopped, if this was the last user
 */
export function useRecoveryWorker(
  user: Worker,
  taskQueue: string,
  telemetry: WorkerTelemetry,
  { gauges, alerts }: RecoveryWorkerUse,
): () => Promise<void> {
  const { connection } = user.options;
  // A worker made without a connection closes its own when it stops; ours must not hold that open.
  if (connection === undefined) {
    const own = start(user, taskQueue, telemetry, gauges);
    own.alerts.add(alerts);
    return own.stop;
  }
  const queues = shared.get(connection) ?? new Map<string, Shared>();
  shared.set(connection, queues);
  const key = JSON.stringify([user.options.namespace, taskQueue]);
  const entry = queues.get(key) ?? start(user, taskQueue, telemetry, gauges);
  queues.set(key, entry);
  entry.users++;
  const removeAlerts = entry.alerts.add(alerts);
  return async () => {
    removeAlerts();
    if (--entry.users > 0) return;
    queues.delete(key);
    await entry.stop();
  };
}

function start(user: Worker, taskQueue: string, telemetry: WorkerTelemetry, gauges: LetterGauges): Shared {
  let stopping = false;
  let worker: Worker | undefined;
  const alerts = new AlertsHere();
  const stopWorker = () => {
    if (worker?.getState() === 'RUNNING') worker.shutdown();
  };
  const running = (async () => {
    const own = user.options.connection === undefined ? await NativeConnection.connect() : undefined;
    try {
      const { connection = own, namespace, identity, shutdownGraceTime, loadedDataConverter } = user.options;
      worker = await createRecoveryWorker({
        ...{ connection, namespace, identity, shutdownGraceTime, taskQueue },
        dataConverter: loadedDataConverter,
        alerts: { here: alerts, telemetry },
      });
      const run = worker.run();
      if (stopping) stopWorker();
      const { client } = worker;
      const stopGauges = client && showOpenLetters({ client, telemetry, ...gauges });
      const announcer = client && new HookAnnouncer({ client, taskQueue, alerts, telemetry });
      await run.finally(() => {
        stopGauges?.();
        announcer?.stop();
      });
    } finally {
      await own?.close();
    }
  })().catch((fault) => telemetry.fault(`the recovery worker on task queue ${taskQueue}`, fault));
  return {
    users: 0,
    alerts,
    stop: async () => {
      stopping = true;
      stopWorker();
      await running;
    },
  };
}
