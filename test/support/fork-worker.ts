import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { WorkerProcess } from './worker-process.js';

/** Starts a module that calls `runWorkerProcess`, and waits until its worker is ready. */
export async function forkWorker<S extends WorkerProcess>(
  modulePath: string,
  settings: S,
): Promise<ChildProcess> {
  const child = fork(modulePath, [JSON.stringify(settings)]);
  await once(child, 'message');
  return child;
}

export async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
