// A worker of a fleet as a process of its own, whose activity `push` calls a service of the test.
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import { runWorkerProcess, type WorkerProcess } from './worker-process.js';

export interface FleetProcess extends WorkerProcess {
  readonly name: string;
  readonly url: string;
  readonly taskQueue: string;
  readonly queue: string;
  readonly breaker: string;
  /** One key for all calls. */
  readonly quotaKey?: string;
  /** The first argument is the key of the record. */
  readonly hasRecordKey?: boolean;
  /** Further options that are JSON. */
  readonly options?: RecoveryPluginOptions;
}

runWorkerProcess<FleetProcess>((settings, connection) => {
  const { name, url, taskQueue, queue, breaker, namespace, quotaKey, hasRecordKey, options } = settings;
  return Worker.create({
    ...{ connection, namespace, taskQueue, identity: name },
    workflowsPath: require.resolve('../never-worse/workflows.js'),
    activities: {
      async push(record: string) {
        const response = await fetch(`${url}/?worker=${name}&record=${record}`);
        if (response.ok) return name;
        const { status, headers } = response;
        throw Object.assign(new Error(`${status} ${await response.text()}`), { status, headers });
      },
    },
    // One call at a time, so that all workers get some.
    maxConcurrentActivityTaskExecutions: 1,
    shutdownForceTime: '2s',
    plugins: [
      new RecoveryPlugin({
        ...{ taskQueue: `${taskQueue}-recovery`, queue, breaker },
        ...(quotaKey === undefined ? {} : { quotaKey: () => quotaKey }),
        ...(hasRecordKey ? { operations: { push: { recordKey: (_, [record]) => String(record) } } } : {}),
        ...options,
      }),
    ],
  });
});
