import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startFleet } from '../support/fleet.js';
import { eventually, useHarness } from '../support/harness.js';

const CALLS = 12;

describe('a quota behind several worker processes', () => {
  const get = useHarness('quota-processes');

  test('one refusal stops all of them; when a person lets calls go on, all are made, and none has used an attempt', async (t) => {
    const h = get();
    const breakerName = h.id('api');
    const seen: { worker: string; refused: boolean; at: number }[] = [];
    let refusesUntil = Number.POSITIVE_INFINITY;
    const { start, push } = await startFleet(t, h, {
      ...{ breaker: breakerName, quotaKey: 'account' },
      service: (request, response) => {
        const worker = new URL(request.url ?? '', 'http://localhost').searchParams.get('worker') ?? '';
        const waitMs = refusesUntil - Date.now();
        seen.push({ worker, refused: waitMs > 0, at: Date.now() });
        if (waitMs <= 0) return response.end('ok');
        response.writeHead(429, { 'retry-after': `${Math.ceil(waitMs / 1_000)}` });
        return response.end('the quota of the day is used up');
      },
    });
    const breaker = h.recovery.breakers.get(breakerName);

    await Promise.all([start('w1'), start('w2')]);
    // Longer than the test takes, on whatever machine.
    refusesUntil = Date.now() + 1_800_000;
    const first = await push('0');
    const { throttles, status } = await eventually(async () => {
      const snapshot = await breaker.describe();
      return snapshot.throttles !== undefined && snapshot;
    });
    assert.equal(status, 'CLOSED');
    const [throttle] = throttles ?? [];
    assert.equal(throttle?.key, 'account');
    assert.match(throttle?.said ?? '', /^429 the quota of the day is used up/);
    assert.ok(Math.abs(Date.parse(throttle?.until ?? '') - refusesUntil) < 3_000, throttle?.until);
    // One that was not there when the service refused.
    await start('w3');
    const more = await Promise.all(Array.from({ length: CALLS }, (_, id) => push(`${id + 1}`)));
    const waiting = await eventually(async () => {
      const all = await Promise.all(more.map((handle) => handle.describe()));
      const failures = all.map(({ raw }) => raw.pendingActivities?.[0]?.lastFailure?.message ?? '');
      return failures.every((message) => message !== '') && failures;
    });
    for (const message of waiting) {
      assert.match(
        message,
        /^Quota of ".*" for "account" used up: not called, goes on at 20.*the service said: 429/,
      );
    }
    refusesUntil = Date.now();
    await breaker.reset({ by: 'ada', reason: 'the quota was raised' });
    // It was refused, and waits for itself.
    await first.terminate();
    const results = await Promise.all(more.map((handle) => handle.result()));
    assert.equal(results.length, CALLS);
    assert.equal(seen.filter(({ refused }) => refused).length, 1, JSON.stringify(seen));
    assert.ok(seen.every(({ refused, at }) => refused || at >= refusesUntil));
    const after = await eventually(async () => {
      const snapshot = await breaker.describe();
      return snapshot.throttles === undefined && snapshot;
    });
    assert.deepEqual(
      after.transitions.map(({ from, to, reason }) => [from, to, reason.cause]),
      [['CLOSED', 'CLOSED', 'reset']],
    );
    assert.deepEqual(await h.recovery.deadLetters.list({ queue: h.queue }), []);
  });
});
