import type { BreakerSnapshot } from 'temporal-recovery/client';
import { acquireTrial, readBreaker, reportToBreaker } from '../../client/circuit-breaker/entity.js';
import {
  breakerWorkflowId,
  parseBreakerConfig,
  type ReportedResult,
} from '../../common/circuit-breaker/index.js';
import { eventually, type Harness } from '../support/harness.js';
import type { Save } from './record-calls.js';

const config = parseBreakerConfig({ openTime: 1_000, halfOpen: { trialLease: 60_000 } });

/** The runs of a breaker through an outage, and through orders. */
export async function recordBreakers(h: Harness, save: Save): Promise<void> {
  const name = h.id('breaker');
  const handle = h.recovery.breakers.get(name);
  const until = (status: string) =>
    eventually(async (): Promise<BreakerSnapshot | false> => {
      const snapshot = await handle.describe();
      return snapshot.status === status && snapshot;
    });
  let sequence = 0;
  const report = (results: ReportedResult[], more: object = {}) => {
    const configuredAt = '2026-01-01T00:00:00Z';
    return reportToBreaker(
      h.client,
      h.recoveryTaskQueue,
      { name, config, configuredAt },
      { v: 1, worker: 'a', sequence: ++sequence, results, config, configuredAt, ...more },
    );
  };
  const runId = async () => (await readBreaker(h.client, name))?.runId;
  const keep = async (run: string, act: () => Promise<unknown>, becomes: string) => {
    const before = await runId();
    await act();
    await until(becomes);
    await save(`breaker-${run}`, breakerWorkflowId(name), before);
  };
  const failure = (execution: string): ReportedResult => ({
    ...{ outcome: 'failure', execution, category: 'SERVER', statusCode: 503, message: 'down' },
  });
  await report([failure('0'), { outcome: 'success' }]);
  await keep('closed', () => report(['1', '2', '3', '4', '5'].map(failure)), 'OPEN');
  await keep('open', async () => undefined, 'HALF_OPEN');
  await keep(
    'half-open',
    async () => {
      const trial = await acquireTrial(h.client, name, { v: 1, worker: 'a', execution: 'x' }, 10_000);
      await report([{ outcome: 'success', trial: trial.trial }], { epoch: trial.epoch });
    },
    'CLOSED',
  );
  await keep('closed-by-order', () => handle.forceOpen({ by: 'ada', expiresIn: '1 minute' }), 'FORCED_OPEN');
  await keep('forced-open', () => handle.forceClosed({ by: 'ada' }), 'METRICS_ONLY');
  await keep('metrics-only', () => handle.disable({ by: 'ada' }), 'DISABLED');
  await keep('disabled', () => handle.reset({ by: 'ada' }), 'CLOSED');
  const throttles = [{ waitMs: 5_000, said: '429' }];
  await keep('before-throttled', () => report([], { throttles }), 'THROTTLED');
  await keep('throttled', async () => undefined, 'CLOSED');
  const count = { letters: 50, calls: 50 };
  const floods = [{ operation: 'push', state: 'held', waitMs: 600_000, agoMs: 0, group: 'g', ...count }];
  const keepRun = async (run: string, act: () => Promise<unknown>) => {
    const before = await runId();
    await act();
    await eventually(async () => (await runId()) !== before);
    await save(`breaker-${run}`, breakerWorkflowId(name), before);
  };
  await keepRun('before-flood', () => report([], { floods }));
  await keepRun('flooded', () => handle.resume({ by: 'ada', expiresIn: '1 hour' }));
  await h.client.workflow.getHandle(breakerWorkflowId(name)).signal('forceOpen', 'nonsense');
  await handle.describe();
  await save('breaker-running', breakerWorkflowId(name));
}
