// Known limits on the real server, in one worker.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { LimitInput, RecoveryPluginOptions } from 'temporal-recovery';
import { InvalidRequestError, LimitNotFoundError } from 'temporal-recovery/client';
import { LimitBook } from '../../common/limit/book.js';
import { limitWorkflowId } from '../../common/limit/id.js';
import type { LeaseAnswer } from '../../common/limit/messages.js';
import { LimitRules } from '../../common/limit/rules.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { cliOf } from '../cli/command-line.js';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../never-worse/workflows.js');

describe('a known limit', { concurrency: true }, () => {
  const get = useHarness('limits', (h) => h.startWorker({ workflowsPath }));

  const stage = async (
    name: string,
    limit: LimitInput,
    options: RecoveryPluginOptions = {},
    more: Partial<WorkerOptions> = {},
  ) => {
    const h = get();
    const taskQueue = h.id(name);
    const breaker = h.id(`${name}-api`);
    const calls: { key: string; at: number; endedAt?: number }[] = [];
    let hold: Promise<void> | undefined;
    const start = () =>
      h.startWorker({
        ...{ taskQueue, workflowsPath, ...more },
        activities: {
          async push(key = '') {
            const call: (typeof calls)[number] = { key, at: performance.now() };
            calls.push(call);
            await (hold ?? setTimeout(30));
            call.endedAt = performance.now();
            return key;
          },
        },
        plugins: [h.plugin({ breaker, limits: { [breaker]: limit }, patience: undefined, ...options })],
      });
    const worker = await start();
    let count = 0;
    return {
      ...{ calls, breaker, worker, start, limit: h.recovery.limits.get(breaker) },
      holdAll(until: Promise<void>) {
        hold = until;
      },
      push: (key = '', more: object = {}) =>
        h.client.workflow.start('one', {
          ...{ workflowId: h.id(`${name}-${count++}`), taskQueue, args: ['push', more, key] },
        }),
    };
  };
  const detailsOf = async (name: string) => {
    const handle = get().client.workflow.getHandle(limitWorkflowId(name));
    const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  };
  const results = (handles: readonly { result(): Promise<unknown> }[]) =>
    Promise.all(handles.map((handle) => handle.result()));
  const many = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));

  test('calls at the same time: never more than the limit, and all are made', async () => {
    const { push, calls } = await stage('concurrency', { concurrency: 2 });
    await results(await many(20, () => push()));
    assert.equal(calls.length, 20);
    for (const { at } of calls) {
      const running = calls.filter((each) => each.at <= at && (each.endedAt ?? at) > at).length;
      assert.ok(running <= 2, `${running} at the same time`);
    }
  });

  test('calls that wait for their turn take at most half of the slots of a worker', async () => {
    const slots = { maxConcurrentActivityTaskExecutions: 4 };
    const { push, calls, worker } = await stage('slots', { calls: 5, per: '1 second' }, {}, slots);
    const handles = await many(60, () => push());
    await eventually(() => calls.length >= 10);
    const taken: number[] = [];
    while (calls.length < 30) {
      taken.push(worker.worker.getStatus().numInFlightActivities);
      await setTimeout(50);
    }
    // One that is called or rejected has a slot for a moment, too.
    const share = taken.filter((count) => count > 2).length / taken.length;
    assert.ok(share < 0.5, `more than two of four slots in ${share} of the time`);
    assert.ok(taken.some((count) => count > 0));
    await results(handles);
  });

  test('each key has the limit; several windows hold at the same time', async () => {
    const { push, calls, limit } = await stage(
      'keys',
      [
        { calls: 4, per: '1 second' },
        { calls: 6, per: '1 hour' },
      ],
      { quotaKey: (_, [key]) => key || undefined },
    );
    const handles = [...(await many(8, () => push('a'))), ...(await many(3, () => push('b')))];
    await eventually(() => calls.filter(({ key }) => key === 'a').length === 6);
    await eventually(() => calls.filter(({ key }) => key === 'b').length === 3);
    const waiting = await eventually(async () => {
      const all = await Promise.all(handles.map((handle) => handle.describe()));
      const messages = all.flatMap(({ status, raw }) =>
        status.name === 'RUNNING' ? [raw.pendingActivities?.[0]?.lastFailure?.message ?? ''] : [],
      );
      // Those that wait for the window of an hour.
      const long = messages.filter((message) => Date.parse(message.slice(-24)) - Date.now() > 1_800_000);
      return long.length === 2 && long;
    });
    assert.match(
      waiting[0] ?? '',
      /^Limit of ".*" for "a", 4 calls per second, 6 calls per hour: not called yet/,
    );
    const shown = await limit.describe();
    const [first] = shown.keys.filter(({ key }) => key === 'a');
    assert.deepEqual(first?.long, [{ calls: 6, perMs: 3_600_000, used: 6 }]);
    await limit.set({ calls: 10, per: '1 second' }, { key: 'a', reason: 'the account was raised' });
    await results(handles);
  });

  test('a person changes it: who, why and until when are on the page; it ends by itself, and can be cleared', async () => {
    const { push, calls, limit, breaker } = await stage('changed', { calls: 1, per: '1 minute' });
    const handles = await many(10, () => push());
    await eventually(() => calls.length >= 1);
    await limit.set([{ calls: 50, per: '1 second' }], {
      by: 'ada',
      reason: 'sync of the night, password=abc123secret',
      expiresIn: '1 hour',
    });
    await results(handles);
    const changed = await limit.describe();
    assert.equal(changed.changed?.by, 'ada');
    assert.deepEqual(changed.limit, { windows: [{ calls: 50, perMs: 1_000 }] });
    assert.deepEqual(changed.configured, { windows: [{ calls: 1, perMs: 60_000 }] });
    assert.match(
      changed.changes[0] ?? '',
      /set to 50 calls per second until 20.* \(by ada, “sync of the night/,
    );
    assert.doesNotMatch(JSON.stringify(changed), /abc123secret/);
    const page = () => detailsOf(breaker);
    assert.match(
      await page(),
      /### At most 50 calls per second\n\n- \*\*Set by\*\*: `ada: sync of the night/,
    );
    const listed = await eventually(async () =>
      (await get().recovery.limits.list()).find(
        ({ name, changed }) => name === breaker && changed !== undefined,
      ),
    );
    assert.equal(listed.limit, '50 calls per second');
    assert.match(listed.changed ?? '', /^by ada, sync of the night.*, until 20/);
    await limit.clear({ by: 'bob' });
    const back = await eventually(async () => {
      const shown = await limit.describe();
      return shown.changed === undefined && shown;
    });
    assert.match(back.changes[1] ?? '', /back to 1 call per minute \(by bob\)/);
    await limit.set({ calls: 2, per: '1 second' }, { expiresIn: '1 second' });
    await eventually(async () => (await limit.describe()).changes.at(-1)?.includes('“expired”'));
  });

  test('signals that are wrong change nothing and are on the page', async () => {
    const { push, limit, breaker } = await stage('wrong', { calls: 5, per: '1 second' });
    await results([await push()]);
    const handle = get().client.workflow.getHandle(limitWorkflowId(breaker));
    const wrong = [
      { windows: [{ calls: 0, per: '1s' }] },
      { windows: 'all' },
      { concurrency: -1 },
      { window: [] },
      'more',
      { windows: [{ calls: 5, per: '1s' }], expiresIn: 'soon' },
    ];
    for (const input of wrong) await handle.signal('setLimit', input);
    await eventually(async () => {
      const details = await detailsOf(breaker);
      return /Rejected as invalid, nothing changed[\s\S]*expiresIn must be a duration/.test(details);
    });
    assert.equal((await limit.describe()).changed, undefined);
    await assert.rejects(handle.executeUpdate('lease', { args: [{ v: 1, worker: 'x', keys: 'all' }] }));
    await assert.rejects(limit.set({ calls: 1.5, per: '1s' }), InvalidRequestError);
    await assert.rejects(get().recovery.limits.get('no-such').describe(), LimitNotFoundError);
    await assert.rejects(get().recovery.limits.get('no-such').clear(), LimitNotFoundError);
    await results([await push()]);
  });

  test('a worker that stops while a call waits in its slot: the next worker makes it, and no attempt is used up', async () => {
    const { push, calls, holdAll, worker, start } = await stage('stopped', { concurrency: 1 });
    let release = () => {};
    holdAll(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const once = { retry: { maximumAttempts: 1 }, startToCloseTimeout: '5m' };
    const first = await push('', once);
    await eventually(() => calls.length === 1);
    const second = await push('', once);
    // It has to be in its slot: one that only waits for a worker would be taken by the next one.
    await eventually(async () => {
      const [pending] = (await second.describe()).raw.pendingActivities ?? [];
      return pending?.state === temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
    });
    const stopped = worker.stop();
    await eventually(async () => {
      const [pending] = (await second.describe()).raw.pendingActivities ?? [];
      return /^Limit of .* 1 at the same time: not called yet/.test(pending?.lastFailure?.message ?? '');
    });
    release();
    await stopped;
    await start();
    await results([first, second]);
    assert.equal(calls.length, 2);
  });

  test('a service that states a lower limit than the configured one corrects it; what a person sets comes first', async () => {
    const h = get();
    const taskQueue = h.id('stated');
    const breaker = h.id('stated-api');
    const times: number[] = [];
    let refused = 0;
    await h.startWorker({
      ...{ taskQueue, workflowsPath },
      activities: {
        async push() {
          const now = performance.now();
          if (times.filter((at) => at > now - 1_000).length < 5) return times.push(now);
          refused++;
          const headers = { 'retry-after': '1', 'ratelimit-policy': '"second";q=5;w=1' };
          throw Object.assign(new Error('429 too many'), { status: 429, headers });
        },
      },
      plugins: [
        h.plugin({ breaker, patience: undefined, limits: { [breaker]: { calls: 50, per: '1 second' } } }),
      ],
    });
    let count = 0;
    const push = () =>
      h.client.workflow.start('one', {
        ...{ workflowId: h.id(`stated-${count++}`), taskQueue, args: ['push', {}] },
      });
    const limit = h.recovery.limits.get(breaker);
    const handles = await many(20, push);
    const corrected = await eventually(async () => {
      const shown = await limit.describe();
      return shown.stated.length > 0 && shown;
    });
    assert.deepEqual(corrected.limit, { windows: [{ calls: 5, perMs: 1_000 }] });
    assert.ok(Date.parse(corrected.stated[0]?.expiresAt ?? '') > Date.now());
    assert.equal(corrected.changed, undefined);
    assert.match(await detailsOf(breaker), /The service states\*\*: 5 calls per second; counts until 20/);
    await results(handles);
    const before = refused;
    await results(await many(20, push));
    // On a busy machine calls arrive later than they were let go, and so closer to each other.
    assert.ok(
      refused - before <= Math.max(1, before / 2),
      `${refused - before} refused after the correction, ${before} before`,
    );
    await limit.set({ calls: 40, per: '1 second' }, { by: 'ada' });
    await eventually(async () => (await limit.describe()).changed?.by === 'ada');
    await h.client.workflow.getHandle(limitWorkflowId(breaker)).signal('setLimit', {
      windows: [{ calls: 4, per: 1_000 }],
      isStated: true,
    });
    await h.client.workflow.getHandle(limitWorkflowId(breaker)).signal('setLimit', { windows: 7 });
    await eventually(async () => (await detailsOf(breaker)).includes('Rejected as invalid'));
    const set = await limit.describe();
    assert.equal(set.changed?.by, 'ada');
    assert.deepEqual([set.limit, set.stated[0]?.limit.windows[0]?.calls], [set.changed.limit, 4]);
  });

  test('a run starts with all that a full one before it carries, and takes a limit without windows', async () => {
    const h = get();
    const name = h.id('carried-api');
    const limit = { windows: [], concurrency: 1_000 };
    const configuredAt = new Date().toISOString();
    const book = new LimitBook(new LimitRules({ limit, configuredAt }));
    const now = Date.now();
    const keys = Array.from({ length: 500 }, (_, at) => ({
      ...{ key: `key-${at}`, asks: true, perSecond: 1.5, waiting: 1, running: 1, claimed: [] },
    }));
    for (let worker = 0; worker < 60; worker++)
      book.lease({ v: 1, worker: `worker-${worker}`, limit, configuredAt, keys }, now);
    const input = { v: 1, name, limit, configuredAt, book: book.carryOver(now, 1_400_000) };
    assert.ok(JSON.stringify(input).length > 900_000);
    const handle = await h.client.workflow.start('limit', {
      ...{ workflowId: limitWorkflowId(name), taskQueue: h.recoveryTaskQueue, args: [input] },
    });
    const request = { v: 1, worker: 'new', limit: { concurrency: 1_000 }, configuredAt, keys: [] };
    const answer = await handle.executeUpdate<LeaseAnswer, [object]>('lease', { args: [request] });
    assert.equal(answer.workers, 61);
    assert.deepEqual(answer.limit, limit);
    const shown = await h.recovery.limits.get(name).describe();
    assert.equal(shown.keys.length, 500);
    assert.equal(shown.conflictAt, undefined);
    await handle.terminate();
  });

  test('the histories of limits replay', async () => {
    const { push, limit, breaker, calls } = await stage('replay', { calls: 3, per: '1 second' });
    const handles = await many(9, () => push());
    await eventually(() => calls.length > 2);
    await limit.set({ calls: 20, per: '1 second' }, { by: 'ada', expiresIn: '2 seconds' });
    await results(handles);
    const handle = get().client.workflow.getHandle(limitWorkflowId(breaker));
    await eventually(async () => (await limit.describe()).changes.length === 2);
    await Worker.runReplayHistory({ workflowBundle: await recoveryBundle() }, await handle.fetchHistory());
  });

  test('the command line sets, shows, lists and clears it', async () => {
    const h = get();
    const cli = cliOf(h);
    const name = h.id('by-hand');
    const set = await cli.run([
      'limit',
      'set',
      name,
      '20/1s',
      '5000/1d',
      '--concurrency',
      '3',
      '--by',
      'ada',
      '--expires-in',
      '2h',
    ]);
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stdout, /at most 20 calls per second, 5,000 calls per day, 3 at the same time/);
    assert.match(set.stdout, /Set by +ada/);
    const shown = await cli.json<{ limit: object }>(['limit', 'show', name]);
    assert.deepEqual(shown.answer.limit, {
      windows: [
        { calls: 20, perMs: 1_000 },
        { calls: 5_000, perMs: 86_400_000 },
      ],
      concurrency: 3,
    });
    await eventually(async () => (await cli.run(['limit', 'list'])).stdout.includes(name));
    const cleared = await cli.run(['limit', 'clear', name, '--reason', 'done']);
    assert.equal(cleared.code, 0, cleared.stderr);
    assert.match(cleared.stdout, /Set by +the option limits of the workers/);
    for (const wrong of [['10'], ['x/1s'], ['0/1s'], ['10/soon'], []]) {
      const { code, stderr } = await cli.run(['limit', 'set', name, ...wrong]);
      assert.equal(code, 2, `${wrong}: ${stderr}`);
    }
    assert.equal((await cli.run(['limit', 'show', 'no-such'])).code, 4);
  });

  test("sets the server's own limits of a task queue", async () => {
    const h = get();
    const cli = cliOf(h);
    const queue = h.id('own-queue');
    const describe = async () => {
      const { config } = await h.client.workflowService.describeTaskQueue({
        namespace: h.namespace,
        ...{ taskQueue: { name: queue }, taskQueueType: 2, reportConfig: true },
      });
      return {
        rate: config?.queueRateLimit?.rateLimit?.requestsPerSecond,
        keyRate: config?.fairnessKeysRateLimitDefault?.rateLimit?.requestsPerSecond,
      };
    };
    const set = await cli.run([
      'limit',
      'queue',
      queue,
      '--rate',
      '10',
      '--key-rate',
      '2.5',
      '--weight',
      'vip=3',
      '--reason',
      'crm',
    ]);
    assert.equal(set.code, 0, set.stderr);
    assert.deepEqual(await describe(), { rate: 10, keyRate: 2.5 });
    await h.recovery.limits.setQueueLimit({
      taskQueue: queue,
      tasksPerSecond: false,
      weights: { vip: false },
    });
    const { rate, keyRate } = await describe();
    assert.deepEqual([rate ?? undefined, keyRate], [undefined, 2.5]);
    await assert.rejects(h.recovery.limits.setQueueLimit({ taskQueue: queue }), InvalidRequestError);
    await assert.rejects(
      h.recovery.limits.setQueueLimit({ taskQueue: queue, weights: { vip: 0 } }),
      InvalidRequestError,
    );
    assert.equal((await cli.run(['limit', 'queue', queue, '--rate', 'fast'])).code, 2);
  });
});
