import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
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

  for (const [what, workflow, count, workflows] of [
    ['that are waited for', 'catchDifferently', 6, 20],
    ['of a large fan-out', 'catchDifferently', 150, 2],
    ['one after the other, while others are decided', 'failInTurn', 80, 8],
    ["beside the workflow's own local activities", 'failBesideLocal', 5, 10],
  ] as const) {
    test(`${what}: their workflows replay, in whatever order their letters were written`, async () => {
      const h = get();
      const handles = await Promise.all(
        Array.from({ length: workflows }, (_, index) =>
          h.client.workflow.start(workflow, {
            ...{ workflowId: h.id(`${workflow}-${count}-${index}`), taskQueue: h.taskQueue, args: [count] },
          }),
        ),
      );
      await Promise.all(handles.map((handle) => handle.result()));
      const histories = await Promise.all(
        handles.map(async (handle) => ({
          workflowId: handle.workflowId,
          history: await handle.fetchHistory(),
        })),
      );
      const failed: string[] = [];
      const options = { workflowsPath, plugins: [h.plugin()] };
      for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
        if (error) failed.push(`${workflowId}: ${error.message}`);
      }
      assert.deepEqual(failed, []);
    });
  }
});
