import type { backlog } from '../../examples/flaky-service/workflows.js';
import type { Benchmark } from '../support/benchmark.js';
import { mostOfOneWorker, type Stage, startStage, within } from '../support/fleet.js';
import type { Bench } from '../support/server.js';
import { withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';

const WORKERS = 10;
const ACTIVITIES = 200;
const ROUNDS = 5;
const OPEN_MS = 5_000;
/** Time for trials, some of which fail. */
const OUTAGE_MS = 20_000;

interface Outage {
  readonly before: number;
  readonly after: number;
  readonly mostOfOneWorker: number;
  readonly trials: number;
}

export const deadService: Benchmark = {
  title: 'Calls that reach a dead service',
  about: `${WORKERS} worker processes, ${ACTIVITIES} activities at once against a service that answers 503, for ${OUTAGE_MS / 1_000} s, open time
${OPEN_MS / 1_000} s, ${ROUNDS} rounds: median (10th … 90th percentile). "After it opened" is from the time of the transition in the breaker's
entity, without trials. The goal is at most one for each worker.`,
  async run(bench) {
    const stage = await startStage(bench, 'dead', WORKERS, OPEN_MS);
    const outages: Outage[] = [];
    for (let round = 0; round < ROUNDS; round++) outages.push(await measure(bench, stage, round));
    await stage.stop();
    const row = (name: string, of: (outage: Outage) => number) => {
      const values = outages.map(of);
      return [name, withSpread(values, 0), Math.max(...values)];
    };
    return table(
      ['calls', 'median (spread)', 'most'],
      [
        row('before it opened, all workers', ({ before }) => before),
        row('after it opened, all workers', ({ after }) => after),
        row('after it opened, the worker with most', (outage) => outage.mostOfOneWorker),
        row('trials', ({ trials }) => trials),
      ],
    );
  },
};

async function measure({ client }: Bench, stage: Stage, round: number): Promise<Outage> {
  const { taskQueue, service, calls, until, breaker } = stage;
  await breaker.reset().catch(() => undefined);
  // All workers have seen the service well, and have connections to it.
  const run = async (name: string) =>
    client.workflow.start<typeof backlog>('backlog', {
      workflowId: `${taskQueue}-${round}-${name}`,
      taskQueue,
      args: [ACTIVITIES],
    });
  await (await run('healthy')).result();
  service.isUp = false;
  calls.length = 0;
  const known = (await breaker.describe().catch(() => undefined))?.transitions.at(-1)?.at ?? 0;
  const handle = await run('outage');
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  const end = Date.now();
  service.isUp = true;
  const snapshot = await until(({ status }) => status === 'CLOSED');
  const transitions = snapshot.transitions.filter(({ at }) => at > known);
  const openedAt = transitions.find(({ to }) => to === 'OPEN')?.at ?? Number.NaN;
  const firstTrialAt = transitions.find(({ to }) => to === 'HALF_OPEN')?.at ?? Number.NaN;
  const after = within(calls, openedAt, firstTrialAt);
  await handle.result();
  return {
    before: within(calls, 0, openedAt).length,
    after: after.length,
    mostOfOneWorker: mostOfOneWorker(after),
    trials: within(calls, firstTrialAt, end).length,
  };
}
