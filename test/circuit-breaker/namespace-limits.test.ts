import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, logLines, useHarness } from '../support/harness.js';
import { breakers } from './views.js';
import type { SyncResult } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('an entity at the limits of a run', () => {
  const get = useHarness('run-limits', undefined, {
    // In the proportion that they have by default: 10,000 and 4,096.
    'history.maximumSignalsPerExecution': '20',
    'limit.historyCount.suggestContinueAsNew': '8',
  });

  test('reports are refused while the recovery worker is down: the worker goes on alone, and the breaker recovers with it', async () => {
    const h = get();
    const config = parseBreakerConfig({ openTime: 1_000, consecutiveFailures: 50 });
    const { made, use, fail, faults } = breakers(h.client, h.recoveryTaskQueue, { config });
    const name = h.id('signals');
    // Nobody takes the signals in, until the server takes no more.
    let n = 0;
    await eventually(async () => {
      await use(name, `execution-${n++}`, 'failure');
      await use(name, `execution-${n++}`, 'success');
      return faults.some((fault) => /^reporting to a circuit breaker/.test(fault));
    });
    await fail(name, 50);
    const turnedAway = await use(name, 'x', 'success');
    assert.ok(!turnedAway.admitted && turnedAway.status === 'OPEN', JSON.stringify(turnedAway));
    await eventually(async () => (await use(name, 'x', 'success')).admitted);
    await h.startWorker({ workflowsPath, plugins: [h.plugin({ breaker: undefined })] });
    // It goes on in a new run, where there is room for reports again.
    await eventually(async () => {
      await use(name, `later-${n++}`, 'failure');
      const { status } = await h.recovery.breakers.get(name).describe();
      return status !== 'CLOSED';
    });
    await eventually(async () => {
      await use(name, `later-${n++}`, 'success');
      return (await h.recovery.breakers.get(name).describe()).status === 'CLOSED';
    });
    await made.close();
  });
});

describe('a namespace that takes no breaker at all', () => {
  const get = useHarness('id-limit', undefined, { 'limit.maxIDLength': '100' });

  test('the start of the entity is refused for good: the worker decides alone, and every record is written', async () => {
    const h = get();
    const breaker = 'an id of more than a hundred characters '.repeat(3);
    let down = true;
    const written = new Set<number>();
    await h.startWorker({
      workflowsPath,
      activities: {
        async write(record: number) {
          if (down) throw Object.assign(new Error('down'), { status: 503 });
          written.add(record);
          return '';
        },
      },
      plugins: [h.plugin({ breaker, breakers: { '*': { openTime: '2s' } } })],
    });
    const handle = await h.client.workflow.start('sync', {
      workflowId: h.id('sync'),
      taskQueue: h.taskQueue,
      args: [0, 12, 12],
    });
    const turnedAway = await eventually(async () => {
      const { pendingActivities } = (await handle.describe()).raw;
      return pendingActivities?.find(({ lastFailure }) =>
        lastFailure?.message?.startsWith('Circuit breaker'),
      );
    });
    assert.match(turnedAway.lastFailure?.message ?? '', /" is (half-)?open.*: not called, tried again at /);
    down = false;
    const result = (await handle.result()) as SyncResult;
    assert.equal(result.written, 12, JSON.stringify(result));
    assert.equal(written.size, 12);
    const faults = logLines.filter(({ message }) =>
      message.includes('reporting to a circuit breaker failed'),
    );
    assert.equal(faults.length, 1, 'it is reported, once');
    await assert.rejects(h.recovery.breakers.get(breaker).describe());
  });
});
