import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import type { SyncResult } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const LETTERS = 50;

describe('letters that are held', () => {
  const get = useHarness('release');

  test('are released one after the other when their circuit breaker closes', async () => {
    const h = get();
    const taskQueue = h.id('herd');
    const name = `${taskQueue}/write`;
    let isBroken = true;
    const calledAt: number[] = [];
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: {
        async write() {
          if (isBroken) throw Object.assign(new Error('refused'), { status: 422 });
          calledAt.push(Date.now());
        },
      },
      plugins: [h.plugin({ breaker: undefined, breakers: { [name]: {} } })],
    });
    const handle = await h.client.workflow.start('sync', {
      workflowId: taskQueue,
      taskQueue,
      args: [0, LETTERS, LETTERS],
    });
    const { letters } = (await handle.result()) as SyncResult;
    const breaker = h.recovery.breakers.get(name);
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada', reason: 'maintenance' });
    await eventually(async () => {
      const [first = ''] = letters;
      return (await h.recovery.deadLetters.get(first).replay()).outcome === 'HELD';
    });
    await Promise.all(letters.map((id) => h.recovery.deadLetters.get(id).replay()));
    // Every one of them has been turned away at least once.
    await eventually(async () => {
      const pending = await Promise.all(
        letters.map(async (id) => {
          const { raw } = await h.client.workflow.getHandle(id).describe();
          return raw.pendingActivities?.[0]?.lastFailure?.message?.includes('forced open');
        }),
      );
      return pending.every(Boolean);
    });
    isBroken = false;
    await breaker.reset({ by: 'ada' });
    const closedAt = (await eventually(async () => {
      const { status, transitions } = await breaker.describe();
      return status === 'CLOSED' && transitions.at(-1);
    })) as { at: number };
    await eventually(() => calledAt.length === LETTERS);
    const perSecond: number[] = [];
    for (const at of calledAt) {
      const second = Math.max(0, Math.floor((at - closedAt.at) / 1_000));
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    // Five a second, and what a busy machine adds.
    for (const calls of perSecond) assert.ok((calls ?? 0) <= 12, JSON.stringify(perSecond));
  });
});
