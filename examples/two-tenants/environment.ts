import { Client, Connection } from '@temporalio/client';
import { RecoveryClient } from 'temporal-recovery/client';
import type { Cleanup } from '../support/cleanup.js';
import { uiLinks } from '../support/ui-links.js';
import { startWorkerProcesses } from '../support/worker-processes.js';
import { startTemporalServer } from '../temporal-server/index.js';
import { breakerName } from './recovery.js';
import { startService } from './service.js';
import type { Stage } from './stage.js';
import type { WorkerSettings } from './worker.js';

/** Starts the service, the Temporal server and the workers. What has to be stopped again goes to `cleanup`. */
export async function startStage(workers: number, cleanup: Cleanup): Promise<Stage> {
  const service = await startService();
  cleanup.add(() => service.stop());
  const { connectionOptions, namespace, uiUrl, stop } = await startTemporalServer({ log: console.log });
  cleanup.add(stop);
  const connection = await Connection.connect(connectionOptions);
  cleanup.add(() => connection.close());
  const client = new Client({ connection, namespace });

  const run = `two-tenants-${process.pid}`;
  const names = Array.from({ length: workers }, (_, index) => `w${index + 1}`);
  const shared: Omit<WorkerSettings, 'name'> = { serviceUrl: service.url, run, namespace, connectionOptions };
  const fleet = await startWorkerProcesses(require.resolve('./worker.js'), names, shared);
  cleanup.add(() => fleet.stop());
  if (uiUrl !== undefined) {
    const links = uiLinks(uiUrl, namespace);
    console.log(`
limit     ${links.workflow(`limit/${breakerName(run, 'orders')}`)}
breakers  ${links.list(`WorkflowId STARTS_WITH "circuit-breaker/${run}"`)}
letters   ${links.list(`RecoveryQueue = "${run}" AND WorkflowType = "deadLetter"`)}`);
  }
  const startedAt = Date.now();
  const log = (line: string) => {
    console.log(`${String(Math.floor((Date.now() - startedAt) / 1_000)).padStart(4)}s  ${line}`);
  };
  return { service, client, recovery: new RecoveryClient({ client }), run, workers, log };
}
