import type { PayloadCodec } from '@temporalio/common';
import { NativeConnection, type NativeConnectionOptions, Runtime } from '@temporalio/worker';
import { DEFAULT_QUEUE } from '../../common/contract.js';
import { AlertsHere } from '../alerts/alerts-here.js';
import { HookAnnouncer } from '../alerts/hook-announcer.js';
import type { ParsedAlerts } from '../alerts/read-options.js';
import { ErrorAnalytics } from '../error-analytics/error-analytics.js';
import { createTelemetry } from '../telemetry.js';
import { createRecoveryWorker } from './create-worker.js';
import { showOpenLetters } from './letter-gauges.js';

export interface AloneOptions {
  readonly connectionOptions: NativeConnectionOptions;
  readonly namespace: string;
  readonly identity: string;
  readonly taskQueue: string;
  readonly codecs: PayloadCodec[];
  /** `host:port` at which Prometheus can scrape; undefined for none. */
  readonly metricsAddress?: string;
  /** The hooks of this process. */
  readonly alerts?: ParsedAlerts;
  /** What is thrown where there is no connection. */
  onConnectError(cause: unknown): Error;
}

/** Runs a recovery worker in a process of its own, until a signal ends it. */
export async function runRecoveryWorker(options: AloneOptions): Promise<void> {
  const { connectionOptions, namespace, taskQueue, identity, codecs, onConnectError, metricsAddress } =
    options;
  // Its native part would write to stdout; the logger writes to stderr.
  Runtime.install({
    telemetryOptions: {
      logging: { forward: {}, filter: 'WARN' },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
  const connection = await NativeConnection.connect(connectionOptions).catch((error) => {
    throw onConnectError(error);
  });
  try {
    const telemetry = createTelemetry('recover', new ErrorAnalytics());
    const alerts = new AlertsHere();
    alerts.add(options.alerts);
    const worker = await createRecoveryWorker({
      ...{ connection, namespace, taskQueue, identity, shutdownGraceTime: '10s' },
      dataConverter: { payloadCodecs: codecs },
      alerts: { here: alerts, telemetry },
    });
    const running = worker.run();
    const where = { taskQueue, namespace, address: connectionOptions.address };
    Runtime.instance().logger.info('temporal-recovery: the recovery worker runs', where);
    const { client } = worker;
    const stopGauges =
      metricsAddress !== undefined && client !== undefined
        ? showOpenLetters({
            ...{ client, intervalMs: 60_000, queue: DEFAULT_QUEUE },
            telemetry,
          })
        : undefined;
    const announcer = client && new HookAnnouncer({ client, taskQueue, alerts, telemetry });
    await running.finally(() => {
      stopGauges?.();
      announcer?.stop();
    });
    Runtime.instance().logger.info('temporal-recovery: the recovery worker has stopped', where);
  } finally {
    await connection.close();
  }
}
