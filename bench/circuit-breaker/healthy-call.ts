import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { CircuitBreaker } from '../../worker/index.js';
import { alternate, ratios, type Variant } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';
import { simulatedWorker } from './simulated-worker.js';

const CALLS = 100_000;
const ROUNDS = 15;

/** The call that is guarded: asynchronous, as any request is. */
const target = async (record: number) => record + 1;

/** Nanoseconds per call, and that all of them succeeded. */
function timed(call: (record: number) => Promise<unknown>): Variant {
  return async () => {
    const start = process.hrtime.bigint();
    for (let record = 0; record < CALLS; record++) {
      if ((await call(record)) !== record + 1) throw new Error('The guarded call has another result');
    }
    return Number(process.hrtime.bigint() - start) / CALLS;
  };
}

export const healthyCall: Benchmark = {
  title: 'A healthy call',
  about: `Cost of one successful call, ${CALLS.toLocaleString('en')} in a row, ${ROUNDS} rounds in turn; each records the
outcome. "worker" is the breaker of a worker as an activity attempt meets it (\`WorkerBreakers\`), without the activity.`,
  async run({ client, id }) {
    const own = new CircuitBreaker('own');
    const cockatiel = circuitBreaker(handleAll, {
      halfOpenAfter: 60_000,
      breaker: new ConsecutiveBreaker(5),
    });
    const opossum = new Opossum(target, { timeout: false, resetTimeout: 60_000 });
    const { breakers, stop } = simulatedWorker(client, id('healthy'), parseBreakerConfig({}));
    const guarded = async (record: number) => {
      const call = { breaker: 'b', taskQueue: id('healthy'), executionId: 'e', isFresh: true };
      const answer = breakers.admit(call);
      // Only the first call looks for the fleet's breaker.
      const admission = answer instanceof Promise ? await answer : answer;
      if (!admission.admitted) throw new Error('not admitted');
      const result = await target(record);
      breakers.settle(call, admission.permit, { outcome: 'success' });
      return result;
    };
    const variants = {
      'bare call': timed(target),
      'temporal-recovery, worker': timed(guarded),
      'temporal-recovery, CircuitBreaker': timed((record) => own.execute(() => target(record))),
      cockatiel: timed((record) => cockatiel.execute(() => target(record))),
      opossum: timed((record) => opossum.fire(record)),
    };
    await alternate(2, variants);
    const costs = await alternate(ROUNDS, variants);
    await stop();
    opossum.shutdown();
    const multiples = ratios(costs);
    const base = costs['bare call'] ?? [];
    return table(
      ['', 'times a bare call', 'added per call, median'],
      Object.entries(costs).map(([name, values]) => {
        const added = median(values.map((value, round) => value - (base[round] ?? 0)));
        return [name, multiples[name] ?? '', `${(added / 1_000).toFixed(2)} µs`];
      }),
    );
  },
};
