import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureBreaker, reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness } from '../support/harness.js';
import { assertReplay } from '../support/replays.js';

const config = parseBreakerConfig({ openTime: 60_000 });
const configuredAt = '2026-01-01T00:00:00Z';
const IDLE_MS = 1_000;

describe('a circuit breaker without users', { concurrency: true }, () => {
  const get = useHarness('idle', (h) =>
    h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [h.plugin({ breaker: undefined })],
    }),
  );
  const make = async (suffix: string, settings: { permanent?: boolean; idleMs: number }) => {
    const { client, recovery, recoveryTaskQueue, id } = get();
    const breaker = { name: id(suffix), config, configuredAt, ...settings };
    await ensureBreaker(client, recoveryTaskQueue, breaker);
    const workflow = client.workflow.getHandle(`circuit-breaker/${breaker.name}`);
    let sequence = 0;
    return {
      workflow,
      breaker: recovery.breakers.get(breaker.name),
      reportFailures: (failures: number) =>
        reportToBreaker(client, recoveryTaskQueue, breaker, {
          ...{ v: 1, worker: 'a', sequence: ++sequence, config, configuredAt },
          results: Array.from({ length: failures }, (_, n) => ({
            ...{ outcome: 'failure', category: 'SERVER', execution: `${sequence}-${n}` },
          })),
        }),
      ended: () => eventually(async () => (await workflow.describe()).status.name === 'COMPLETED'),
    };
  };
  /** Another breaker as a clock: it ends by itself after so long. */
  const wait = async (suffix: string, idleMs: number) => (await make(suffix, { idleMs })).ended();
  const isAtRest = ({
    historyLength,
    raw,
  }: Awaited<ReturnType<Awaited<ReturnType<typeof make>>['workflow']['describe']>>) =>
    historyLength >= 5 && raw.pendingWorkflowTask == null;

  test('writes no history if options name it, however long it rests, and counts what comes then', async () => {
    const { workflow, breaker, reportFailures } = await make('permanent', {
      permanent: true,
      idleMs: IDLE_MS,
    });
    const before = await eventually(async () => {
      const description = await workflow.describe();
      return isAtRest(description) && description;
    });
    await wait('clock', 5 * IDLE_MS);
    const after = await workflow.describe();
    assert.equal(after.status.name, 'RUNNING');
    assert.equal(after.historyLength, before.historyLength);
    await reportFailures(2);
    await eventually(async () => (await breaker.describe()).failuresInARow === 2);
    // In a later run as well, which has the settings of the first.
    await reportFailures(3);
    await eventually(async () => (await breaker.describe()).status === 'OPEN');
    await breaker.reset();
    const closed = await eventually(async () => {
      const description = await workflow.describe();
      return (
        description.runId !== before.runId &&
        (await breaker.describe()).status === 'CLOSED' &&
        isAtRest(description) &&
        description
      );
    });
    await wait('later-clock', 5 * IDLE_MS);
    const later = await workflow.describe();
    assert.deepEqual([later.runId, later.historyLength], [closed.runId, closed.historyLength]);
  });

  test('ends if no options name it, also with failures counted, and comes back at the next report', async () => {
    const { workflow, breaker, reportFailures, ended } = await make('temporary', { idleMs: IDLE_MS });
    await reportFailures(2);
    await ended();
    assert.deepEqual(await workflow.result(), { name: breaker.name, ended: 'idle' });
    assert.equal(await breaker.exists(), false);
    const { events } = await workflow.fetchHistory();
    assert.ok((events?.length ?? 0) < 25, `${events?.length} events`);
    await reportFailures(1);
    assert.equal((await eventually(() => breaker.describe())).failuresInARow, 1);
  });

  test('ends in a run after its first as well, and its histories replay', async () => {
    const { workflow, breaker, reportFailures, ended } = await make('reopened', { idleMs: IDLE_MS });
    await reportFailures(5);
    await eventually(async () => (await breaker.describe()).status === 'OPEN');
    await breaker.reset();
    await ended();
    await assertReplay([{ workflowId: workflow.workflowId, history: await workflow.fetchHistory() }]);
  });

  test('stays if a person has forced it open', async () => {
    const { workflow, breaker } = await make('forced', { idleMs: 3 * IDLE_MS });
    await breaker.forceOpen({ by: 'ada' });
    await wait('forced-clock', 5 * IDLE_MS);
    assert.equal((await workflow.describe()).status.name, 'RUNNING');
    assert.equal((await breaker.describe()).status, 'FORCED_OPEN');
  });
});
