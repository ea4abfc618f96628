import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');
/** As many as the server lets a workflow have pending (`limit.numPendingActivities.error`). */
const CALLS = 2_000;

describe('two thousand failures in one activation', () => {
  const get = useHarness('many');

  test('are handled, and no workflow task fails', async () => {
    const h = get();
    const activityQueue = h.id('activities');
    const workflows = await h.startWorker({ workflowsPath });
    const handle = await h.client.workflow.start('callCrowd', {
      ...{ workflowId: h.id('many'), taskQueue: h.taskQueue, args: [CALLS, activityQueue] },
    });
    const events = async () => (await handle.fetchHistory()).events ?? [];
    await eventually(async () =>
      (await events()).some((event) => event.activityTaskScheduledEventAttributes),
    );
    await workflows.stop();
    const activities = await h.startWorker({
      taskQueue: activityQueue,
      activities: {
        refuse: async () => {
          throw Object.assign(new Error('no'), { status: 422 });
        },
      },
    });
    await eventually(
      async () =>
        (await events()).filter((event) => event.activityTaskFailedEventAttributes).length === CALLS,
      60_000,
    );
    await activities.stop();
    await h.startWorker({ workflowsPath });
    assert.equal(await handle.result(), CALLS);
    // One that takes longer than the sandbox allows fails.
    const failed = (await events()).filter((event) => event.workflowTaskFailedEventAttributes);
    assert.deepEqual(failed, []);
  });
});
