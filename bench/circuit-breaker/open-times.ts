import type { RecoveryPluginOptions } from '../../worker/index.js';
import type { Benchmark } from '../support/benchmark.js';
import type { Bench } from '../support/server.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import type { batch, outage } from './workflows.js';

const VARIANTS: Readonly<Record<string, RecoveryPluginOptions | undefined>> = {
  'without the plugin': undefined,
  'open time 5 s, doubled, at most 60 s': {
    breakers: { '*': { openTime: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '60s' } } },
  },
  'the default': {},
};
const BATCHES = [12];
const OUTAGES_S = [10, 45, 150];
const CALLS = 100;

export const openTimes: Benchmark = {
  title: 'Open times',
  about: `A batch of records, one after the other, in which each fails with a 500 (at most two attempts): seconds until it ends. And outages in which
${CALLS} calls of one workflow fail with a 503: calls that reach the service in the outage, and seconds from its end until all are done. One round, all at the same time.`,
  async run(bench) {
    const rows = await Promise.all(
      Object.entries(VARIANTS).map(async ([name, recovery]) => {
        const measured = await Promise.all([
          ...BATCHES.map((records) => allFail(bench, name, records, recovery)),
          ...OUTAGES_S.map((seconds) => throughOutage(bench, name, seconds, recovery)),
        ]);
        return [name, ...measured];
      }),
    );
    return table(
      ['', ...BATCHES.map((n) => `batch of ${n}, s`), ...OUTAGES_S.map((s) => `outage of ${s} s: calls, s`)],
      rows,
    );
  },
};

async function scene(bench: Bench, name: string, recovery: RecoveryPluginOptions | undefined) {
  const taskQueue = bench.id(`open-times-${name.replace(/\W+/g, '-')}`);
  const service = { status: 500 as number | undefined, calls: 0 };
  const stop = await startWorker(
    bench,
    {
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async push() {
          if (service.status === undefined) return;
          service.calls++;
          throw Object.assign(new Error(`HTTP ${service.status}`), { status: service.status });
        },
      },
    },
    recovery && { taskQueue: `${taskQueue}-recovery`, queue: taskQueue, ...recovery },
  );
  return { taskQueue, service, stop };
}

async function allFail(bench: Bench, name: string, records: number, recovery?: RecoveryPluginOptions) {
  const { taskQueue, stop } = await scene(bench, `${name}-batch-${records}`, recovery);
  const startedAt = performance.now();
  await bench.client.workflow.execute<typeof batch>('batch', {
    ...{ workflowId: taskQueue, taskQueue, args: [records] },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  await stop();
  return seconds.toFixed(0);
}

async function throughOutage(bench: Bench, name: string, seconds: number, recovery?: RecoveryPluginOptions) {
  const { taskQueue, service, stop } = await scene(bench, `${name}-outage-${seconds}`, recovery);
  service.status = 503;
  const handle = await bench.client.workflow.start<typeof outage>('outage', {
    ...{ workflowId: taskQueue, taskQueue, args: [CALLS] },
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  service.status = undefined;
  const endedAt = performance.now();
  await handle.result();
  const took = (performance.now() - endedAt) / 1_000;
  await stop();
  return `${service.calls}, ${took.toFixed(1)}`;
}
