import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, type Duration } from '@temporalio/common';
import type { ErrorCategory } from 'temporal-recovery';
import { logLines, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('retries by category', () => {
  /** Start times of the attempts, by key. */
  const attempts = new Map<string, number[]>();
  const workers = new Map<string, Set<string>>();
  const attempt = (key: string): number => {
    const times = [...(attempts.get(key) ?? []), Date.now()];
    attempts.set(key, times);
    return times.length;
  };
  const fail = (status: number, headers?: object): never => {
    throw Object.assign(new Error(`status ${status}`), { status, response: { status, headers } });
  };
  const heartbeats: unknown[] = [];
  const activitiesOf = (worker: string) => ({
    async fail(key: string, status: number) {
      attempt(key);
      workers.set(key, (workers.get(key) ?? new Set()).add(worker));
      fail(status);
    },
    async inTurn(key: string, statuses: number[]) {
      const status = statuses[attempt(key) - 1];
      if (status === undefined) return 'done';
      return fail(status);
    },
    async comeBack(key: string, status: number, headers: object) {
      if (attempt(key) === 1) fail(status, headers);
      return 'done';
    },
    async askToWait(key: string, headers: object) {
      if (attempt(key) === 1) fail(429, headers);
      return 'done';
    },
    /** Its own heartbeats go on, and half of its attempts never answer. */
    async heartbeatAndFail(key: string) {
      const number = attempt(key);
      heartbeats.push(Context.current().info.heartbeatDetails);
      Context.current().heartbeat({ page: 'always the same' });
      if (number % 2 === 0) await Context.current().cancelled;
      fail(503);
    },
    async strange(key: string) {
      attempt(key);
      throw new Error('E_FLUX_CAPACITOR');
    },
    async failAsUserWants(key: string, nextRetryDelay: Duration) {
      if (attempt(key) === 1) {
        throw ApplicationFailure.create({ message: 'later', type: 'Mine', details: ['d'], nextRetryDelay });
      }
      return 'done';
    },
  });
  const limits = { retryDelay: 1, maxRetries: 2 };
  const get = useHarness('retries', async (h) => {
    const options = {
      ...limits,
      categories: { RATE_LIMIT: { maxRetries: 4 }, AUTH: ['RETRY', 'FAIL_FAST'] as const },
      operations: { inTurn: { categories: { CLIENT: { strategies: 'RETRY' as const, maxRetries: 3 } } } },
      maxRetryAfter: '3s' as const,
      classify: (error: unknown, { activityType }: { activityType: string }): ErrorCategory | undefined =>
        error instanceof Error && error.message === 'E_FLUX_CAPACITOR' && activityType === 'strange'
          ? 'VALIDATION'
          : undefined,
      secretNames: ['fluxRef'],
    };
    for (const worker of ['one', 'two', 'three']) {
      await h.startWorker({
        workflowsPath,
        activities: activitiesOf(worker),
        plugins: [h.plugin(options)],
        maxConcurrentActivityTaskExecutions: 2,
        identity: worker,
        // Two workers on one queue need connections of their own.
        connection: await h.connect(),
      });
    }
  });

  const call = async (activity: string, args: unknown[], options?: object): Promise<Seen> =>
    (await get().client.workflow.execute('recoverCall', {
      workflowId: get().id(`${activity}-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: [activity, args, options],
    })) as Seen;
  const count = (key: string) => attempts.get(key)?.length;
  const recordOf = async (seen: Seen) =>
    (
      await get()
        .recovery.deadLetters.get(seen.deadLetterId ?? '')
        .describe()
    ).record;

  test('as many as the category has, exactly, on any number of workers', async () => {
    await Promise.all(
      (
        [
          [503, 3],
          [429, 5],
          [401, 3],
          [422, 1],
        ] as const
      ).map(async ([status, expected]) => {
        const keys = [0, 1, 2].map((n) => `${status}-${n}`);
        const seen = await Promise.all(keys.map((key) => call('fail', [key, status])));
        assert.deepEqual(keys.map(count), [expected, expected, expected], `${status}`);
        const record = await recordOf(seen[0] as Seen);
        assert.equal(record.attemptCount, expected);
        assert.deepEqual(
          record.attempts.map((each) => [each.attempt, each.status]),
          Array.from({ length: expected }, (_, index) => [index + 1, status]),
        );
      }),
    );
    const used = new Set([...workers.values()].flatMap((names) => [...names]));
    assert.ok(used.size > 1, 'more than one worker took part');
  });

  test('a change of category goes on with the strategy of the new one, and gives no attempts back', async () => {
    const seen = await call('inTurn', ['a', [429, 429, 429, 503]]);
    assert.equal(count('a'), 4);
    assert.equal((await recordOf(seen)).error.errorCategory, 'SERVER');
    assert.deepEqual(await call('inTurn', ['b', [503, 503, 404]]), { result: 'done' });
    await call('inTurn', ['c', [503, 503, 422]]);
    assert.equal(count('c'), 3);
  });

  test('attempts that time out count, beside heartbeats of the activity', async () => {
    const seen = await call('heartbeatAndFail', ['h'], {
      startToCloseTimeout: '1s',
      heartbeatTimeout: '10s',
      recovery: { maxRetries: 3 },
    });
    assert.equal(count('h'), 4);
    const same = { page: 'always the same' };
    assert.deepEqual(heartbeats, [undefined, same, same, same]);
    const record = await recordOf(seen);
    assert.equal(record.error.errorCategory, 'TIMEOUT');
    assert.equal(record.attemptCount, 4);
  });

  test('a call has limits of its own', async () => {
    await call('fail', ['own', 503], { recovery: { maxRetries: 1 } });
    assert.equal(count('own'), 2);
    await call('fail', ['sequence', 422], {
      recovery: { strategies: [{ strategy: 'RETRY', maxRetries: 1 }, 'EXPONENTIAL_BACKOFF'] },
    });
    assert.equal(count('sequence'), 4);
  });

  test('the retry policy of the call stays an upper bound', async () => {
    const seen = await call('fail', ['bound', 429], { retry: { maximumAttempts: 2 } });
    assert.equal(count('bound'), 2);
    assert.equal((await recordOf(seen)).error.errorCategory, 'RATE_LIMIT');
  });

  test('what the service asks for decides the wait, within the cap', async () => {
    const inTwo = Math.ceil(Date.now() / 1000) + 2;
    for (const [key, headers, least, most] of [
      ['seconds', { 'retry-after': '2' }, 2_000, 3_000],
      ['capped', { 'retry-after': '600' }, 3_000, 4_500],
      ['date', { 'retry-after': new Date(inTwo * 1000).toUTCString() }, 500, 3_500],
      ['reset', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' }, 2_000, 3_000],
    ] as const) {
      assert.deepEqual(await call('askToWait', [key, headers]), { result: 'done' });
      const [first = 0, second = 0] = attempts.get(key) ?? [];
      assert.ok(second - first >= least - 20, `${key}: ${second - first} ms`);
      assert.ok(second - first < most + 2_000, `${key}: ${second - first} ms`);
    }
  });

  test('a server that says when to retry is retried then, whatever the status', async () => {
    for (const status of [404, 409, 413, 423, 425]) {
      const key = `come back ${status}`;
      assert.deepEqual(await call('comeBack', [key, status, { 'retry-after': '1' }]), { result: 'done' });
      const [first = 0, second = 0] = attempts.get(key) ?? [];
      assert.ok(second - first >= 980, `${status}: ${second - first} ms`);
    }
    // Unless a rule of the call says otherwise, or no server says when.
    await call('comeBack', ['rule', 423, { 'retry-after': '1' }], {
      recovery: { strategies: ['FAIL_FAST'] },
    });
    assert.equal(count('rule'), 1);
    await call('comeBack', ['nothing', 423, {}]);
    assert.equal(count('nothing'), 1);
  });

  test('a wait past schedule-to-close ends the call now', async () => {
    const started = Date.now();
    const seen = await call('askToWait', ['no-time', { 'retry-after': '3' }], {
      scheduleToCloseTimeout: '2s',
    });
    assert.ok(Date.now() - started < 1_900, `${Date.now() - started} ms`);
    assert.equal(count('no-time'), 1);
    assert.equal((await recordOf(seen)).error.errorCategory, 'RATE_LIMIT');
  });

  test('the delay a user sets stands, and so do type and details', async () => {
    assert.deepEqual(await call('failAsUserWants', ['mine', 1_500]), { result: 'done' });
    const [first = 0, second = 0] = attempts.get('mine') ?? [];
    assert.ok(second - first >= 1_480, `${second - first} ms`);
  });

  test('rules of the user classify first', async () => {
    const seen = await call('strange', ['s']);
    assert.equal(count('s'), 1);
    assert.equal((await recordOf(seen)).error.errorCategory, 'VALIDATION');
    assert.ok(!logLines.some(({ message }) => /the classify option/.test(message)));
  });
});
