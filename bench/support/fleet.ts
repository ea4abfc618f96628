import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { type BreakerHandle, type BreakerSnapshot, RecoveryClient } from 'temporal-recovery/client';
import { startFleet } from '../../examples/flaky-service/fleet.js';
import { type FlakyService, startService } from '../../examples/flaky-service/service.js';
import { RecoveryPlugin, type RecoveryPluginOptions } from '../../worker/index.js';
import type { Bench } from './server.js';

/** A call that reached the service. */
export interface Call {
  readonly worker: string;
  /** Milliseconds since the epoch; server, service and workers share the clock of one machine. */
  readonly at: number;
}

/** Worker processes and the service they call through one breaker, whose name is that of their task queue. */
export interface Stage {
  readonly taskQueue: string;
  readonly service: FlakyService;
  readonly breaker: BreakerHandle;
  /** Since it was last emptied. */
  readonly calls: Call[];
  /** The breaker, once it is so. */
  until(condition: (snapshot: BreakerSnapshot) => boolean): Promise<BreakerSnapshot>;
  stop(): Promise<void>;
}

export async function startStage(
  bench: Bench,
  name: string,
  workers: number,
  openTime: Exclude<RecoveryPluginOptions['breakers'], undefined>[string]['openTime'],
): Promise<Stage> {
  const { server, client, cleanup, id } = bench;
  const taskQueue = id(name);
  const calls: Call[] = [];
  const service = await startService((worker) => {
    calls.push({ worker, at: Date.now() });
  });
  cleanup.add(() => service.stop());
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-bench-'));
  cleanup.add(() => rm(folder, { recursive: true }));
  const fleet = await startFleet(
    Array.from({ length: workers }, (_, n) => `w${n + 1}`),
    {
      serviceUrl: service.url,
      taskQueue,
      breaker: taskQueue,
      namespace: server.namespace,
      connectionOptions: server.connectionOptions,
      recovery: { taskQueue: `${taskQueue}-recovery`, breakers: { [taskQueue]: { openTime } } },
      workflowBundle: { codePath: await bundle(folder) },
    },
  );
  cleanup.add(() => fleet.stop());
  const breaker = new RecoveryClient({ client, taskQueue: `${taskQueue}-recovery` }).breakers.get(taskQueue);
  return {
    taskQueue,
    service,
    breaker,
    calls,
    async until(condition) {
      for (;;) {
        const snapshot = await breaker.describe().catch(() => undefined);
        if (snapshot !== undefined && condition(snapshot)) return snapshot;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop: () => fleet.stop(),
  };
}

/** Once for all of them: ten processes that bundle at the same time are all one sees otherwise. */
async function bundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../examples/flaky-service/workflows.js'),
    plugins: [new RecoveryPlugin()],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  const path = join(folder, 'workflows.js');
  await writeFile(path, code);
  return path;
}

/** Most calls in any window of a second. */
export function busiestSecond(calls: readonly Call[]): number {
  let most = 0;
  let from = 0;
  for (let to = 0; to < calls.length; to++) {
    while ((calls[to]?.at ?? 0) - (calls[from]?.at ?? 0) >= 1_000) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

export function within(calls: readonly Call[], from: number, to: number): Call[] {
  return calls.filter(({ at }) => at >= from && at < to);
}

/** The most calls that one worker made. */
export function mostOfOneWorker(calls: readonly Call[]): number {
  const counts = new Map<string, number>();
  for (const { worker } of calls) counts.set(worker, (counts.get(worker) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
