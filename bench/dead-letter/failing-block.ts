import type { RecoveryPluginOptions } from '../../worker/index.js';
import { alternate, ratios } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import type { block } from './workflows.js';

const CALLS = 200;
const ROUNDS = 5;
const VARIANTS: Readonly<Record<string, RecoveryPluginOptions | undefined>> = {
  'without the plugin': undefined,
  'with the plugin': {},
  'with the plugin, `groups: false`': { groups: false },
  'with the plugin, no recovery worker': { runRecoveryWorker: false },
};

export const failingBlock: Benchmark = {
  title: 'A block of failing calls',
  about: `Time until a workflow has the failures of ${CALLS} invalid records, all called at the same time with one attempt each, with and without the
plugin; ${ROUNDS} rounds in turn. Each of these calls is a letter.`,
  async run(bench) {
    let runs = 0;
    const stops: (() => Promise<void>)[] = [];
    const variants: Record<string, () => Promise<number>> = {};
    for (const [at, [name, options]] of Object.entries(VARIANTS).entries()) {
      const taskQueue = bench.id(`block-${at}`);
      stops.push(
        await startWorker(
          bench,
          {
            taskQueue,
            workflowsPath: require.resolve('./workflows.js'),
            activities: {
              async write() {
                throw Object.assign(new Error('no such country'), { status: 422 });
              },
            },
          },
          options && { taskQueue: `${taskQueue}-recovery`, queue: taskQueue, ...options },
        ),
      );
      variants[name] = async () => {
        const workflowId = `${taskQueue}-${runs++}`;
        const start = performance.now();
        await bench.client.workflow.execute<typeof block>('block', { taskQueue, workflowId, args: [CALLS] });
        return performance.now() - start;
      };
    }
    await alternate(1, variants);
    const costs = await alternate(ROUNDS, variants);
    await Promise.all(stops.map((stop) => stop()));
    const times = ratios(costs);
    return table(
      ['', 'times without', 'calls a second, median'],
      Object.entries(costs).map(([name, values]) => [
        ...[name, times[name] ?? '', Math.round((CALLS * 1_000) / median(values))],
      ]),
    );
  },
};
