import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CircuitBreakerState } from 'temporal-recovery/client';
import { eventually, useHarness } from '../support/harness.js';
import type { SyncResult } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const LETTERS = 50;

describe('letters that are held', () => {
  const get = useHarness('release');

  test('are released gradually when their circuit breaker closes', async () => {
    const h = get();
    const taskQueue = h.id('herd');
    let isDown = true;
    const calledAt: number[] = [];
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: {
        async write() {
          // Not retried: each failure becomes a letter that is held.
          if (isDown) throw Object.assign(new Error('token expired'), { status: 401 });
          calledAt.push(Date.now());
          return 'written';
        },
      },
      plugins: [
        h.plugin({ breaker: undefined, breakers: { '*': { openTime: '10s', consecutiveFailures: 50 } } }),
      ],
    });
    const handle = await h.client.workflow.start('sync', {
      workflowId: taskQueue,
      taskQueue,
      args: [0, LETTERS, LETTERS],
    });
    const { letters } = (await handle.result()) as SyncResult;
    const breaker = h.recovery.breakers.get(`${taskQueue}/write`);
    await eventually(async () => (await breaker.describe()).status === CircuitBreakerState.OPEN);
    isDown = false;
    await eventually(() => calledAt.length === LETTERS, 120_000);
    const closedAt = (await breaker.describe()).transitions.at(-1)?.at ?? 0;
    const perSecond: number[] = [];
    for (const at of calledAt) {
      const second = Math.max(0, Math.floor((at - closedAt) / 1_000));
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    console.log(
      letters.length,
      [...perSecond].map((n) => n ?? 0),
    );
    assert.ok((perSecond[0] ?? 0) <= LETTERS / 5, JSON.stringify(perSecond));
  });
});
