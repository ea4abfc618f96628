import type { Client } from '@temporalio/client';
import type { Admission, GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import { type BreakerConfig, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { WorkerBreakers } from '../../worker/circuit-breaker/guard.js';

export const config = parseBreakerConfig({ openTime: 1_000, halfOpen: { trialLease: 2_000 } });

export const call = (breaker: string, executionId: string, isFresh = true): GuardedCall => ({
  ...{ breaker, executionId, isFresh },
  taskQueue: 'q',
});

/** The breakers of one worker, without the worker. */
export function breakers(client: Client, taskQueue: string, options: { config?: BreakerConfig } = {}) {
  const faults: string[] = [];
  const made = new WorkerBreakers({
    client,
    taskQueue,
    configOf: () => options.config ?? config,
    named: [],
    isAlone: false,
    fault: (where, error) => faults.push(`${where}: ${error}`),
  });
  const use = async (
    name: string,
    execution: string,
    ends: 'success' | 'failure',
    isFresh = true,
  ): Promise<Admission> => {
    const used = call(name, execution, isFresh);
    const admission = await made.admit(used);
    if (admission.admitted) {
      made.settle(used, admission.permit, { outcome: ends, category: 'SERVER' });
    }
    return admission;
  };
  const fail = async (name: string, times: number) => {
    for (let n = 0; n < times; n++) await use(name, `${name}-${n}`, 'failure');
  };
  return { made, use, fail, faults };
}
