// Known limits behind several worker processes, on the real server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tsToMs } from '@temporalio/common/lib/time';
import { limitWorkflowId } from '../../common/limit/id.js';
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
    // The one that answers for the limit: its next task waits at the killed process first.
    const entity = h.client.workflow.getHandle(limitWorkflowId(breaker));
    const events = async () => (await entity.fetchHistory()).events ?? [];
    const answers = (await events()).flatMap(
      ({ workflowTaskCompletedEventAttributes: done }) => done?.identity ?? [],
    );
    await kill((answers.at(-1) ?? '').replace(/@.*/, ''));
    const [before, end] = await eventually(async () => {
      const found = await events();
      const at = found.findIndex(({ workflowTaskTimedOutEventAttributes: end }) => end);
      return at > 0 && ([found[at - 1], found[at]] as const);
    });
    const wasStarted = before?.workflowTaskStartedEventAttributes != null;
    const waitedMs = Number(tsToMs(end?.eventTime)) - Number(tsToMs(before?.eventTime));
    // A task that the killed process had taken already ends by the time-out of tasks.
    assert.ok(waitedMs < (wasStarted ? 15_000 : 6_000), `${waitedMs} ms`);
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
