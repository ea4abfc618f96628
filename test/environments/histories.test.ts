import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { WORKFLOW_CODE } from '../../common/workflow-code.js';
import { startTemporalServer } from '../../examples/temporal-server/index.js';
import { eventually, type Harness, logLines, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { finish, go, type longRunning, next, type race, seenSoFar } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const quiet = new DefaultLogger('ERROR');

async function reject(): Promise<string> {
  throw ApplicationFailure.nonRetryable('rejected');
}

const call = (h: Harness, activity: string, suffix: string, retry = {}) =>
  h.client.workflow.execute<typeof callOne>('callOne', {
    workflowId: h.id(suffix),
    taskQueue: h.taskQueue,
    args: [activity, [], { retry }],
  });

const historyOf = (h: Harness, workflowId: string) => h.client.workflow.getHandle(workflowId).fetchHistory();

/** Replays with the plugin and gives the faults. */
async function replay(h: Harness, ...workflowIds: string[]): Promise<(Error | undefined)[]> {
  const histories = await Promise.all(
    workflowIds.map(async (workflowId) => ({ workflowId, history: await historyOf(h, workflowId) })),
  );
  const faults: (Error | undefined)[] = [];
  const options = { workflowsPath, plugins: [h.plugin()], replayName: h.id('replay') };
  for await (const { error } of Worker.runReplayHistories(options, histories)) faults.push(error);
  return faults;
}

describe('a prebuilt workflow bundle', () => {
  let attempts = 0;
  const activities = {
    reject,
    async invalid() {
      attempts++;
      throw Object.assign(new Error('HTTP 422'), { status: 422 });
    },
  };
  const get = useHarness('bundle');

  test('made with the plugin writes letters', async () => {
    const h = get();
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [h.plugin()], logger: quiet });
    const warned = warnings(h);
    const worker = await h.startWorker({ workflowBundle, activities });
    const { deadLetterId = '' } = await call(h, 'reject', 'with');
    assert.equal((await h.recovery.deadLetters.get(deadLetterId).describe()).status, 'WAITING');
    await worker.stop();
    assert.equal(warnings(h), warned);
  });

  test('made without it works as without the plugin, and the log says so at start', async () => {
    const h = get();
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: quiet });
    const warned = warnings(h, /made without/);
    const worker = await h.startWorker({ workflowBundle, activities });
    assert.equal(warnings(h, /made without RecoveryPlugin.*bundleWorkflowCode/), warned + 1);
    const seen = await call(h, 'invalid', 'without', { initialInterval: 10, maximumAttempts: 3 });
    assert.equal(attempts, 3);
    assert.equal(seen.error?.retryState, 'MAXIMUM_ATTEMPTS_REACHED');
    assert.equal(seen.deadLetterId, undefined);
    await worker.stop();
  });

  for (const [release, mark, warning] of [
    [
      'another release',
      'temporal-recovery workflow code 0.99.0-rc.1',
      /made with temporal-recovery 0\.99\.0-rc\.1, and this worker runs \d+\.\d+\.\d+\. Make the bundle again/,
    ],
    [
      'a release that put no version into it',
      '',
      /made with temporal-recovery 0\.5 or before, and this worker/,
    ],
  ] as const) {
    test(`made with ${release}: the log says so at start, and it works`, async () => {
      const h = get();
      const { code } = await bundleWorkflowCode({ workflowsPath, plugins: [h.plugin()], logger: quiet });
      const workflowBundle = { code: code.replaceAll(WORKFLOW_CODE, mark) };
      const warned = warnings(h, warning);
      const worker = await h.startWorker({ workflowBundle, activities });
      assert.equal(warnings(h, warning), warned + 1);
      assert.ok((await call(h, 'reject', release.replaceAll(' ', '-'))).deadLetterId);
      await worker.stop();
    });
  }

  const warnings = (h: Harness, what = /workflow bundle of this worker was made with/) =>
    logLines.filter(
      ({ level, message, meta }) => level === 'WARN' && what.test(message) && meta?.taskQueue === h.taskQueue,
    ).length;
});

