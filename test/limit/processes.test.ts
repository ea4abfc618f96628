// Known limits behind several worker processes, on the real server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import { busiestOf, scene } from './scene.js';

const PER_SECOND = 10;

describe('a known limit behind several worker processes', () => {
  const get = useHarness('limit-processes');

  test('is kept, by calls that wait at the server and use up no attempts; also when a worker is killed', async (t) => {
    const h = get();
    const breaker = h.id('api');
    const { start, push, kill, calls } = await scene(t, h, 'fleet', {
      breaker,
      limits: { [breaker]: { calls: PER_SECOND, per: '1 second' } },
    });
    await start('w1', 'w2', 'w3');
    const options = { retry: { maximumAttempts: 2, initialInterval: '1s' }, startToCloseTimeout: '5s' };
    const handles = await Promise.all(Array.from({ length: 300 }, () => push(options)));
    const waiting = await eventually(async () => {
      const { raw } = (await handles[handles.length - 1]?.describe()) ?? {};
      return raw?.pendingActivities?.[0]?.lastFailure?.message ?? undefined;
    });
    assert.match(waiting, /^Limit of ".*-api", 10 calls per second: not called yet, called at 20\d\d-.*Z$/);
    await eventually(() => calls.length > 60);
    await kill('w1');
    await Promise.all(handles.map((handle) => handle.result()));
    // The calls that were under way on the killed worker were made again.
    assert.ok(calls.length >= 300 && calls.length < 320, `${calls.length} calls`);
    const most = busiestOf(calls, 1_000);
    assert.ok(most <= PER_SECOND + 1, `${most} calls in a second`);
    const times = calls.map(({ at }) => at);
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    t.diagnostic(`${calls.length} calls in ${seconds.toFixed(1)} s, at most ${most} in a second`);
    // 30 s on a quiet machine.
    assert.ok(seconds < 150, `${seconds} s`);
    assert.equal(new Set(calls.map(({ worker }) => worker)).size, 3);
    assert.deepEqual(await h.recovery.deadLetters.list({ queue: h.queue }), []);
    const shown = await h.recovery.limits.get(breaker).describe();
    assert.deepEqual(shown.limit, { windows: [{ calls: 10, perMs: 1_000 }] });
  });

  test('without a recovery worker calls go on with an even part of the limit', async (t) => {
    const h = get();
    const breaker = h.id('alone');
    const { start, push, calls } = await scene(t, h, 'alone', {
      breaker,
      limits: { [breaker]: { calls: PER_SECOND, per: '1 second' } },
      runRecoveryWorker: false,
    });
    await start('w1', 'w2');
    const handles = await Promise.all(Array.from({ length: 40 }, () => push()));
    await Promise.all(handles.map((handle) => handle.result()));
    assert.equal(calls.length, 40);
    const most = busiestOf(calls, 1_000);
    assert.ok(most <= PER_SECOND + 1, `${most} calls in a second`);
  });
});
