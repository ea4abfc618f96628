import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { eventually, logLines, useHarness } from '../support/harness.js';
import { finish, type longRunning, next, seenSoFar } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

/** docs/rollout.md, step by step, with one workflow in flight all the way. */
describe('rollout', () => {
  const get = useHarness('rollout');
  const activities = {
    async fail() {
      throw ApplicationFailure.nonRetryable('rejected');
    },
  };
  let handle: WorkflowHandle<typeof longRunning>;
  let letters: string[] = [];

  /** One step: a worker of this kind, one more failing activity. Without a cache, so that all of it is replayed. */
  const step = async (options: Partial<WorkerOptions>) => {
    const running = await get().startWorker({ workflowsPath, activities, maxCachedWorkflows: 0, ...options });
    const before = (await handle.query(seenSoFar)).length;
    await handle.signal(next, 'fail');
    const seen = await eventually(async () => {
      const all = await handle.query(seenSoFar);
      return all.length > before && all.at(-1);
    });
    const { events } = await handle.fetchHistory();
    await running.stop();
    return { seen, markers: (events ?? []).filter((event) => event.markerRecordedEventAttributes).length };
  };

  test('0. without the plugin, an activity fails', async () => {
    handle = await get().client.workflow.start<typeof longRunning>('longRunning', {
      workflowId: get().id('in-flight'),
      taskQueue: get().taskQueue,
    });
    const { seen, markers } = await step({ plugins: [] });
    assert.equal(seen.error?.causeMessage, 'rejected');
    assert.equal(markers, 0);
  });

  test('1. observe: nothing in history, the log says what would be done', async () => {
    const { seen, markers } = await step({ plugins: [get().plugin({ mode: 'observe' })] });
    assert.equal(seen.deadLetterId, undefined);
    assert.equal(markers, 0);
    const line = logLines.find(({ message }) => message.includes('would have become a dead letter'));
    assert.equal(line?.meta?.workflowId, handle.workflowId);
  });

  test('2. activate: the next failure of the workflow in flight becomes a letter', async () => {
    const { seen, markers } = await step({});
    assert.ok(seen.deadLetterId);
    letters = [seen.deadLetterId];
    assert.ok(markers > 0);
  });

  test('2. while activation is under way, an observing worker replays what an active one wrote', async () => {
    const { events } = await handle.fetchHistory();
    await Worker.runReplayHistory(
      { workflowsPath, plugins: [get().plugin({ mode: 'observe' })] },
      { events },
      handle.workflowId,
    );
  });

  test('3. roll back: histories replay, the letter stays replayable', async () => {
    const { seen } = await step({ plugins: [get().plugin({ mode: 'observe' })] });
    assert.equal(seen.error?.causeMessage, 'rejected');
    assert.equal(seen.deadLetterId, undefined);
    const [letter] = letters;
    const running = await get().startWorker({
      workflowsPath,
      activities: { fail: async () => 'mended' },
      plugins: [get().plugin({ mode: 'observe' })],
    });
    const { outcome } = await get()
      .recovery.deadLetters.get(letter ?? '')
      .replay({ by: 'test' });
    assert.equal(outcome, 'REPLAYED');
    await handle.signal(finish);
    await handle.result();
    await running.stop();
  });

  test('4. uninstall: the query finds no workflow that still needs the plugin', async () => {
    const mine = `WorkflowId = '${handle.workflowId}'`;
    const marked = `${mine} AND TemporalChangeVersion IN ('temporal-recovery', 'temporal-recovery/together')`;
    await eventually(async () => (await get().client.workflow.count(marked)).count === 1);
    await eventually(
      async () =>
        (await get().client.workflow.count(`${marked} AND ExecutionStatus = 'Running'`)).count === 0,
    );
  });

  test('4. uninstall: a workflow that never failed replays without the plugin', async () => {
    const fresh = await get().client.workflow.start<typeof longRunning>('longRunning', {
      workflowId: get().id('never-failed'),
      taskQueue: get().taskQueue,
    });
    const withPlugin = await get().startWorker({
      workflowsPath,
      activities: { fail: async () => 'fine' },
      maxCachedWorkflows: 0,
    });
    await fresh.signal(next, 'fail');
    await eventually(async () => (await fresh.query(seenSoFar)).length === 1);
    await withPlugin.stop();
    const without = await get().startWorker({
      workflowsPath,
      activities: { fail: async () => 'fine' },
      plugins: [],
    });
    await fresh.signal(next, 'fail');
    await fresh.signal(finish);
    assert.deepEqual(await fresh.result(), [{ result: 'fine' }, { result: 'fine' }]);
    await without.stop();
  });
});
