import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { startTemporalServer } from '../../examples/temporal-server/index.js';
import { eventually, type Harness, logLines, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { fanOut } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

const opened: NativeConnection[] = [];

/** Another connection, as another process would have. */
async function connect(options: NativeConnectionOptions = {}): Promise<NativeConnection> {
  const { connectionOptions } = await startTemporalServer({ log: () => undefined });
  const connection = await NativeConnection.connect({ ...connectionOptions, ...options });
  opened.push(connection);
  return connection;
}

const call = (h: Harness, activity: string, { taskQueue = h.taskQueue, suffix = '', retry = {} } = {}) =>
  h.client.workflow.execute<typeof callOne>('callOne', {
    workflowId: h.id(activity + suffix),
    taskQueue,
    args: [activity, [], { retry }],
  });

const markersOf = async (h: Harness, workflowId: string) => {
  const { events } = await h.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.markerRecordedEventAttributes).length;
};

/** States the recovery worker of this harness went through. */
const recoveryStates = (h: Harness) =>
  logLines
    .filter(
      ({ message, meta }) => message === 'Worker state changed' && meta?.taskQueue === h.recoveryTaskQueue,
    )
    .map(({ meta }) => meta?.state);

const lettersOf = (h: Harness) => h.recovery.deadLetters.list({ queue: h.queue });

async function reject(): Promise<string> {
  throw ApplicationFailure.nonRetryable('rejected');
}

describe('a worker with workflows only', () => {
  const get = useHarness('workflow-only');

  test('takes no activity tasks from the worker that has them, and dead-letters their failures', async () => {
    const h = get();
    let broken = true;
    const activities = {
      echo: async (index: number) => ({ index, attempt: activityInfo().attempt }),
      reject: async () => (broken ? reject() : 'mended'),
    };
    const workflows = await h.startWorker({ workflowsPath });
    const doing = await h.startWorker({ connection: await connect(), activities });
    const answers = await h.client.workflow.execute<typeof fanOut>('fanOut', {
      workflowId: h.id('fan-out'),
      taskQueue: h.taskQueue,
      args: ['echo', 20],
    });
    // A task taken by a worker without the activity would have come back as a second attempt.
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, index) => ({ index, attempt: 1 })),
    );
    const { deadLetterId } = await call(h, 'reject');
    assert.ok(deadLetterId);
    broken = false;
    assert.equal((await h.recovery.deadLetters.get(deadLetterId).replay()).outcome, 'REPLAYED');
    await doing.stop();
    await workflows.stop();
  });
});

describe('a worker with activities only', () => {
  const get = useHarness('activity-only');

  test('classifies, ends no retries of workflows without the plugin, and gets replays', async () => {
    const h = get();
    let broken = true;
    const attempts: number[] = [];
    const activities = {
      async invalid() {
        attempts.push(activityInfo().attempt);
        if (broken) throw Object.assign(new Error('HTTP 422'), { status: 422 });
        return 'mended';
      },
    };
    const doing = await h.startWorker({ connection: await connect(), activities });
    const plain = await h.startWorker({ workflowsPath, plugins: [] });
    const retry = { initialInterval: 10, maximumAttempts: 3 };
    const seen = await call(h, 'invalid', { retry, suffix: '-plain' });
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.equal(seen.error?.retryState, 'MAXIMUM_ATTEMPTS_REACHED');
    assert.match(JSON.stringify(seen.error?.details), /"errorCategory":"VALIDATION"/);
    assert.equal(seen.deadLetterId, undefined);
    assert.equal(await markersOf(h, h.id('invalid-plain')), 0);
    await plain.stop();

    const recovering = await h.startWorker({ workflowsPath });
    attempts.length = 0;
    const { deadLetterId = '' } = await call(h, 'invalid', { retry, suffix: '-recovered' });
    assert.deepEqual(attempts, [1]);
    await recovering.stop();
    broken = false;
    assert.equal((await h.recovery.deadLetters.get(deadLetterId).replay()).outcome, 'REPLAYED');
    const letters = await eventually(async () => {
      const all = await lettersOf(h);
      return all.length > 0 && all;
    });
    assert.deepEqual(
      letters.map(({ id }) => id),
      [deadLetterId],
    );
    await doing.stop();
  });
});

