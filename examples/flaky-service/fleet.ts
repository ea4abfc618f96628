import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { WorkerSettings } from './worker.js';

/** Worker processes; they end with the parent, however that ends. */
export async function startFleet(
  names: readonly string[],
  settings: Omit<WorkerSettings, 'name'>,
): Promise<{ stop(): Promise<void> }> {
  const processes = names.map((name) =>
    fork(require.resolve('./worker.js'), [JSON.stringify({ ...settings, name })]),
  );
  await Promise.all(processes.map(ready));
  return {
    async stop() {
      await Promise.all(
        processes.map(async (child) => {
          if (child.exitCode !== null) return;
          const ended = once(child, 'exit');
          child.disconnect();
          await ended;
        }),
      );
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`A worker process ended with code ${code} before it was ready`);
    }),
  ]);
}
