import type { backlog } from '../../examples/flaky-service/workflows.js';
import type { Benchmark } from '../support/benchmark.js';
import { busiestSecond, type Stage, startStage, within } from '../support/fleet.js';
import type { Bench } from '../support/server.js';
import { withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';

const WORKERS = 10;
const ACTIVITIES = 200;
const ROUNDS = 5;
const OPEN_MS = 10_000;

interface Recovery {
  /** Calls in the busiest second of the same backlog, with nothing wrong. */
  readonly healthy: number;
  readonly firstSecond: number;
  readonly busiest: number;
  readonly closedAfterOpenTime: number;
  readonly emptyAfterClosed: number;
}

export const recovery: Benchmark = {
  title: 'Recovery',
  about: `${WORKERS} worker processes, ${ACTIVITIES} activities that wait for the breaker, open time ${OPEN_MS / 1_000} s; the service is well again before
the first trial. ${ROUNDS} rounds: median (10th … 90th percentile). The same activities at once, with nothing wrong, are what the fleet
does to the service on any day.`,
  async run(bench) {
    const stage = await startStage(bench, 'recovery', WORKERS, OPEN_MS);
    const rounds: Recovery[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(bench, stage, round));
    await stage.stop();
    const row = (name: string, of: (round: Recovery) => number, digits = 0) => [
      name,
      withSpread(rounds.map(of), digits),
    ];
    return table(
      ['', 'median (spread)'],
      [
        row(
          'seconds from the end of the open time until the breaker closed',
          (r) => r.closedAfterOpenTime / 1_000,
          1,
        ),
        row('seconds from then until nothing waited any more', (r) => r.emptyAfterClosed / 1_000, 1),
        row('calls in the first second after it closed', (r) => r.firstSecond),
        row('calls in the busiest second after it closed', (r) => r.busiest),
        row('calls in the busiest second on any day', (r) => r.healthy),
        row('busiest second after it closed, times any day', (r) => r.busiest / r.healthy, 2),
      ],
    );
  },
};

async function measure({ client }: Bench, stage: Stage, round: number): Promise<Recovery> {
  const { taskQueue, service, calls, until } = stage;
  const run = (name: string) =>
    client.workflow.start<typeof backlog>('backlog', {
      workflowId: `${taskQueue}-${round}-${name}`,
      taskQueue,
      args: [ACTIVITIES],
    });
  service.isUp = true;
  calls.length = 0;
  await (await run('healthy')).result();
  const healthy = busiestSecond(calls);
  service.isUp = false;
  const handle = await run('outage');
  await until(({ status }) => status === 'OPEN');
  service.isUp = true;
  calls.length = 0;
  const { transitions } = await until(({ status }) => status === 'CLOSED');
  await handle.result();
  const closedAt = transitions.at(-1)?.at ?? Number.NaN;
  const halfOpenAt = transitions.findLast(({ to }) => to === 'HALF_OPEN')?.at ?? Number.NaN;
  return {
    healthy,
    firstSecond: within(calls, closedAt, closedAt + 1_000).length,
    busiest: busiestSecond(within(calls, closedAt, Number.POSITIVE_INFINITY)),
    closedAfterOpenTime: closedAt - halfOpenAt,
    emptyAfterClosed: (calls.at(-1)?.at ?? Number.NaN) - closedAt,
  };
}
