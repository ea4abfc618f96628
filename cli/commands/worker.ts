import type { Command } from 'commander';
import { QueueBook } from '../../common/dead-letter/queue-settings.js';
import type { ParsedAlerts } from '../../worker/alerts/read-options.js';
import { ConnectionError } from '../connection/connect.js';
import { loadDataConverter } from '../connection/data-converter.js';
import type { GlobalFlags } from '../connection/flags.js';
import { type ConnectionSettings, connectionSettings } from '../connection/settings.js';
import { UsageError } from '../exit-codes.js';
import { loadModule } from '../input/load-module.js';

interface Options {
  readonly metricsAddress?: string;
  /** A module. */
  readonly alerts?: string;
}

/** Runs until SIGINT or SIGTERM, which Temporal's runtime listens to. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run a recovery worker and nothing else, until Ctrl-C or SIGTERM')
    .option(
      '--metrics-address <host:port>',
      'serve metrics to Prometheus at this address, such as 0.0.0.0:9464',
    )
    .option('--alerts <module>', 'module that exports `alerts`, the hooks that this worker calls')
    .addHelpText(
      'after',
      '\nFor fleets whose workers have runRecoveryWorker: false. With --data-converter it uses the codecs of your workers.',
    )
    .action(async ({ metricsAddress, alerts }: Options, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags>();
      const settings = connectionSettings(flags);
      refuseUnsupported(flags, settings);
      checkAddress(metricsAddress);
      const dataConverter = await loadDataConverter(flags.dataConverter);
      // Its native module is of no use to other commands.
      const { runRecoveryWorker } = await import('../../worker/recovery-worker/run-alone.js');
      await runRecoveryWorker({
        connectionOptions: settings.connectionOptions,
        namespace: settings.namespace.value,
        identity: settings.identity,
        taskQueue: flags.recoveryTaskQueue,
        codecs: dataConverter?.payloadCodecs ?? [],
        metricsAddress,
        alerts: await loadAlerts(alerts),
        onConnectError: (cause) => {
          const why = cause instanceof Error ? cause.message : String(cause);
          return new ConnectionError(settings, why, { cause });
        },
      });
    });
}

/** @throws UsageError */
async function loadAlerts(module: string | undefined): Promise<ParsedAlerts | undefined> {
  if (module === undefined) return undefined;
  const found = await loadModule('--alerts', module);
  const alerts = found.alerts ?? (found.default as { alerts?: unknown })?.alerts;
  const { readAlertOptions } = await import('../../worker/alerts/read-options.js');
  const problems: string[] = [];
  const read = readAlertOptions({ alerts }, new QueueBook(), problems);
  if (read === undefined) throw new UsageError(`--alerts: ${module}: ${problems.join('; ')}`);
  return read;
}

/** @throws UsageError */
function checkAddress(address: string | undefined): void {
  if (address === undefined || /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\]):\d{1,5}$/i.test(address)) return;
  throw new UsageError(
    `--metrics-address must be an IP address and a port, such as 0.0.0.0:9464; got ${JSON.stringify(address)}`,
  );
}

/** @throws UsageError */
function refuseUnsupported(flags: GlobalFlags, { trustsAnyCertificate }: ConnectionSettings): void {
  if (flags.codecEndpoint !== undefined) {
    throw new UsageError(
      "--codec-endpoint is for people; a worker encodes by itself: give --data-converter, the module with your workers' data converter",
    );
  }
  if (trustsAnyCertificate) {
    throw new UsageError(
      "--tls-disable-host-verification is not supported by the connection of Temporal's TypeScript workers: give --tls-server-name (the name in the certificate) and --tls-ca-path instead",
    );
  }
}
