import type { Benchmark } from '../support/benchmark.js';
import { scene } from '../support/calls/scene.js';
import { drain } from '../support/calls/workflows.js';
import { difference, rpcCounts } from '../support/rpc-counts.js';
import { table } from '../support/table.js';

const WORKERS = 10;
const RATE = Number(process.env.LIMIT_RATE ?? 200);
const CALLS = Number(process.env.LIMIT_CALLS ?? 20_000);
const WORKFLOWS = 20;
const AT_ONCE = Number(process.env.LIMIT_AT_ONCE ?? 50);

export const atTheLimit: Benchmark = {
  title: 'At the limit',
  about: `${WORKERS} workers make ${CALLS.toLocaleString('en')} calls as fast as they may, with a limit of ${RATE} calls a second
(${WORKFLOWS} workflows, ${AT_ONCE} calls of each at the same time, so that most calls wait). The service counts in a thread of its own.`,
  async run(bench) {
    const name = 'limits';
    const run = await scene(
      bench,
      WORKERS,
      { breaker: bench.id(name), limits: { [bench.id(name)]: { calls: RATE, per: '1 second' } } },
      name,
    );
    const { taskQueue } = run;
    const make = async (name: string, calls: number, atOnce: number) => {
      const options = { taskQueue, workflowId: `${taskQueue}-${name}` };
      return (await bench.client.workflow.start(drain, { ...options, args: [calls, atOnce] })).result();
    };
    // Until all workers and the entity run.
    await make('first', 5 * RATE, AT_ONCE);
    const from = run.count();
    const before = await rpcCounts();
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: WORKFLOWS }, (_, at) => make(`${at}`, CALLS / WORKFLOWS, AT_ONCE)),
    );
    const seconds = (performance.now() - begun) / 1_000;
    const rpcs = difference(before, await rpcCounts());
    const all = await run.stop();
    const times = all.slice(from);
    const [first = 0] = times;
    const last = times[times.length - 1] ?? 0;
    // The last calls are fewer than may go: they are no measure.
    const steady = times.filter((at) => at - first < (last - first) * 0.95);
    const steadySeconds = ((last - first) * 0.95) / 1_000;
    const windows = windowsOf(times);
    const atFirst = windowsOf(all.slice(0, from));
    const perSecond = (operation: string) => ((rpcs.get(operation) ?? 0) / seconds).toFixed(1);
    return table(
      ['', ''],
      [
        ['calls', times.length],
        ['seconds', seconds.toFixed(0)],
        ['throughput, share of the limit', `${((100 * steady.length) / steadySeconds / RATE).toFixed(1)} %`],
        ['calls in the busiest second', `${windows.most} (${((100 * windows.most) / RATE).toFixed(1)} %)`],
        ['calls in the busiest second while the workers start', `${atFirst.most}`],
        ['calls in the very first second', `${all.filter((at) => at - (all[0] ?? 0) < 1_000).length}`],
        ['windows of a second with more calls than the limit', `${windows.above} of ${times.length}`],
        ['updates a second to the limit', perSecond('UpdateWorkflowExecution')],
        [
          'rejections for each call',
          ((rpcs.get('RespondActivityTaskFailed') ?? 0) / times.length).toFixed(2),
        ],
      ],
    );
  },
};

/** Windows that begin with a call. */
function windowsOf(times: readonly number[]): { most: number; above: number } {
  let most = 0;
  let above = 0;
  let to = 0;
  for (let from = 0; from < times.length; from++) {
    while (to < times.length && (times[to] as number) - (times[from] as number) < 1_000) to++;
    most = Math.max(most, to - from);
    if (to - from > RATE) above++;
  }
  return { most, above };
}
