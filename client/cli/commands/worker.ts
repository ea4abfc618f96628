import type { Command } from 'commander';
import { ConnectionError } from '../connection/connect.js';
import { loadDataConverter } from '../connection/data-converter.js';
import type { GlobalFlags } from '../connection/flags.js';
import { connectionSettings } from '../connection/settings.js';

/** Runs until SIGINT or SIGTERM, which Temporal's runtime listens to. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run a recovery worker and nothing else, until Ctrl-C or SIGTERM')
    .addHelpText(
      'after',
      '\nFor fleets whose workers have runRecoveryWorker: false. With --data-converter it uses the codecs of your workers.',
    )
    .action(async (_: object, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags>();
      const settings = connectionSettings(flags);
      const dataConverter = await loadDataConverter(flags.dataConverter);
      // Its native module is of no use to other commands.
      const { runRecoveryWorker } = await import('../../../worker/recovery-worker/run-alone.js');
      await runRecoveryWorker({
        connectionOptions: settings.connectionOptions,
        namespace: settings.namespace.value,
        identity: settings.identity,
        taskQueue: flags.recoveryTaskQueue,
        codecs: dataConverter?.payloadCodecs ?? [],
        onConnectError: (cause) => {
          const why = cause instanceof Error ? cause.message : String(cause);
          return new ConnectionError(settings, why, { cause });
        },
      });
    });
}
