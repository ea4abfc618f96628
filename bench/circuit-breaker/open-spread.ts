import { setImmediate } from 'node:timers/promises';
import { RecoveryClient } from 'temporal-recovery/client';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import type { Benchmark } from '../support/benchmark.js';
import type { Bench } from '../support/server.js';
import { percentile } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import { failOne, pollAs, simulatedWorker } from './simulated-worker.js';

const WORKERS = 50;
const ROUNDS = 40;

export const openSpread: Benchmark = {
  title: 'From the tripping failure to the last worker',
  about: `${WORKERS} worker views of one breaker; milliseconds from the failure that trips it until calls are rejected by
the last of them, ${ROUNDS} rounds each. "One sees it": the other ${WORKERS - 1} have no traffic. "All see it": all fail at once, and
each one's own rules may be faster than the news.`,
  async run(bench) {
    const one = await measure(bench, 'one', 1);
    const all = await measure(bench, 'all', WORKERS);
    const row = (name: string, values: readonly number[]) => [
      name,
      ...[0.5, 0.9, 0.99].map((share) => `${percentile(values, share).toFixed(0)} ms`),
    ];
    return table(['', 'p50', 'p90', 'p99'], [row('one sees it', one), row('all see it', all)]);
  },
};

async function measure(bench: Bench, name: string, failing: number) {
  const { client, id } = bench;
  const breaker = id(name);
  const taskQueue = id(`${name}-tq`);
  const recoveryQueue = id(`${name}-recovery`);
  // For its recovery worker, which runs the breaker's entity.
  await startWorker(
    bench,
    { taskQueue: id(`${name}-any`), activities: { idle: async () => undefined } },
    { taskQueue: recoveryQueue },
  );
  await pollAs(client, taskQueue, WORKERS);
  const config = parseBreakerConfig({ openTime: 600_000 });
  const workers = Array.from({ length: WORKERS }, () =>
    simulatedWorker(client, recoveryQueue, config, [breaker]),
  );
  const handle = new RecoveryClient({ client, taskQueue: recoveryQueue }).breakers.get(breaker);
  const admitted = async () => {
    const call = { breaker, taskQueue, executionId: 'probe', isFresh: false };
    const admissions = await Promise.all(workers.map(({ breakers }) => breakers.admit(call)));
    return admissions.filter((admission) => admission.admitted).length;
  };
  const until = async (count: number) => {
    while ((await admitted()) !== count) await setImmediate();
  };
  // The entity is there and all follow it once all have seen it closed by force.
  for (let known = false; !known; )
    known = await handle.forceOpen().then(
      () => true,
      () => false,
    );
  await until(0);
  await handle.reset();
  await until(WORKERS);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const worker of workers.slice(0, failing)) {
      for (let n = 0; n < 4; n++) await failOne(worker, breaker, taskQueue, `${round}-${n}`);
    }
    const start = performance.now();
    for (const worker of workers.slice(0, failing)) await failOne(worker, breaker, taskQueue, `${round}-4`);
    await until(0);
    times.push(performance.now() - start);
    await handle.reset({ by: 'benchmark' });
    await until(WORKERS);
  }
  await Promise.all(workers.map(({ stop }) => stop()));
  return times;
}
