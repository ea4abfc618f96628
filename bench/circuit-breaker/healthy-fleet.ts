import type { Benchmark } from '../support/benchmark.js';
import { difference, rpcCounts } from '../support/rpc-counts.js';
import type { Bench } from '../support/server.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import { work } from './workflows.js';

const ACTIVITIES = 1_000;
const ROUNDS = 3;

interface Cost {
  readonly rpcs: ReadonlyMap<string, number>;
  readonly events: number;
  readonly seconds: number;
}

export const healthyFleet: Benchmark = {
  title: 'A healthy fleet',
  about: `History events and requests to the server per ${ACTIVITIES.toLocaleString('en')} activities that succeed, 20 at a time, with and
without the plugin, ${ROUNDS} rounds in turn (median). The rounds take as long as they take, so requests that only wait (long polls)
are given apart. Workflow task events are left out: their number depends on the machine.`,
  async run(bench) {
    const costs = { without: [] as Cost[], with: [] as Cost[] };
    for (let round = 0; round < ROUNDS; round++) {
      costs.without.push(await measure(bench, `plain-${round}`, false));
      costs.with.push(await measure(bench, `recovery-${round}`, true));
    }
    const middle = (all: readonly Cost[], of: (cost: Cost) => number) =>
      all.map(of).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
    const operations = [
      ...new Set([...costs.without, ...costs.with].flatMap(({ rpcs }) => [...rpcs.keys()])),
    ];
    const row = (name: string, of: (cost: Cost) => number) => [
      name,
      middle(costs.without, of),
      middle(costs.with, of),
    ];
    const requests = operations
      .sort()
      .map((name) => row(name, ({ rpcs }) => rpcs.get(name) ?? 0))
      .filter(([, without, own]) => without !== 0 || own !== 0);
    return table(
      ['', 'without', 'with the plugin'],
      [row('history events', ({ events }) => events), ...requests, row('seconds', ({ seconds }) => seconds)],
    );
  },
};

async function measure(bench: Bench, name: string, guarded: boolean): Promise<Cost> {
  const taskQueue = bench.id(name);
  const stop = await startWorker(
    bench,
    {
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: { succeed: async (record: number) => record },
    },
    guarded ? { taskQueue: `${taskQueue}-recovery` } : undefined,
  );
  const run = async (count: number) => {
    const handle = await bench.client.workflow.start(work, {
      taskQueue,
      workflowId: `${taskQueue}-${count}`,
      args: [count],
    });
    await handle.result();
    return handle;
  };
  await run(10);
  const before = await rpcCounts();
  const start = performance.now();
  const handle = await run(ACTIVITIES);
  const seconds = Math.round((performance.now() - start) / 1_000);
  const rpcs = difference(before, await rpcCounts());
  const { events } = await handle.fetchHistory();
  const own = events?.filter(({ workflowTaskScheduledEventAttributes, ...event }) => {
    const isTask = event.workflowTaskStartedEventAttributes || event.workflowTaskCompletedEventAttributes;
    return !workflowTaskScheduledEventAttributes && !isTask;
  });
  await stop();
  return { rpcs, events: own?.length ?? 0, seconds };
}