describe('two workers on one connection', () => {
  const get = useHarness('two-workers');

  test('share a recovery worker that stays for as long as one of them runs', async () => {
    const h = get();
    let broken = true;
    const activities = { reject: async () => (broken ? reject() : 'mended') };
    const queues = [h.id('a'), h.id('b')] as const;
    const [a, b] = [
      await h.startWorker({ taskQueue: queues[0], workflowsPath, activities }),
      await h.startWorker({ taskQueue: queues[1], workflowsPath, activities }),
    ];
    const seen = await Promise.all(
      queues.map((taskQueue, index) => call(h, 'reject', { taskQueue, suffix: `-${index}` })),
    );
    for (const { deadLetterId } of seen) assert.ok(deadLetterId);
    await a.stop();
    broken = false;
    const second = h.recovery.deadLetters.get(seen[1]?.deadLetterId ?? '');
    assert.equal((await second.replay()).outcome, 'REPLAYED');
    assert.equal(
      (await h.recovery.deadLetters.get(seen[0]?.deadLetterId ?? '').describe()).status,
      'WAITING',
    );
    assert.ok(!recoveryStates(h).includes('STOPPED'), 'the recovery worker stopped with the first user');
    await b.stop();
    assert.equal(recoveryStates(h).filter((state) => state === 'RUNNING').length, 1);
    assert.ok(recoveryStates(h).includes('STOPPED'));
  });
});

describe('the plugin on the connection', () => {
  const get = useHarness('on-connection');

  test('is applied once, and not to the recovery worker', async () => {
    const h = get();
    const plugin = h.plugin();
    const connection = await connect({ plugins: [plugin] });
    const worker = await h.startWorker({
      connection,
      plugins: [h.plugin()],
      workflowsPath,
      activities: { reject },
    });
    const seen = await call(h, 'reject');
    assert.ok(seen.deadLetterId);
    // What the attempt tells, and the letter's id; twice as much if there were two interceptors.
    assert.equal(seen.error?.details?.length, 2);
    assert.equal(await markersOf(h, h.id('reject')), 2);
    assert.equal((await h.recovery.deadLetters.get(seen.deadLetterId).replay()).outcome, 'FAILED');
    assert.equal(recoveryStates(h).filter((state) => state === 'RUNNING').length, 1);
    await worker.stop();
    assert.ok(recoveryStates(h).includes('STOPPED'));
  });

  test('alone is enough', async () => {
    const h = get();
    const connection = await connect({ plugins: [h.plugin()] });
    const worker = await h.startWorker({ connection, plugins: [], workflowsPath, activities: { reject } });
    const seen = await call(h, 'reject', { suffix: '-alone' });
    assert.ok(seen.deadLetterId);
    assert.equal((await h.recovery.deadLetters.get(seen.deadLetterId).describe()).status, 'WAITING');
    await worker.stop();
  });
});

describe('shutdown', () => {
  const get = useHarness('shutdown');

  test('an activity that fails while its worker drains becomes one letter, by the next worker', async () => {
    const h = get();
    let fail: () => void = () => undefined;
    const failing = new Promise<never>((_, rejectNow) => {
      fail = () => rejectNow(ApplicationFailure.nonRetryable('rejected'));
    });
    failing.catch(() => undefined);
    let started = false;
    const activities = {
      drain: () => {
        started = true;
        return failing;
      },
    };
    const first = await h.startWorker({ workflowsPath, activities, shutdownGraceTime: '20s' });
    const result = call(h, 'drain');
    await eventually(() => started);
    const stopped = first.stop();
    await eventually(() => first.worker.getState() !== 'RUNNING');
    fail();
    await stopped;
    assert.equal(first.worker.getState(), 'STOPPED');
    const second = await h.startWorker({ workflowsPath, activities });
    const seen = await result;
    assert.ok(seen.deadLetterId);
    const letters = await eventually(async () => {
      const all = await lettersOf(h);
      return all.length > 0 && all;
    });
    assert.deepEqual(
      letters.map(({ id }) => id),
      [seen.deadLetterId],
    );
    assert.equal(await markersOf(h, h.id('drain')), 2);
    await second.stop();
  });
});

describe('activities that complete asynchronously', () => {
  const tokens: Uint8Array[] = [];
  const get = useHarness('async', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        async later() {
          tokens.push(activityInfo().taskToken);
          throw new CompleteAsyncError();
        },
      },
    }),
  );

  test('are left alone, and complete', async () => {
    const h = get();
    const result = call(h, 'later', { suffix: '-completed' });
    await h.client.activity.complete(await eventually(() => tokens.pop()), 'done');
    assert.deepEqual(await result, { result: 'done' });
    assert.equal(tokens.length, 0);
  });

  test('become a dead letter when they are failed', async () => {
    const h = get();
    const result = call(h, 'later', { suffix: '-failed' });
    const token = await eventually(() => tokens.pop());
    await h.client.activity.fail(token, ApplicationFailure.nonRetryable('the partner said no', 'Refused'));
    const seen = await result;
    assert.equal(seen.error?.type, 'Refused');
    const letter = h.recovery.deadLetters.get(seen.deadLetterId ?? '');
    const { record } = await letter.describe();
    assert.match(record.error.message, /the partner said no/);
    assert.equal(record.attemptCount, 1);
    const replay = letter.replay();
    await h.client.activity.complete(await eventually(() => tokens.pop()), 'done');
    assert.equal((await replay).outcome, 'REPLAYED');
  });
});

after(async () => {
  for (const connection of opened) await connection.close();
});
