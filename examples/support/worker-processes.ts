import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Fleet {
  /** Lets all of them finish what they do. */
  stop(): Promise<void>;
  /** Ends one without a chance to do anything. */
  kill(name: string): Promise<void>;
}

/**
 * Worker processes of a script that gets its settings as JSON; they end with the parent, however that ends.
 * @returns when all of them are ready
 */
export async function startWorkerProcesses<Settings extends object>(
  script: string,
  names: readonly string[],
  settings: Settings,
  options: ForkOptions = {},
): Promise<Fleet> {
  const processes = new Map(
    names.map((name) => [name, fork(script, [JSON.stringify({ ...settings, name })], options)]),
  );
  await Promise.all([...processes.values()].map(ready));
  return {
    async stop() {
      await Promise.all([...processes.values()].map((child) => end(child, () => child.disconnect())));
    },
    async kill(name) {
      const child = processes.get(name);
      if (child === undefined) throw new Error(`There is no worker process "${name}"`);
      await end(child, () => child.kill('SIGKILL'));
    },
  };
}

async function end(child: ChildProcess, how: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  how();
  await ended;
}

async function ready(child: ChildProcess): Promise<void> {
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`A worker process ended with code ${code} before it was ready`);
    }),
  ]);
}
