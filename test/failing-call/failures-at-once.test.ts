import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Worker } from '@temporalio/worker';
import { useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('./workflows.js');
const WORKFLOWS = 20;

describe('calls that fail at the same time', () => {
  const get = useHarness('at-once', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        refuse: async () => {
          throw Object.assign(new Error('no'), { status: 422 });
        },
        note: async () => undefined,
      },
    }),
  );

  for (const [what, args] of [
    ['that are waited for', [6]],
    ['of a large fan-out', [150]],
  ] as const) {
    test(`${what}: their workflows replay, in whatever order their letters were written`, async () => {
      const h = get();
      const handles = await Promise.all(
        Array.from({ length: args[0] > 100 ? 2 : WORKFLOWS }, (_, index) =>
          h.client.workflow.start('catchDifferently', {
            ...{ workflowId: h.id(`${args[0]}-${index}`), taskQueue: h.taskQueue, args: [...args] },
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
