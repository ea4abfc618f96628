// A worker of a fleet as a process of its own, whose activities call a service with a known limit.
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import type { TemporalConnectionOptions } from '../../examples/temporal-server/index.js';

export interface LimitProcess {
  readonly name: string;
  readonly url: string;
  readonly taskQueue: string;
  readonly namespace: string;
  readonly connectionOptions: TemporalConnectionOptions;
  readonly plugin: RecoveryPluginOptions;
  readonly bundle: string;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });

async function main(): Promise<void> {
  const settings: LimitProcess = JSON.parse(process.argv[2] ?? '');
  const { name, url, taskQueue, namespace, connectionOptions, plugin, bundle } = settings;
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, identity: name },
    workflowBundle: { codePath: bundle },
    activities: {
      async push() {
        // When it begins here: on a busy machine a request may arrive much later.
        const at = performance.timeOrigin + performance.now();
        await (await fetch(`${url}/?worker=${name}&at=${at}`)).text();
        return name;
      },
    },
    shutdownForceTime: '2s',
    plugins: [new RecoveryPlugin(plugin)],
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
