// Rules 4 and 5: a breaker judges a dependency and not its callers, and it always ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type ActivityOptions, ApplicationFailure } from '@temporalio/common';
import { parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { breakers, call } from '../circuit-breaker/views.js';
import { forceOpen } from '../support/forced-open.js';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

const workflowsPath = require.resolve('./workflows.js');
/** Open times scaled 1:2. */
const SCALED = {
  openTime: { initialInterval: '3s', backoffCoefficient: 2, maximumInterval: '30s' },
  halfOpen: { trialLease: '3s' },
} as const;
const RECORDS = 12;
const FAULT_MS = 2_000;
/** Longer than the test: a call that waits for it fails the test. */
const OPEN_MS = 60_000;

describe('a breaker does not delay calls for long that would succeed', { concurrency: true }, () => {
  const get = useHarness('breakers-judge');

  test('one bad tenant: the other one is served, each of its calls within a trial interval', async () => {
    const CALLS = 14;
    const tenants = async (run: Run) => {
      const failed = new Set<number>();
      await run.startWorker(
        {
          async push(record: number, tenant: string) {
            if (tenant === 'BAD') failed.add(record);
            if (tenant === 'BAD') throw httpError(500, 'its database is broken');
            return 'ok';
          },
        },
        { breakers: { '*': SCALED } },
      );
      const execute = (id: string, tenant: string, record = 0) =>
        run.client.workflow.start('one', {
          ...{ workflowId: `${run.id}-${id}`, taskQueue: run.taskQueue, args: ['push', {}, record, tenant] },
        });
      await Promise.all(Array.from({ length: 40 }, (_, n) => execute(`bad-${n}`, 'BAD', n)));
      // On a busy machine an attempt may time out before it begins, and then waits like one that has failed.
      await eventually(() => failed.size >= 10);
      let worst = 0;
      for (let n = 0; n < CALLS; n++) {
        const startedAt = Date.now();
        await (await execute(`good-${n}`, 'GOOD')).result();
        worst = Math.max(worst, Date.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      return worst;
    };
    const { withIt, without } = await bothWays(get(), 'tenants', tenants);
    // The trial interval is the first open time here; the rest is what a busy machine adds.
    assert.ok(withIt < without + 3_000 + 6_000, `worst wait ${withIt} ms with, ${without} ms without`);
  });

  test('a tenant whose calls hang until they time out: the other one waits moments, however long the open time', async () => {
    const CALLS = 14;
    const START_TO_CLOSE_MS = 2_000;
    const hanging = async (run: Run) => {
      let hung = 0;
      let isOver = false;
      await run.startWorker(
        {
          async push(tenant: string) {
            if (tenant === 'GOOD') return 'ok';
            hung++;
            // As a client does whose own time-out is longer than the activity's.
            await new Promise((resolve) => setTimeout(resolve, START_TO_CLOSE_MS + 500));
            throw httpError(504, 'its database does not answer');
          },
        },
        { breakers: { '*': { openTime: OPEN_MS } } },
        // More than can hang at the same time: this is about the breaker, not about the slots of a worker.
        { maxConcurrentActivityTaskExecutions: 400 },
      );
      const push = (id: string, tenant: string) =>
        run.client.workflow.start('one', {
          ...{ workflowId: `${run.id}-${id}`, taskQueue: run.taskQueue },
          args: ['push', { startToCloseTimeout: START_TO_CLOSE_MS }, tenant],
        });
      await Promise.all(Array.from({ length: 40 }, (_, n) => push(`bad-${n}`, 'BAD')));
      await eventually(() => hung >= 10);
      const name = `${run.taskQueue}/push`;
      if (run.isWith)
        await eventually(async () => (await get().recovery.breakers.get(name).describe()).status === 'OPEN');
      // New records of the bad tenant go on coming.
      const more = (async () => {
        for (let n = 0; !isOver; n++) {
          await push(`more-bad-${n}`, 'BAD');
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      })();
      let worst = 0;
      for (let n = 0; n < CALLS; n++) {
        const startedAt = Date.now();
        assert.equal(await (await push(`good-${n}`, 'GOOD')).result(), 'ok');
        worst = Math.max(worst, Date.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      isOver = true;
      await more;
      return worst;
    };
    const { withIt, without } = await bothWays(get(), 'hanging', hanging);
    assert.ok(withIt < without + OPEN_MS / 4, `worst wait ${withIt} ms with, ${without} ms without`);
  });

  /** Twelve records, one after the other; each fails. */
  const allFail = (fail: () => Error) => async (run: Run) => {
    let calls = 0;
    await run.startWorker({
      async push() {
        calls++;
        throw fail();
      },
    });
    const retry = { maximumAttempts: 2, initialInterval: 200 };
    const startedAt = Date.now();
    for (let n = 0; n < RECORDS; n++) {
      await assert.rejects(
        run.client.workflow.execute('one', {
          ...{ workflowId: `${run.id}-${n}`, taskQueue: run.taskQueue, args: ['push', { retry }] },
        }),
      );
    }
    return { calls, ms: Date.now() - startedAt };
  };

  const causes: Record<string, () => Error> = {
    'an error of the program': () => new TypeError("Cannot read properties of undefined (reading 'id')"),
    'a plain error': () => new Error('the record has no owner'),
    'an error type of the user': () =>
      ApplicationFailure.create({ message: 'the order is not complete', type: 'OrderNotComplete' }),
  };
  for (const [cause, fail] of Object.entries(causes)) {
    test(`a batch in which each record fails, ${cause}: it ends as soon, with no more calls`, async () => {
      const name = `all-fail-${cause.split(' ').at(-1)}`;
      const { withIt, without } = await bothWays(get(), name, allFail(fail));
      // One that times out before it begins, on a busy machine, is not seen here.
      assert.ok(withIt.calls <= 2 * RECORDS, `${withIt.calls} calls with, ${without.calls} without`);
      assert.ok(withIt.ms < without.ms * 1.5 + 5_000, `${withIt.ms} ms with, ${without.ms} ms without`);
    });
  }

  test('a batch in which each record fails with a 500 looks like an outage: no more calls, at most twice the time', async (t) => {
    const { withIt, without } = await bothWays(
      get(),
      'all-500',
      allFail(() => httpError(500)),
    );
    t.diagnostic(`${withIt.ms} ms with, ${without.ms} ms without`);
    assert.ok(withIt.calls <= 2 * RECORDS, `${withIt.calls} calls with, ${without.calls} without`);
    assert.ok(withIt.ms < without.ms * 2 + 10_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  /** Calls at the same time; each fails. */
  const allFailAtOnce = (records: number, maximumAttempts: number, status: number) => async (run: Run) => {
    let calls = 0;
    await run.startWorker({
      async write() {
        calls++;
        throw httpError(status);
      },
    });
    const startedAt = Date.now();
    const failed = await run.client.workflow.execute('parallel', {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [records, { retry: { maximumAttempts } }] },
    });
    return { calls, failed, ms: Date.now() - startedAt };
  };

  test('calls that may be made once are made at once, whatever their breaker says', async (t) => {
    const { withIt, without } = await bothWays(get(), 'once', allFailAtOnce(60, 1, 503));
    t.diagnostic(`${withIt.ms} ms with, ${without.ms} ms without`);
    assert.deepEqual([withIt.calls, withIt.failed], [without.calls, without.failed]);
    // The letters take their time.
    assert.ok(withIt.ms < without.ms * 3 + 10_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  test('records at the same time that all fail with a 500 and have three attempts: they end about ten seconds later at the latest', async (t) => {
    const CALLS = 60;
    const { withIt, without } = await bothWays(get(), 'parallel-500', allFailAtOnce(CALLS, 3, 500));
    t.diagnostic(`${withIt.ms} ms with, ${without.ms} ms without`);
    assert.equal(withIt.failed, CALLS);
    assert.ok(withIt.calls <= 3 * CALLS, `${withIt.calls} calls with, ${without.calls} without`);
    assert.ok(withIt.ms < without.ms + 10_000 + 20_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  /** Jobs that take long, after a fault of two seconds. */
  const longJobs = (jobs: number, jobMs: number) => async (run: Run) => {
    const startedAt = Date.now();
    const begun: number[] = [];
    await run.startWorker({
      async write() {
        if (Date.now() - startedAt < FAULT_MS) throw httpError(503);
        begun.push(Date.now() - startedAt);
        await new Promise((resolve) => setTimeout(resolve, jobMs));
      },
    });
    const failed = await run.client.workflow.execute('parallel', {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [jobs, { startToCloseTimeout: '2 minutes' }] },
    });
    const events = await run.events();
    return { failed, calls: begun.length, last: Math.max(...begun), ms: Date.now() - startedAt, events };
  };

  test('jobs of twenty seconds after a fault of two: each made once, the last one begins 6 s later at most', async (t) => {
    const JOBS = 24;
    const { withIt, without } = await bothWays(get(), 'long-jobs', longJobs(JOBS, 20_000));
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.deepEqual([withIt.failed, withIt.calls], [0, JOBS]);
    assert.equal(withIt.events, without.events);
    // And what a busy machine adds.
    assert.ok(
      withIt.last < without.last + 6_000 + 4_000,
      `last begin after ${withIt.last} and ${without.last} ms`,
    );
    assert.ok(withIt.ms < without.ms + 10_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  /** A breaker that a person has opened for a long time, with calls that wait for it. */
  async function waitingCalls(h: Harness, name: string, calls: number, options: ActivityOptions = {}) {
    const taskQueue = h.id(name);
    let done = 0;
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: {
        async write() {
          done++;
        },
      },
      plugins: [h.plugin({ breaker: undefined, breakers: { [`${taskQueue}/write`]: {} } })],
    });
    const start = (workflowId: string) =>
      h.client.workflow.start('parallel', { workflowId, taskQueue, args: [1] });
    await forceOpen(h, `${taskQueue}/write`, start, '10 minutes');
    const breaker = h.recovery.breakers.get(`${taskQueue}/write`);
    const handle = await h.client.workflow.start('parallel', {
      ...{ workflowId: taskQueue, taskQueue, args: [calls, options] },
    });
    await eventually(async () => {
      const pending = (await handle.describe()).raw.pendingActivities ?? [];
      return (
        pending.length === calls &&
        pending.every(({ lastFailure }) => /forced open/.test(lastFailure?.message ?? ''))
      );
    });
    const before = done;
    return { breaker, handle, done: () => done - before };
  }

  test('reset wakes calls that set their own intervals too, which stay as they are', async () => {
    const h = get();
    const retry = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '3s' } as const;
    const { breaker, handle } = await waitingCalls(h, 'wake-own', 10, { retry });
    const startedAt = Date.now();
    await breaker.reset({ by: 'ada' });
    await handle.result();
    const ms = Date.now() - startedAt;
    assert.ok(ms < 15_000, `${ms} ms until all were done`);
  });

  for (const [order, release] of [
    ['reset', (h: Harness, name: string) => h.recovery.breakers.get(name).reset({ by: 'ada' })],
    ['forceClosed', (h: Harness, name: string) => h.recovery.breakers.get(name).forceClosed({ by: 'ada' })],
  ] as const) {
    test(`${order} wakes calls that would wait for minutes, within seconds`, async () => {
      const h = get();
      const { breaker, handle, done } = await waitingCalls(h, `wake-${order}`, 50);
      const startedAt = Date.now();
      await release(h, breaker.name);
      await handle.result();
      assert.ok(done() >= 50);
      const ms = Date.now() - startedAt;
      assert.ok(ms < 15_000, `${ms} ms until all were done`);
    });
  }

  test('a fresh worker asks the fleet before it trusts itself, at the first use of a name', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('fresh'),
      workflowsPath,
      plugins: [h.plugin({ breaker: undefined })],
    });
    const name = h.id('fresh-look');
    const knows = breakers(h.client, h.recoveryTaskQueue);
    await knows.fail(name, 5);
    const handle = h.recovery.breakers.get(name);
    await eventually(() => handle.describe());
    await handle.forceOpen({ by: 'ada' });
    await eventually(async () => (await handle.describe()).status === 'FORCED_OPEN');
    await knows.made.close();
    // It waits for the answer a second, which a busy machine may not keep each time.
    await eventually(async () => {
      const fresh = breakers(h.client, h.recoveryTaskQueue);
      const first = await fresh.made.admit(call(name, 'first'));
      await fresh.made.close();
      return !first.admitted && first.status === 'FORCED_OPEN';
    });
  });

  test('a half-open that is undecided for maxHalfOpenTime opens again without a call', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('undecided'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ breaker: undefined, taskQueue: h.id('undecided-recovery') })],
    });
    const name = h.id('undecided-half-open');
    const config = parseBreakerConfig({
      openTime: 1_000,
      halfOpen: { maxHalfOpenTime: 1_500, trialInterval: 0 },
    });
    const { made, fail } = breakers(h.client, h.id('undecided-recovery'), { config });
    await fail(name, 5);
    const handle = h.recovery.breakers.get(name);
    await eventually(async () => (await handle.describe()).status === 'HALF_OPEN');
    await eventually(async () => (await made.admit(call(name, 'hangs'))).admitted);
    await eventually(async () =>
      (await handle.describe()).transitions.some(({ reason }) => reason.cause === 'half-open-time-over'),
    );
    await made.close();
  });

  test('no report is lost when a view is dropped for others', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('views'),
      workflowsPath,
      plugins: [h.plugin({ breaker: undefined })],
    });
    const { made, use } = breakers(h.client, h.recoveryTaskQueue);
    const name = h.id('dropped');
    await use(name, 'a', 'failure');
    await use(name, 'b', 'failure');
    // At once, before the report is due: a thousand other names push it out.
    for (let n = 0; n < 1_001; n++) made.outlook(h.id(`other-${n}`));
    const handle = h.recovery.breakers.get(name);
    await eventually(async () => (await handle.describe()).failuresInARow === 2);
    // It is used again: the same process goes on with its reports.
    await use(name, 'c', 'failure');
    await eventually(async () => (await handle.describe()).failuresInARow === 3);
    await made.close();
  });

  test('a process ends within seconds after its worker, with a breaker open and a connection left open', async () => {
    const h = get();
    const child = spawn(process.execPath, [join(__dirname, 'ending-process.js'), h.id('ending')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, RECOVERY_QUEUE: h.id('ending-recovery') },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const stopped = eventually(() => /stopped/.test(output)).then(() => Date.now());
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, output);
    const ms = Date.now() - (await stopped);
    // Two to five seconds on a quiet machine; without an end of the long polls it is two minutes.
    assert.ok(ms < 30_000, `${ms} ms`);
  });
});
