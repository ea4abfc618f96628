import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');

describe('calls that fail at the same time', () => {
  const get = useHarness('at-once', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        refuse: async () => {
          throw Object.assign(new Error('no'), { status: 422 });
        },
        refuseAfter: async (ms: number) => {
          await setTimeout(ms);
          throw Object.assign(new Error('no'), { status: 422 });
        },
        note: async (ms: number) => setTimeout(ms),
      },
    }),
  );

  const notReplayed = async (handles: readonly WorkflowHandle[]) => {
    await Promise.all(handles.map((handle) => handle.result()));
    const histories = await Promise.all(
      handles.map(async (handle) => ({
        workflowId: handle.workflowId,
        history: await handle.fetchHistory(),
      })),
    );
    // A task that failed or timed out may be the cause (docs/upstream.md).
    const lostTasks = (id: string) =>
      histories
        .find(({ workflowId }) => workflowId === id)
        ?.history.events?.filter(
          (event) => event.workflowTaskFailedEventAttributes || event.workflowTaskTimedOutEventAttributes,
        ).length;
    const failed: string[] = [];
    const options = { workflowsPath, plugins: [get().plugin()] };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      if (error) failed.push(`${workflowId}, ${lostTasks(workflowId)} lost workflow tasks: ${error.message}`);
    }
    return failed;
  };

  for (const [what, workflow, count, workflows] of [
    ['that are waited for', 'catchDifferently', 6, 20],
    ['of a large fan-out', 'catchDifferently', 150, 2],
    ['one after the other, while others are decided', 'failInTurn', 80, 8],
    ["beside the workflow's own local activities", 'failBesideLocal', 5, 10],
  ] as const) {
    test(`${what}: their workflows replay, in whatever order their letters were written`, async () => {
      const { client, id, taskQueue } = get();
      const start = (index: number) =>
        client.workflow.start(workflow, {
          ...{ workflowId: id(`${workflow}-${count}-${index}`), taskQueue, args: [count] },
        });
      const handles = await Promise.all(Array.from({ length: workflows }, (_, index) => start(index)));
      assert.deepEqual(await notReplayed(handles), []);
    });
  }

  test('one of them a local activity of several workflow tasks: nearly all of their workflows replay, whenever it fails', async () => {
    const { client, id, taskQueue } = get();
    // Its activity is decided in the third task, which begins after 1.6 s: 80 % of the time-out for each.
    const start = (localMs: number) =>
      client.workflow.start('failWithLocal', {
        ...{ workflowId: id(`with-local-${localMs}`), taskQueue, args: [localMs] },
        workflowTaskTimeout: '1s',
      });
    const failed = await notReplayed(
      await Promise.all(Array.from({ length: 30 }, (_, at) => start(1_560 + 6 * at))),
    );
    // One that fails in the task of a timer has another order in a replay, without us too (docs/upstream.md). With a queue that
    // asked for its order, two thirds did not replay.
    assert.ok(failed.length <= 3, failed.join('\n'));
  });
});
