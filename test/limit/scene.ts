import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { bundleWorkflowCode } from '@temporalio/worker';
import { RecoveryPlugin, type RecoveryPluginOptions } from 'temporal-recovery';
import { endWorker, forkWorker } from '../support/fork-worker.js';
import type { Harness } from '../support/harness.js';
import type { LimitProcess } from './limit-process.js';

export interface Begun {
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A service that counts, and workers as processes. */
export async function scene(t: TestContext, h: Harness, name: string, plugin: RecoveryPluginOptions) {
  const taskQueue = h.id(name);
  const calls: Begun[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    calls.push({ worker: searchParams.get('worker') ?? '', at: Number(searchParams.get('at')) });
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-limit-'));
  t.after(() => rm(folder, { recursive: true }));
  const bundle = join(folder, 'workflows.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../never-worse/workflows.js'),
    plugins: [new RecoveryPlugin()],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  await writeFile(bundle, code);
  const children = new Map<string, ChildProcess>();
  t.after(() => Promise.all([...children.values()].map(endWorker)));
  let count = 0;
  return {
    taskQueue,
    calls,
    async start(...names: string[]) {
      await Promise.all(
        names.map(async (each) => {
          const settings: LimitProcess = {
            ...{ name: each, taskQueue, bundle, namespace: h.namespace },
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            connectionOptions: h.connectionOptions,
            plugin: { taskQueue: `${taskQueue}-recovery`, queue: h.queue, ...plugin },
          };
          children.set(each, await forkWorker(require.resolve('./limit-process.js'), settings));
        }),
      );
    },
    async kill(each: string) {
      const child = children.get(each);
      children.delete(each);
      child?.kill('SIGKILL');
      if (child !== undefined) await once(child, 'exit');
    },
    push(options: object = {}) {
      const workflowId = `${taskQueue}-${count++}`;
      return h.client.workflow.start('one', { workflowId, taskQueue, args: ['push', options] });
    },
  };
}

/** Most calls in any window of a length. */
export function busiestOf(calls: readonly Begun[], perMs: number): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (let to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= perMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
