import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { settingsInRecord } from '../../common/dead-letter/queue-settings.js';
import { type QueueOptions, RecoveryPlugin } from '../../worker/index.js';
import {
  InvalidOptionsError,
  parseOptions,
  type RecoveryPluginOptions,
} from '../../worker/options/options.js';
import { logLines, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('options', () => {
  const rejected: [string, object, RegExp[]][] = [
    ['an unknown key', { qeue: 'x' }, [/qeue: unknown option/, /queue/]],
    [
      'a nested unknown key',
      { replay: { attempts: 3 } },
      [/replay\.attempts: unknown option/, /maximumAttempts/],
    ],
    ['a wrong type', { queue: 7 }, [/queue: .*string/, /number|7/]],
    ['an empty name', { taskQueue: '' }, [/taskQueue: /]],
    ['an unknown mode', { mode: 'watch' }, [/mode: /, /recover/, /observe/]],
    [
      'a bad duration',
      { replay: { scheduleToStartTimeout: 'soon' } },
      [/replay\.scheduleToStartTimeout: /, /"soon"/],
    ],
    [
      'a duration of nothing',
      { replay: { scheduleToStartTimeout: 0 } },
      [/scheduleToStartTimeout: /, /got 0/],
    ],
    ['a negative limit', { replay: { maximumAttempts: -1 } }, [/replay\.maximumAttempts: /]],
    ['queues that are a list', { queues: [] }, [/queues: expected an object .*, got \[\]/]],
    [
      'an unknown option of a queue',
      { queues: { a: { retenton: '1 day' } } },
      [/queues\.a\.retenton: unknown option/, /retention/],
    ],
    [
      'a retention that is no time',
      { queues: { 'a*': { retention: true }, b: { retention: '99 years' } } },
      [/queues\.a\*\.retention: .* or false, got true/, /queues\.b\.retention: .*10 years/],
    ],
    [
      'automatic replays that cannot be',
      { queues: { a: { autoReplay: { delays: ['1s', 'soon'], maxReplays: -1, delay: 1 } } } },
      [
        /queues\.a\.autoReplay\.delays\[1\]: .*"soon"/,
        /queues\.a\.autoReplay\.maxReplays: .*-1/,
        /queues\.a\.autoReplay\.delay: unknown/,
      ],
    ],
    [
      'a path that names no argument',
      { queues: { a: { redact: ['/customer/email'] } } },
      [/queues\.a\.redact\[0\]: .*"\/0\/customer\/email".*, got "\/customer\/email"/],
    ],
    [
      'an activity that is none',
      { queues: { a: { onDeadLetter: '' }, b: { onDeadLetter: { taskQueue: 'x' } } } },
      [/queues\.a\.onDeadLetter: /, /queues\.b\.onDeadLetter\.activity: /],
    ],
    [
      'limits and flags of another type',
      { queues: { a: { maxLetters: 1.5, showArguments: 'no' } } },
      [/queues\.a\.maxLetters: .*1\.5/, /queues\.a\.showArguments: .*"no"/],
    ],
    ['a boolean that is text', { runRecoveryWorker: 'no' }, [/runRecoveryWorker: .*boolean/]],
  ];
  for (const [name, options, patterns] of rejected) {
    test(`${name} is refused at construction`, () => {
      assert.throws(
        () => new RecoveryPlugin(options as RecoveryPluginOptions),
        (error: unknown) => {
          assert.ok(error instanceof InvalidOptionsError);
          for (const pattern of patterns) assert.match(error.message, pattern);
          return true;
        },
      );
    });
  }

  test('all problems are reported at once', () => {
    assert.throws(
      () => new RecoveryPlugin({ qeue: 'x', mode: 'watch' } as unknown as RecoveryPluginOptions),
      /(?=.*qeue)(?=.*mode)/,
    );
  });

  test('none are needed, and durations are numbers or text', () => {
    new RecoveryPlugin();
    new RecoveryPlugin({ replay: { scheduleToStartTimeout: '2 minutes' } });
    new RecoveryPlugin({ replay: { scheduleToStartTimeout: 1_000 } });
  });
});

describe('settings of queues', () => {
  test('each from the most specific entry that has it; only hidden paths add up', () => {
    const { queues } = parseOptions({
      queues: {
        '*': { retention: '1 day', redact: ['/*/iban'], autoReplay: { maxReplays: 3 }, maxLetters: 5 },
        'orders*': { autoReplay: { delays: ['1s'] }, onDeadLetter: { activity: 'tell', taskQueue: 'ops' } },
        'orders-eu': { retention: false, redact: ['/0/email'], showArguments: false },
        'orders-us': { autoReplay: false },
      },
    });
    const of = (queue: string) => settingsInRecord(queues.of(queue), 'calls');
    assert.deepEqual(of('orders-eu'), {
      autoReplay: { delaysMs: [1_000], maxReplays: 3 },
      onDeadLetter: { activity: 'tell', taskQueue: 'ops' },
      showArguments: false,
      redact: ['/0/email', '/*/iban'],
    });
    assert.deepEqual(of('orders-us').autoReplay, { delaysMs: [], maxReplays: 3 });
    assert.equal(of('other').retentionMs, 86_400_000);
    assert.equal(queues.of('other').maxLetters, 5);
  });

  test('none: 30 days, no automatic replay, at most 10 replays without a person', () => {
    assert.deepEqual(settingsInRecord(parseOptions({}).queues.of('default'), 'calls'), {
      retentionMs: 30 * 86_400_000,
      autoReplay: { delaysMs: [], maxReplays: 10 },
    });
  });
});

describe('with a server', () => {
  const attempts: Record<string, number> = {};
  const count = (name: string) => {
    attempts[name] = (attempts[name] ?? 0) + 1;
  };
  const activities = {
    async typed() {
      count('typed');
      throw ApplicationFailure.nonRetryable('no', 'MyType', { mine: true });
    },
    async invalid() {
      count('invalid');
      throw Object.assign(new Error('HTTP 422'), { status: 422 });
    },
  };
  const get = useHarness('observe', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ mode: 'observe' })] }),
  );
  const run = async (activity: string, retry = {}) => {
    const h = get();
    const workflowId = h.id(activity);
    const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
      workflowId,
      taskQueue: h.taskQueue,
      args: [activity, [], { retry }],
    });
    const { events = [] } = await h.client.workflow.getHandle(workflowId).fetchHistory();
    return { seen, events: events ?? [], workflowId };
  };

  test('the recovery task queue must not be the worker’s own', async () => {
    const h = get();
    await assert.rejects(
      Worker.create({
        connection: h.connection,
        namespace: h.namespace,
        taskQueue: h.id('same'),
        workflowsPath,
        plugins: [h.plugin({ taskQueue: h.id('same') })],
      }),
      (error: Error) => error.message.includes('taskQueue') && error.message.includes(h.id('same')),
    );
  });

  test('an activity that is to be told of letters must be there', async () => {
    const h = get();
    const create = (onDeadLetter: QueueOptions['onDeadLetter']) =>
      Worker.create({
        connection: h.connection,
        namespace: h.namespace,
        taskQueue: h.id('hooks'),
        workflowsPath,
        activities,
        plugins: [h.plugin({ queues: { '*': { onDeadLetter } } })],
      });
    for (const missing of ['tell', { activity: 'tell' }, { activity: 'tell', taskQueue: h.id('hooks') }]) {
      await assert.rejects(
        create(missing),
        /queues\.\*\.onDeadLetter\.activity: no activity "tell" on this worker; it has typed, invalid/,
      );
    }
    // Closed by running: a worker that never ran holds the connection.
    for (const known of ['typed', { activity: 'tell', taskQueue: 'elsewhere' }]) {
      await (await create(known)).runUntil(async () => undefined);
    }
  });

  test('observing changes nothing: the error as thrown, no marker, no letter', async () => {
    const { seen, events, workflowId } = await run('typed');
    assert.equal(seen.error?.type, 'MyType');
    assert.deepEqual(seen.error?.details, [{ mine: true }]);
    assert.equal(seen.deadLetterId, undefined);
    const kinds = events.filter((event) => event.markerRecordedEventAttributes);
    assert.equal(kinds.length, 0);
    const lines = logLines.filter(({ meta }) => meta?.workflowId === workflowId);
    const would = lines.find(({ message }) => message.includes('would have become a dead letter'));
    assert.equal(would?.meta?.activityType, 'typed');
    const attempt = lines.find(({ message }) => message.includes('(observe): an attempt failed'));
    assert.equal(attempt?.meta?.wouldRetry, false);
    assert.ok(
      !logLines.some(
        ({ message, meta }) => /became a dead letter/.test(message) && meta?.activityType === 'typed',
      ),
    );
  });

  test('observing ends no retries', async () => {
    const { seen, workflowId } = await run('invalid', { initialInterval: 10, maximumAttempts: 3 });
    assert.equal(attempts.invalid, 3);
    assert.equal(seen.error?.retryState, 'MAXIMUM_ATTEMPTS_REACHED');
    assert.deepEqual(seen.error?.details, []);
    const told = logLines.filter(
      ({ message, meta }) => meta?.workflowId === workflowId && message.includes('an attempt failed'),
    );
    assert.deepEqual(
      told.map(({ meta }) => [meta?.attempt, meta?.category, meta?.wouldRetry]),
      [
        [1, 'VALIDATION', false],
        [2, 'VALIDATION', false],
        [3, 'VALIDATION', false],
      ],
    );
  });
});
