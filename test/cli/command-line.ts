import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Harness } from '../support/harness.js';

const MAIN = join(__dirname, '..', '..', 'cli', 'main.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** The built command line in a process of its own, without a terminal. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, EDITOR: '', VISUAL: '', ...env },
  });
}

export async function runCli(args: readonly string[], { env, input }: RunOptions = {}): Promise<Finished> {
  const child = startCli(args, env);
  const [stdout, stderr] = [text(child, 'stdout'), text(child, 'stderr')];
  child.stdin?.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** The command line in a test's corner of the server. */
export function cliOf(h: Pick<Harness, 'recoveryTaskQueue'>) {
  const run = (args: readonly string[], options?: RunOptions) =>
    runCli([...args, '--recovery-task-queue', h.recoveryTaskQueue], options);
  return {
    run,
    /** With `--json`; the answer parsed. */
    async json<T>(args: readonly string[], options?: RunOptions): Promise<Finished & { answer: T }> {
      const finished = await run([...args, '--json'], options);
      const isAnswer = finished.stdout.trim() !== '';
      return { ...finished, answer: (isAnswer ? JSON.parse(finished.stdout) : undefined) as T };
    },
  };
}

export function text(child: ChildProcess, from: 'stdout' | 'stderr'): () => string {
  let all = '';
  child[from]?.setEncoding('utf8').on('data', (part: string) => {
    all += part;
  });
  return () => all;
}
