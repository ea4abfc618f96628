import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';
import { InvalidOptionsError, type RecoveryPluginOptions } from '../../worker/options.js';
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

  test('every problem is told at once', () => {
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
