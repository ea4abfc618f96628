import type { ForkOptions } from 'node:child_process';
import { type Fleet, startWorkerProcesses } from '../support/worker-processes.js';
import type { WorkerSettings } from './worker.js';

/** Worker processes; they end with the parent, however that ends. */
export function startFleet(
  names: readonly string[],
  settings: Omit<WorkerSettings, 'name'>,
  options: ForkOptions = {},
): Promise<Fleet> {
  return startWorkerProcesses(require.resolve('./worker.js'), names, settings, options);
}
