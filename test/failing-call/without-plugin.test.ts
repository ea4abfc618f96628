import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundleWorkflowCode } from '@temporalio/worker';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./without-plugin-workflows.js');

describe('a call that says how it is recovered, on a worker without the plugin', () => {
  const get = useHarness('without-plugin');
  const activities = { write: async () => 'written' };

  const start = (name: string) =>
    get().client.workflow.start('caught', { taskQueue: get().taskQueue, workflowId: get().id(name) });

  /** The workflow task fails and is tried again: the message is what a person sees on the workflow's page. */
  const failureOfTask = (handle: Awaited<ReturnType<typeof start>>) =>
    eventually(async () => {
      const { events } = await handle.fetchHistory();
      return events?.flatMap((event) => event.workflowTaskFailedEventAttributes?.failure?.message ?? [])[0];
    });

  test('fails the workflow task with the fix, also where the workflow catches errors; then a worker with it goes on', async () => {
    const without = await get().startWorker({ workflowsPath, activities, plugins: [] });
    const handle = await start('no-plugin');
    assert.match(
      await failureOfTask(handle),
      /proxyRecoverableActivities: the workflow bundle of this worker was made without RecoveryPlugin\. Add plugins:/,
    );
    await without.stop();
    const running = await get().startWorker({ workflowsPath, activities });
    assert.equal(await handle.result(), 'written');
    await running.stop();
  });

  test('the same where only the bundle was made with the plugin', async () => {
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [get().plugin()] });
    const without = await get().startWorker({ workflowBundle, activities, plugins: [] });
    const handle = await start('only-bundle');
    assert.match(await failureOfTask(handle), /this worker runs without RecoveryPlugin\. Add plugins:/);
    await without.stop();
    await handle.terminate();
  });
});
