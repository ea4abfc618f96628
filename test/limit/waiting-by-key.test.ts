import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LimitedAttempt } from '../../activities/failing-call/call-limits.js';
import { WaitingByKey } from '../../worker/limit/waiting-by-key.js';
import { WaitingCalls } from '../../worker/waiting/waiting-calls.js';

function scene() {
  const woken: string[] = [];
  const waiting = new WaitingByKey(
    () =>
      new WaitingCalls(
        async ({ workflowId }) => void woken.push(workflowId),
        () => 0,
      ),
  );
  const add = (key: string, name: string) => {
    const activity = { workflowId: name, runId: 'r', activityId: '1' };
    waiting.add(key, { executionId: name, activity } as LimitedAttempt, 60_000);
  };
  return { waiting, woken, add };
}

describe('calls that wait for a limit, by key', () => {
  // The pauses between rounds do not keep a process alive.
  let alive: NodeJS.Timeout;
  before(() => {
    alive = setInterval(() => undefined, 1_000);
  });
  after(() => clearInterval(alive));

  test('calls of a further key are woken after very many keys had calls that waited', async () => {
    const { waiting, woken, add } = scene();
    for (let n = 0; n < 300; n++) {
      add(`key-${n}`, `call-${n}`);
      if (n % 50 > 0) waiting.delete(`key-${n}`, `call-${n}`);
      else await waiting.wake(`key-${n}`, 1);
    }
    assert.equal(woken.length, 6);
    add('late', 'late-call');
    await waiting.wake('late', 1);
    assert.equal(woken.at(-1), 'late-call');
  });

  test('where more keys have calls that wait than are kept, the one with the fewest is forgotten', async () => {
    const { waiting, woken, add } = scene();
    for (let n = 0; n < 49; n++) {
      add(`key-${n}`, `call-${n}`);
      add(`key-${n}`, `more-${n}`);
    }
    add('one', 'one-call');
    add('late', 'late-call');
    add('late', 'late-more');
    for (const key of ['key-0', 'one', 'late']) await waiting.wake(key, 10);
    assert.deepEqual(woken, ['call-0', 'more-0', 'late-call', 'late-more']);
  });
});
