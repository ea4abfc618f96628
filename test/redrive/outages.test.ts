import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryClient } from 'temporal-recovery/client';
import { reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { eventually, useHarness } from '../support/harness.js';
import { makeLetters, Target } from './scene.js';

const workflowsPath = require.resolve('./workflows.js');
const transform = { patch: [{ op: 'replace' as const, path: '/0/email', value: 'new' }] };

describe('a redrive and circuit breakers that are open', { concurrency: true }, () => {
  const get = useHarness('redrive-outages', (h) =>
    h.startWorker({ taskQueue: h.id('recovery'), workflowsPath }),
  );

  const scene = async (name: string, count: number, openTime = 600_000) => {
    const h = get();
    const target = new Target();
    const taskQueue = h.id(name);
    const breakerName = `${taskQueue}/write`;
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: target.activities,
      plugins: [
        h.plugin({ queue: taskQueue, breaker: undefined, breakers: { [breakerName]: { openTime } } }),
      ],
    });
    const letters = await makeLetters(h, taskQueue, taskQueue, count);
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const breaker = recovery.breakers.get(breakerName);
    await eventually(() => breaker.describe());
    const statuses = async () =>
      Promise.all(letters.map(async (id) => (await recovery.deadLetters.get(id).state()).status));
    /** As somebody does it; then every letter is asked, and held. */
    const holdAll = async () => {
      await breaker.forceOpen({ by: 'ada' });
      await eventually(async () => {
        for (const id of letters) await recovery.deadLetters.get(id).replay();
        return (await statuses()).every((status) => status === 'HELD');
      });
      // The worker hears of it a moment later: the first may still have been called.
      target.calls.length = 0;
      target.answer = () => 'written';
    };
    return { ...{ h, target, taskQueue, breakerName, letters, recovery, breaker, statuses, holdAll } };
  };

  test('a held letter that the redrive has edited is never replayed as it was', async () => {
    const { target, taskQueue, recovery, breaker, letters, statuses, holdAll } = await scene('edited', 3);
    await holdAll();
    const redrive = await recovery.redrives.start({ filter: { queue: taskQueue }, transform });
    // It edits the first, and asks no other while the breaker is open.
    await eventually(async () => (await redrive.progress()).status === 'WAITING_FOR_BREAKER');
    const now = await statuses();
    const edited = letters.filter((_, index) => now[index] === 'WAITING');
    assert.ok(edited.length > 0);
    await breaker.reset({ by: 'ada' });
    const report = await redrive.result();
    const replayed = report.outcomes.filter(({ outcome }) => outcome === 'REPLAYED');
    for (const id of edited) assert.ok(replayed.some((outcome) => outcome.id === id));
    const written = target.calls.filter(({ email }) => email === 'new');
    assert.equal(written.length, replayed.length, 'no edited letter was called with the old arguments');
    // The breaker released the others: they were still held as they were.
    assert.equal(new Set(target.calls.map(({ id }) => id)).size, 3);
    assert.equal(target.calls.length, 3);
  });

  test('letters that are held already replay by themselves, and the report has what came of them', async () => {
    const { target, taskQueue, recovery, breaker, holdAll } = await scene('held', 4);
    await holdAll();
    const redrive = await recovery.redrives.start({ filter: { queue: taskQueue } });
    await eventually(async () => (await redrive.progress()).status === 'FINISHING');
    assert.equal((await redrive.progress()).held, 4);
    await breaker.reset({ by: 'ada' });
    const report = await redrive.result();
    assert.deepEqual([report.replayed, report.held], [4, 0]);
    assert.equal(target.calls.length, 4);
  });

  test('where nothing else calls the service, its next letter is the trial', async () => {
    const openTime = 4_000;
    const { h, target, taskQueue, breakerName, recovery, breaker } = await scene('trial', 3, openTime);
    target.answer = () => 'written';
    const failures = [1, 2, 3, 4, 5].map((n) => ({
      ...{ outcome: 'failure' as const, execution: `${n}`, category: 'SERVER' as const, statusCode: 503 },
      message: 'down',
    }));
    const made = {
      name: breakerName,
      config: parseBreakerConfig({ openTime }),
      configuredAt: new Date().toISOString(),
    };
    const report = { v: 1 as const, worker: 'a', sequence: 1, results: failures, ...made };
    await reportToBreaker(h.client, h.recoveryTaskQueue, made, report);
    await eventually(async () => (await breaker.describe()).status === 'OPEN');
    const redrive = await recovery.redrives.start({ filter: { queue: taskQueue }, transform, rate: 100 });
    const { replayed, status } = await redrive.result();
    assert.deepEqual([status, replayed], ['COMPLETED', 3]);
    assert.equal((await breaker.describe()).status, 'CLOSED');
  });
});
