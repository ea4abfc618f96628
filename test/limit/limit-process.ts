// A worker of a fleet as a process of its own, whose activities call a service with a known limit.
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import { runWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

export interface LimitProcess extends WorkerProcess {
  readonly name: string;
  readonly url: string;
  readonly taskQueue: string;
  readonly plugin: RecoveryPluginOptions;
  readonly bundle: string;
}

runWorkerProcess<LimitProcess>((settings, connection) => {
  const { name, url, taskQueue, namespace, plugin, bundle } = settings;
  return Worker.create({
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
});
