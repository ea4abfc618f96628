// A quota that is used up, on the real server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RecoveryPluginOptions } from 'temporal-recovery';
import type { BreakerSnapshot } from 'temporal-recovery/client';
import { readBreaker, reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { FLEET_DEFAULTS, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import type { ReportedThrottle } from '../../common/quota/throttles.js';
import { eventually, useHarness } from '../support/harness.js';
import { assertRunsReplay } from '../support/replays.js';

const workflowsPath = require.resolve('../never-worse/workflows.js');

const tooMany = (retryAfterSeconds: number) =>
  Object.assign(new Error('429 the quota of the day is used up'), {
    status: 429,
    response: { status: 429, headers: { 'retry-after': `${retryAfterSeconds}` } },
  });

describe('a quota that is used up', { concurrency: true }, () => {
  const get = useHarness('quotas');

  /** A worker, and a service that refuses each tenant until a time. */
  const stage = async (name: string, options: RecoveryPluginOptions = {}) => {
    const h = get();
    const taskQueue = h.id(name);
    const breaker = h.id(`${name}-api`);
    const calls: { tenant: string; refused: boolean; at: number }[] = [];
    const used = new Map<string, number>();
    const start = () =>
      h.startWorker({
        taskQueue,
        workflowsPath,
        activities: {
          async push(tenant: string) {
            const waitMs = (used.get(tenant) ?? 0) - Date.now();
            calls.push({ tenant, refused: waitMs > 0, at: Date.now() });
            if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1_000));
            return tenant;
          },
        },
        plugins: [h.plugin({ breaker, patience: undefined, ...options })],
      });
    let count = 0;
    const push = (tenant = 'a', more: object = {}) =>
      h.client.workflow.start('one', {
        ...{ workflowId: h.id(`${name}-${count++}`), taskQueue, args: ['push', more, tenant] },
      });
    return { start, push, calls, used, breaker: h.recovery.breakers.get(breaker), name: breaker };
  };

  test('a wait beyond schedule-to-close: the call is tried once more shortly before that', async () => {
    const { start, push, calls, used } = await stage('last-chance');
    await start();
    used.set('a', Date.now() + 60_000);
    const handle = await push('a', { scheduleToCloseTimeout: '10s' });
    await eventually(() => calls.some(({ refused }) => refused));
    // The quota is back long before the service said.
    used.clear();
    assert.equal(await handle.result(), 'a');
    assert.equal(calls.length, 2);
    assert.equal(await handle.result(), 'a');
    assert.equal(calls.length, 2);
  });

  test('without a key: THROTTLED in the list and on the page; a trial that succeeds lets all others go on', async () => {
    const { start, push, calls, used, breaker, name } = await stage('all');
    const { stop } = await start();
    used.set('bad', Date.now() + 60_000);
    const bad = await push('bad');
    await eventually(() => calls.length === 1);
    // One refusal may be about this tenant alone: others go on, and the fleet has nothing to know.
    await (await push('good')).result();
    const others = await Promise.all(Array.from({ length: 5 }, () => push('bad')));
    await eventually(async () => (await breaker.describe()).status === 'THROTTLED');
    const listed = await eventually(async () =>
      (await get().recovery.breakers.list({ status: 'THROTTLED' })).find((each) => each.name === name),
    );
    assert.match(listed.why ?? '', /^quota used up, goes on at .* · the service said: 429/);
    const { currentDetails = '' } = await get()
      .client.workflow.getHandle(`circuit-breaker/${name}`)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    assert.match(currentDetails, /### THROTTLED: the quota of the service is used up/);
    assert.match(currentDetails, /quota used up, goes on at/);
    const startedAt = Date.now();
    const good = await Promise.all(Array.from({ length: 5 }, () => push('good')));
    await Promise.all(good.map((handle) => handle.result()));
    assert.ok(Date.now() - startedAt < 20_000, `${Date.now() - startedAt} ms`);
    const narrowed = await eventually(async () => {
      const snapshot = await breaker.describe();
      return snapshot.throttles?.[0]?.narrowed && snapshot;
    });
    assert.equal(narrowed.status, 'CLOSED');
    assert.equal(calls.filter(({ refused }) => refused).length, 6);
    await Promise.all([bad, ...others].map((handle) => handle.terminate()));
    await stop();
  });

  test('with quotaKey the throttle of one key does not hold the calls of another, not for a moment', async () => {
    const { start, push, calls, used } = await stage('keys', {
      operations: { push: { quotaKey: (_, [tenant]) => tenant } },
    });
    await start();
    used.set('bad', Date.now() + 60_000);
    const refused = await push('bad');
    await eventually(() => calls.length === 1);
    const held = await push('bad');
    const startedAt = Date.now();
    await (await push('good')).result();
    assert.ok(Date.now() - startedAt < 5_000);
    assert.deepEqual(
      calls.map(({ tenant }) => tenant),
      ['bad', 'good'],
    );
    await Promise.all([refused.terminate(), held.terminate()]);
  });

  test('reset by a person: calls go on at once', async () => {
    const { start, push, used, calls, breaker } = await stage('reset', { quotaKey: () => 'account' });
    await start();
    used.set('a', Date.now() + 600_000);
    const first = await push();
    await eventually(async () => (await breaker.describe()).throttles !== undefined);
    await eventually(() => calls.length === 1);
    const held = await push();
    await eventually(async () => (await held.describe()).raw.pendingActivities?.[0]?.lastFailure);
    used.clear();
    await breaker.reset({ by: 'ada' });
    const resetAt = Date.now();
    // The call that the service has refused too, before the time that it said.
    await Promise.all([held.result(), first.result()]);
    assert.ok(Date.now() - resetAt < 15_000, `${Date.now() - resetAt} ms`);
  });

  test('where strategies say that they count, refusals are failures: the breaker opens', async () => {
    const { start, push, used, breaker } = await stage('counted', {
      categories: { RATE_LIMIT: ['CIRCUIT_BREAKER', 'EXPONENTIAL_BACKOFF'] },
    });
    await start();
    used.set('a', Date.now() + 600_000);
    const handles = await Promise.all(Array.from({ length: 6 }, () => push()));
    const { throttles } = await eventually(async () => {
      const snapshot = await breaker.describe();
      return snapshot.status === 'OPEN' && snapshot;
    });
    assert.equal(throttles, undefined);
    await Promise.all(handles.map((handle) => handle.terminate()));
  });

  test('refusals do not use up attempts, and the patience of a quota ends them', async () => {
    const { start, push, used, calls } = await stage('patience', {
      quotaKey: () => 'account',
      maxRetries: 1,
      retryDelay: 1,
      categories: { RATE_LIMIT: { patience: '12s' } },
    });
    await start();
    used.set('a', Date.now() + 600_000);
    // Each refusal asks for a short wait.
    const refusing = setInterval(() => used.set('a', Date.now() + 1_000), 50);
    const startedAt = Date.now();
    used.set('a', startedAt + 1_000);
    await assert.rejects((await push()).result());
    clearInterval(refusing);
    const tookMs = Date.now() - startedAt;
    assert.ok(tookMs >= 12_000 && tookMs < 60_000, `${tookMs} ms`);
    assert.ok(calls.length > 3, `${calls.length} calls`);
  });

  test('the breaker: one run for each change, none for what it knows; by time, by narrowing, by reset; its runs replay', async () => {
    const h = get();
    const { start } = await stage('entity');
    await start();
    const name = h.id('entity-itself');
    const config = parseBreakerConfig(FLEET_DEFAULTS);
    const configuredAt = '2026-01-01T00:00:00Z';
    const handle = h.recovery.breakers.get(name);
    let sequence = 0;
    const report = (throttles: ReportedThrottle[], worker = 'a') =>
      reportToBreaker(
        h.client,
        h.recoveryTaskQueue,
        { name, config, configuredAt },
        { v: 1, worker, sequence: ++sequence, results: [], throttles, config, configuredAt },
      );
    const runs: string[] = [];
    const run = async () => {
      const { runId = '' } = (await readBreaker(h.client, name)) ?? {};
      if (runs.at(-1) !== runId) runs.push(runId);
      return runId;
    };
    const until = (condition: (snapshot: BreakerSnapshot) => boolean) =>
      eventually(async () => {
        await run();
        const snapshot = await handle.describe();
        return condition(snapshot) && snapshot;
      });

    await report([{ key: 'tenant-7', waitMs: 600_000, said: '429', perSecond: 2 }]);
    const keyed = await until(({ throttles }) => throttles?.length === 1);
    assert.deepEqual([keyed.status, keyed.epoch], ['CLOSED', 0]);
    await report([{ waitMs: 600_000, said: '429 slow down' }]);
    const all = await until(({ status }) => status === 'THROTTLED');
    assert.equal(all.changesAt, all.throttles?.find(({ key }) => key === undefined)?.until);
    const before = await run();
    await report([{ waitMs: 600_500 }, { key: 'tenant-7', waitMs: 10 }], 'b');
    // Invalid parts are noted on the page, and change nothing.
    await report([{ waitMs: -1 } as ReportedThrottle, { waitMs: 1, key: 7 } as never], 'c');
    await until(({ workers }) => workers === 3);
    assert.equal(await run(), before);
    await report([{ waitMs: 0, narrowed: true }]);
    await until(({ status, throttles }) => status === 'CLOSED' && throttles?.length === 2);
    await report([{ waitMs: 600_000 }]);
    await until(({ status }) => status === 'THROTTLED');
    await handle.reset({ by: 'ada' });
    await until(({ status, throttles }) => status === 'CLOSED' && throttles === undefined);
    await report([{ waitMs: 12_000 }]);
    await until(({ status }) => status === 'THROTTLED');
    await until(({ status }) => status === 'CLOSED');

    assert.ok(runs.length >= 7, `${runs.length} runs`);
    await assertRunsReplay(h, `circuit-breaker/${name}`, runs);
  });
});
