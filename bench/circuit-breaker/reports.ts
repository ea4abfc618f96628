import { setTimeout as wait } from 'node:timers/promises';
import { breakerWorkflowId, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import type { Benchmark } from '../support/benchmark.js';
import type { Bench } from '../support/server.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import { failOne, pollAs, simulatedWorker } from './simulated-worker.js';

const FLEETS = [1, 5, 20, 100, 500];
const SECONDS = 60;
const FAILURES_PER_SECOND = 2;

export const reports: Benchmark = {
  title: 'Reports in an outage',
  about: `Signals a second to the entity of a breaker that does not open, the hardest case for it, while every worker sees
${FAILURES_PER_SECOND} failing executions a second for ${SECONDS} s; mean, and the most in any one second.`,
  async run(bench) {
    const rows = [];
    for (const workers of FLEETS) rows.push(await measure(bench, workers));
    return table(['workers', 'failures a second', 'signals a second', 'most in a second'], rows);
  },
};

async function measure(bench: Bench, count: number) {
  const { client, id } = bench;
  const breaker = id(`reports-${count}`);
  const taskQueue = id(`reports-${count}-tq`);
  const recoveryQueue = id(`reports-${count}-recovery`);
  await startWorker(
    bench,
    { taskQueue: `${taskQueue}-any`, activities: { idle: async () => undefined } },
    { taskQueue: recoveryQueue },
  );
  await pollAs(client, taskQueue, count);
  const config = parseBreakerConfig({ consecutiveFailures: 0 });
  const workers = Array.from({ length: count }, () => simulatedWorker(client, recoveryQueue, config));
  const end = performance.now() + SECONDS * 1_000;
  await Promise.all(
    workers.map(async (worker, index) => {
      for (let n = 0; performance.now() < end; n++) {
        await failOne(worker, breaker, taskQueue, `${index}-${n}`);
        await wait(1_000 / FAILURES_PER_SECOND);
      }
    }),
  );
  const { events } = await client.workflow.getHandle(breakerWorkflowId(breaker)).fetchHistory();
  const perSecond = new Map<number, number>();
  for (const { workflowExecutionSignaledEventAttributes: signal, eventTime } of events ?? []) {
    const second = Number(eventTime?.seconds ?? 0);
    if (signal) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  // What is left to report is reported at shutdown, which is not part of the outage.
  const counts = [...perSecond.values()];
  const mean = counts.reduce((sum, signals) => sum + signals, 0) / SECONDS;
  await Promise.all(workers.map(({ stop }) => stop()));
  return [count, count * FAILURES_PER_SECOND, mean.toFixed(1), Math.max(0, ...counts)];
}
