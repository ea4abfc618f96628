import { alternate, ratios } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { scene } from '../support/calls/scene.js';
import { drain } from '../support/calls/workflows.js';
import { difference, rpcCounts } from '../support/rpc-counts.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';

const CALLS = 2_000;
const AT_ONCE = 10;
const ROUNDS = 9;

export const farBelow: Benchmark = {
  title: 'Far below the limit',
  about: `${CALLS.toLocaleString('en')} calls, ${AT_ONCE} at the same time, on a worker with a limit of a hundred times as many, and on one
without, ${ROUNDS} rounds in turn.`,
  async run(bench) {
    const breaker = bench.id('below');
    const limits = { [breaker]: { calls: 90_000, per: '1 second' as const } };
    const without = await scene(bench, 1, { breaker }, 'below-without');
    const limited = await scene(bench, 1, { breaker, limits }, 'below-limited');
    let runs = 0;
    const variant = (taskQueue: string) => async () => {
      const begun = performance.now();
      const workflowId = `${taskQueue}-${runs++}`;
      await bench.client.workflow.execute(drain, { taskQueue, workflowId, args: [CALLS, AT_ONCE] });
      return performance.now() - begun;
    };
    const variants = { without: variant(without.taskQueue), 'with a limit': variant(limited.taskQueue) };
    await alternate(1, variants);
    const before = await rpcCounts();
    const costs = await alternate(ROUNDS, variants);
    const updates = difference(before, await rpcCounts()).get('UpdateWorkflowExecution') ?? 0;
    await Promise.all([without.stop(), limited.stop()]);
    const multiples = ratios(costs);
    return table(
      ['', 'times without', 'median', 'updates to the limit'],
      Object.entries(costs).map(([name, values]) => [
        ...[name, multiples[name] ?? '', `${(median(values) / 1_000).toFixed(2)} s`],
        name === 'without' ? 0 : `${updates} in ${ROUNDS * CALLS} calls`,
      ]),
    );
  },
};
