import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { temporal } from '@temporalio/proto';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');
/** As many as the server lets a workflow have pending (`limit.numPendingActivities.error`). */
const CALLS = 2_000;

/** Of the first failure of a task and of those that are decided with it, and the markers of patches. */
const DECISIONS = 2;
const PATCHES = 3;
/** Ten times what a task takes on a busy machine with two cores. A long one fails at the server when 100 events arrive during it. */
const SHORT_MS = 8_000;

type Event = temporal.api.history.v1.IHistoryEvent;

const msOf = ({ eventTime }: Event): number =>
  Number(eventTime?.seconds) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;

/** Of each workflow task that completed: how long it took, and the markers that it recorded. */
function tasksOf(events: readonly Event[]): { ms: number; markers: number }[] {
  const tasks: { ms: number; markers: number }[] = [];
  let startedAt = 0;
  for (const event of events) {
    if (event.workflowTaskStartedEventAttributes) startedAt = msOf(event);
    if (event.workflowTaskCompletedEventAttributes) tasks.push({ ms: msOf(event) - startedAt, markers: 0 });
    const task = tasks.at(-1);
    if (event.markerRecordedEventAttributes && task !== undefined) task.markers++;
  }
  return tasks;
}

describe('two thousand failures in one activation', () => {
  const get = useHarness('many');

  test('are handled in many workflow tasks, and none of them fails', async (t) => {
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
    const history = await events();
    // One that takes longer than the sandbox allows fails.
    const failed = history.filter((event) => event.workflowTaskFailedEventAttributes);
    assert.deepEqual(failed, []);
    const tasks = tasksOf(history);
    t.diagnostic(
      `the longest of ${tasks.length} workflow tasks took ${Math.max(...tasks.map(({ ms }) => ms))} ms`,
    );
    assert.ok(
      tasks.every(({ markers, ms }) => markers <= DECISIONS + PATCHES && ms < SHORT_MS),
      JSON.stringify(tasks),
    );
  });
});
