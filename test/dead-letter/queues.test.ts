import '../support/keep-metrics.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { DeadLetterNotice } from 'temporal-recovery';
import { DeadLetterQueue } from 'temporal-recovery';
import type { StoryEntry } from 'temporal-recovery/client';
import { readQueues } from '../../worker/options/queue-options.js';
import { QueueAlarms } from '../../worker/queue-alarms.js';
import type { recoverCall } from '../failing-call/workflows.js';
import { eventually, logLines, metricsBuffer, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');
const SECRET = 'hunter2-s3cr3t';
const LARGE = 'x'.repeat(200_000);

describe('queues of dead letters', { concurrency: true }, () => {
  const calls: string[] = [];
  const given: unknown[][] = [];
  const notices: [attempt: number, notice: DeadLetterNotice][] = [];
  const mended = new Set<string>();
  let hookWorks = false;
  let lateHookWorks = false;
  const activities = {
    async write(key: string, ...rest: unknown[]) {
      calls.push(key);
      given.push([key, ...rest]);
      if (!mended.has(key)) throw Object.assign(new Error(`refused, token=${SECRET}`), { status: 422 });
      return 'written';
    },
    /** Behind a circuit breaker. */
    async guarded(key: string) {
      return activities.write(key);
    },
    async tell(notice: DeadLetterNotice) {
      notices.push([activityInfo().attempt, notice]);
      if (activityInfo().attempt < 3)
        throw ApplicationFailure.create({ message: 'not yet', nextRetryDelay: 10 });
    },
    async slow() {
      await new Promise((resolve) => setTimeout(resolve, 22_000));
      return 'after a while';
    },
    async large() {
      return LARGE;
    },
    async refuseToTell() {
      calls.push('refuseToTell');
      throw ApplicationFailure.nonRetryable('nobody to tell');
    },
    async tellsLate() {
      if (!lateHookWorks) throw ApplicationFailure.create({ message: 'unavailable', nextRetryDelay: 100 });
    },
    async neverTells() {
      calls.push('neverTells');
      if (!hookWorks) throw ApplicationFailure.create({ message: 'unavailable', nextRetryDelay: 100 });
    },
  };
  const get = useHarness('queues', (h) =>
    h.startWorker({
      workflowsPath,
      activities,
      plugins: [
        h.plugin({
          operations: { guarded: { breaker: h.id('breaker') } },
          breakers: { [h.id('breaker')]: { openTime: '1s' } },
          queues: {
            short: { retention: '1s' },
            'short-held': { retention: '4s', autoReplay: { delays: ['200ms'] } },
            kept: { retention: false },
            auto: { autoReplay: { delays: ['1s', '1s', '1s'] } },
            poison: { autoReplay: { delays: ['100ms', '100ms', '100ms', '100ms'], maxReplays: 2 } },
            once: { autoReplay: { delays: ['100ms'] } },
            'held-again': { autoReplay: { delays: ['200ms', '4s'], maxReplays: 3 } },
            told: { onDeadLetter: 'tell' },
            deaf: { onDeadLetter: 'refuseToTell' },
            silent: { onDeadLetter: 'neverTells' },
            private: { redact: ['/1/customer/email', '/*/iban'] },
            'very-private': { showArguments: false },
            [h.id('full')]: { maxLetters: 2 },
          },
        }),
      ],
    }),
  );

  const fail = async (queue: string, key: string, rest: unknown[] = [], activity = 'write') => {
    const h = get();
    const { deadLetterId } = await h.client.workflow.execute<typeof recoverCall>('recoverCall', {
      workflowId: h.id(key),
      taskQueue: h.taskQueue,
      args: [activity, [key, ...rest], { recovery: { queue } }],
    });
    assert.ok(deadLetterId);
    return h.recovery.deadLetters.get(deadLetterId);
  };
  const until = (id: string, isSo: (story: readonly StoryEntry[], status: string) => boolean) =>
    eventually(async () => {
      const state = await get().recovery.deadLetters.get(id).describe();
      return isSo(state.story, state.status) && state;
    });
  const events = (story: readonly StoryEntry[]) => story.map(({ event }) => event);
  const timesOf = (key: string) => calls.filter((each) => each === key).length;
  const pageOf = async (id: string) => {
    const metadata = await get()
      .client.workflow.getHandle(id)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  };
  const resultOf = (id: string) =>
    get().client.workflow.getHandle(id).result() as Promise<Record<string, unknown>>;

  const queueOf = (activity: string, onDeadLetter?: string) =>
    new DeadLetterQueue(get().client, {
      ...{ activity, activityTaskQueue: get().taskQueue, taskQueue: get().recoveryTaskQueue, onDeadLetter },
    });

  test('a letter without a decision expires, and log and metrics say so', async () => {
    const { id } = await fail('short', 'expires');
    assert.deepEqual(await resultOf(id), { status: 'EXPIRED', replays: 0 });
    const line = await eventually(() =>
      logLines.find(
        ({ message, meta }) => /a dead letter expired/.test(message) && meta?.deadLetterId === id,
      ),
    );
    assert.equal(line.level, 'WARN');
    assert.deepEqual([line.meta?.queue, line.meta?.operation], ['short', 'write']);
    await eventually(() =>
      [...metricsBuffer.retrieveUpdates()].some(
        ({ metric, attributes }) =>
          metric.name === 'temporal_recovery_dead_letters_closed' &&
          attributes.status === 'EXPIRED' &&
          attributes.queue === 'short' &&
          attributes.operation === 'write',
      ),
    );
    await eventually(
      async () => (await get().recovery.deadLetters.count({ queue: 'short', status: 'EXPIRED' })) === 1,
    );
  });

  test('30 days are the default; without retention it waits for ever; addItem takes the same', async () => {
    const { record } = await (await fail('other', 'default')).describe();
    assert.equal(record.retentionMs, 30 * 86_400_000);
    assert.equal((await (await fail('kept', 'kept')).describe()).record.retentionMs, undefined);
    const h = get();
    const base = { activity: 'write', activityTaskQueue: h.taskQueue, taskQueue: h.recoveryTaskQueue };
    const item = await new DeadLetterQueue(h.client, base).addItem(new Error('no'), 'item');
    const described = await h.recovery.deadLetters.get(item).describe();
    assert.equal(described.record.retentionMs, 30 * 86_400_000);
    const short = await new DeadLetterQueue(h.client, { ...base, retention: '1s' }).addItem(1, 'item');
    assert.equal((await resultOf(short)).status, 'EXPIRED');
    assert.throws(
      () => new DeadLetterQueue(h.client, { ...base, retention: 'soon' as never }),
      /DeadLetterQueue: retention: .*"soon"/,
    );
  });

  test('automatic replays after each delay, until one succeeds', async () => {
    const { id } = await fail('auto', 'heals');
    await until(id, (story) => events(story).filter((event) => event === 'replay-failed').length === 2);
    mended.add('heals');
    const outcome = await resultOf(id);
    assert.deepEqual(outcome, {
      status: 'REPLAYED',
      by: 'automatic replay',
      replays: 3,
      result: 'written',
    });
    const { story } = await get().recovery.deadLetters.get(id).describe();
    const at = (index: number) => Date.parse(story[index]?.at ?? '');
    assert.deepEqual(events(story).slice(1, 5), [
      'replay-started',
      'replay-failed',
      'replay-started',
      'replay-failed',
    ]);
    assert.ok(at(3) - at(2) >= 990 && at(5) - at(4) >= 990, JSON.stringify(story));
  });

  test('after maxReplays it waits for a person, who restarts the count', async () => {
    const letter = await fail('poison', 'poison');
    const gaveUp = (times: number) =>
      until(
        letter.id,
        (story, status) =>
          status === 'WAITING' && events(story).filter((e) => e === 'gave-up').length === times,
      );
    const { story } = await gaveUp(1);
    assert.match(story.at(-1)?.message ?? '', /After 2 replays without a person/);
    assert.equal(timesOf('poison'), 3);
    assert.match(await pageOf(letter.id), /automatic replay gave up/);
    await letter.replay({ by: 'ada' });
    await gaveUp(2);
    assert.equal(timesOf('poison'), 6);
  });

  test('when there are no delays left it says so too', async () => {
    const { id } = await fail('once', 'once');
    const { story } = await until(id, (told) => events(told).includes('gave-up'));
    assert.match(story.at(-1)?.message ?? '', /After one replay without a person/);
  });

  test('a letter that is held expires; one that comes back held again and again gives up', async () => {
    const h = get();
    const breaker = h.recovery.breakers.get(h.id('breaker'));
    const short = await fail('short-held', 'short-held', [], 'guarded');
    const again = await fail('held-again', 'held-again', [], 'guarded');
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada' });
    await until(again.id, (_, status) => status === 'HELD');
    await until(short.id, (_, status) => status === 'HELD');
    assert.equal((await again.replay({ by: 'ada' })).outcome, 'HELD');
    assert.equal((await resultOf(short.id)).status, 'EXPIRED');
    await breaker.reset({ by: 'ada' });
    // Released, and refused again.
    await until(again.id, (story) =>
      story.some(({ event, by }) => event === 'replay-failed' && by === 'circuit breaker'),
    );
    await breaker.forceOpen({ by: 'ada' });
    const { story, status } = await until(again.id, (told) => events(told).includes('gave-up'));
    assert.equal(status, 'WAITING');
    assert.match(story.at(-1)?.message ?? '', /After 3 replays without a person/);
    // The breaker is still open: only force does not ask it.
    assert.equal((await again.replay({ by: 'ada' })).outcome, 'HELD');
    assert.equal((await again.replay({ by: 'ada', force: true })).outcome, 'FAILED');
  });

  test('an activity is notified of every letter, until it has succeeded', async () => {
    const { id } = await fail('told', 'told', [{ password: SECRET }]);
    await eventually(() => notices.some(([attempt, notice]) => attempt === 3 && notice.id === id));
    const [, notice] = notices[0] ?? [];
    assert.equal(notice?.id, id);
    assert.deepEqual(
      [notice?.status, notice?.queue, notice?.operation, notice?.error.errorCategory],
      ['WAITING', 'told', 'write', 'VALIDATION'],
    );
    assert.equal(notice?.origin.workflowId, get().id('told'));
    assert.ok(!JSON.stringify(notices).includes(SECRET), JSON.stringify(notices));
  });

  test('an activity that cannot be told harms nothing', async () => {
    const deaf = await fail('deaf', 'deaf');
    const { story } = await until(deaf.id, (told) => events(told).includes('not-told'));
    assert.match(story.at(-1)?.message ?? '', /refuseToTell/);
    assert.equal(timesOf('refuseToTell'), 1);
    mended.add('deaf');
    assert.equal((await deaf.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.equal((await resultOf(deaf.id)).by, 'ada');

    const silent = await fail('silent', 'silent');
    await eventually(() => timesOf('neverTells') > 2);
    assert.equal((await silent.resolve({ result: 1, by: 'ada' })).outcome, 'RESOLVED');
    // It stays open for the notice only, and rejects late requests with that reason.
    assert.equal((await silent.replay({ by: 'bob' })).outcome, 'SKIPPED');
    hookWorks = true;
    assert.deepEqual(await resultOf(silent.id), { status: 'RESOLVED', by: 'ada', replays: 0, result: 1 });
    for (const operation of ['refuseToTell', 'neverTells', 'tell']) {
      assert.equal(await get().recovery.deadLetters.count({ operation }), 0);
    }
  });

  test('retryItem waits for a replay that takes long, as long as it takes', async () => {
    const queue = queueOf('slow');
    const id = await queue.addItem(new Error('no'), 'item');
    assert.deepEqual(await queue.retryItem(id), { success: true, result: 'after a while' });
  });

  test('retryItem gives a result of any size, while the letter stays open for its notice', async () => {
    const queue = queueOf('large', 'tellsLate');
    const id = await queue.addItem(new Error('no'), 'item');
    try {
      assert.deepEqual(await queue.retryItem(id), { success: true, result: LARGE });
      assert.equal((await get().client.workflow.getHandle(id).describe()).status.name, 'RUNNING');
    } finally {
      lateHookWorks = true;
    }
    await resultOf(id);
  });

  test('what is not to be shown is not on the page; replays get it', async () => {
    const customer = { email: 'ada@example.com', name: 'Ada' };
    const args = [
      { customer, iban: 'CH56' },
      { iban: 'DE89', amount: 7 },
    ];
    const letter = await fail('private', 'private', args);
    const page = await eventually(async () => {
      const text = await pageOf(letter.id);
      return text.includes('Arguments of the activity') && text;
    });
    for (const hidden of ['ada@example.com', 'CH56', 'DE89']) assert.ok(!page.includes(hidden), page);
    assert.ok(page.includes('Ada') && page.includes('7') && page.includes('[REDACTED]'), page);
    assert.deepEqual((await letter.describe()).args, ['private', ...args]);
    mended.add('private');
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.deepEqual(given.filter(([key]) => key === 'private').at(-1), ['private', ...args]);

    const { id } = await fail('very-private', 'very-private', args);
    await until(id, () => true);
    assert.ok(!(await pageOf(id)).includes('Arguments of the activity'));
  });

  test('too many letters are an alarm, once', async () => {
    const queue = get().id('full');
    await Promise.all(['full-1', 'full-2', 'full-3', 'full-4'].map((key) => fail(queue, key)));
    const warned = () =>
      logLines.filter(
        ({ message, meta }) => /more letters than it should/.test(message) && meta?.queue === queue,
      );
    await eventually(() => warned().length > 0);
    assert.equal(warned().length, 1);
    assert.deepEqual([warned()[0]?.level, warned()[0]?.meta?.maxLetters], ['WARN', 2]);
  });

  test('the alarm ends when they have been cared for, and is heard again after that', async () => {
    const h = get();
    const queue = h.id('alarm');
    const problems: string[] = [];
    const gauge: number[] = [];
    const heard: unknown[] = [];
    const faults: unknown[] = [];
    const alarms = new QueueAlarms(
      readQueues({ '*': { maxLetters: 1 } }, problems),
      {
        queueLetters: (_, letters) => gauge.push(letters),
        warn: (_, attributes) => heard.push(attributes?.letters),
        fault: (where, error) => faults.push([where, error]),
      },
      { delayMs: 10, intervalMs: 100 },
    );
    const stop = alarms.use();
    const letters = [await fail(queue, 'alarm-1'), await fail(queue, 'alarm-2')];
    alarms.letterWritten(h.client, queue);
    await eventually(() => {
      alarms.letterWritten(h.client, queue);
      return gauge.filter((count) => count === 2).length > 2;
    });
    assert.deepEqual(heard, [2]);
    for (const letter of letters) await letter.discard({ by: 'ada' });
    await eventually(() => gauge.at(-1) === 0 || gauge.at(-1) === 1);
    letters.push(await fail(queue, 'alarm-3'), await fail(queue, 'alarm-4'));
    await eventually(() => {
      alarms.letterWritten(h.client, queue);
      return heard.length === 2;
    });
    alarms.letterWritten({ ...h.client, options: { namespace: 'none' } } as never, queue);
    await eventually(() => faults.length > 0);
    stop();
    assert.equal((faults[0] as unknown[])[0], 'counting dead letters');
  });
});