describe('histories replay with the plugin', () => {
  const get = useHarness('replay');
  const activities = { reject };

  test('that were written with it, and those written without it', async () => {
    const h = get();
    const withPlugin = await h.startWorker({ workflowsPath, activities });
    assert.ok((await call(h, 'reject', 'with')).deadLetterId);
    await withPlugin.stop();
    const without = await h.startWorker({ workflowsPath, activities, plugins: [] });
    assert.equal((await call(h, 'reject', 'without')).deadLetterId, undefined);
    await without.stop();
    assert.deepEqual(await replay(h, h.id('with'), h.id('without')), [undefined, undefined]);
  });

  test('that a worker with the plugin took over from one without it', async () => {
    const h = get();
    const handle: WorkflowHandle<typeof longRunning> = await h.client.workflow.start('longRunning', {
      workflowId: h.id('in-flight'),
      taskQueue: h.taskQueue,
    });
    const failOnce = async (already: number) => {
      await handle.signal(next, 'reject');
      return eventually(async () => (await handle.query(seenSoFar))[already]);
    };
    const without = await h.startWorker({ workflowsPath, activities, plugins: [], maxCachedWorkflows: 0 });
    assert.equal((await failOnce(0)).deadLetterId, undefined);
    await without.stop();
    const withPlugin = await h.startWorker({ workflowsPath, activities, maxCachedWorkflows: 0 });
    const second = await failOnce(1);
    assert.ok(second.deadLetterId);
    await handle.signal(finish);
    assert.deepEqual(
      (await handle.result()).map(({ deadLetterId }) => deadLetterId),
      [undefined, second.deadLetterId],
    );
    await withPlugin.stop();
    assert.deepEqual(await replay(h, h.id('in-flight')), [undefined]);
  });
});

describe('the order of promises is the same with the plugin', () => {
  const connections: NativeConnection[] = [];
  const get = useHarness('order');

  for (const outcome of ['succeeds', 'fails'] as const) {
    test(`where an activity that ${outcome} races a timer and a signal in one activation`, async () => {
      const h = get();
      let open: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const { connectionOptions } = await startTemporalServer({ log: () => undefined });
      const connection = await NativeConnection.connect(connectionOptions);
      connections.push(connection);
      const doing = await h.startWorker({
        connection,
        taskQueue: h.id(`activities-${outcome}`),
        plugins: [],
        activities: {
          after: async () => 'after',
          async gated() {
            await gate;
            if (outcome === 'fails') await reject();
          },
        },
      });
      const first = await h.startWorker({ workflowsPath, plugins: [], maxCachedWorkflows: 0 });
      const handle: WorkflowHandle<typeof race> = await h.client.workflow.start('race', {
        workflowId: h.id(outcome),
        taskQueue: h.taskQueue,
        args: ['gated', h.id(`activities-${outcome}`), '4s'],
      });
      const types = async () => {
        const { events } = await handle.fetchHistory();
        return (events ?? []).map(({ eventType }) => Number(eventType));
      };
      await eventually(async () => (await types()).includes(TIMER_STARTED));
      await first.stop();
      open();
      await handle.signal(go);
      await eventually(async () => (await types()).includes(TIMER_FIRED));
      const recorded = await types();
      const settled = recorded.findIndex((type) => type === ACTIVITY_COMPLETED || type === ACTIVITY_FAILED);
      assert.ok(
        settled > 0 && settled < recorded.indexOf(TIMER_FIRED),
        'the activity is done before the timer',
      );
      const second = await h.startWorker({ workflowsPath, plugins: [], maxCachedWorkflows: 0 });
      assert.deepEqual(await handle.result(), ['activity', 'signal']);
      await second.stop();
      await doing.stop();
      assert.deepEqual(await replay(h, h.id(outcome)), [undefined]);
    });
  }

  after(async () => {
    for (const connection of connections) await connection.close();
  });
});

// Numbers of temporal.api.enums.v1.EventType.
const ACTIVITY_COMPLETED = 12;
const ACTIVITY_FAILED = 13;
const TIMER_STARTED = 17;
const TIMER_FIRED = 18;
