// The SDK ends a workflow task with the answer to a query. What a local activity had answered by then is written with it, and the
// workflow sees it in the next task, after the events of that; in a replay before them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { eventually, useHarness } from '../support/harness.js';
import { failWhileQueried, go } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const WORKFLOWS = 3;

describe('calls that fail while the workflow is queried', () => {
  const get = useHarness('queried', (h) =>
    h.startWorker({
      workflowsPath,
      activities: {
        refuseAfter: async (ms: number) => {
          await setTimeout(ms);
          throw Object.assign(new Error('no'), { status: 422 });
        },
        note: async (ms: number) => setTimeout(ms),
      },
    }),
  );

  for (const what of ['activities', 'local activity', 'cancelled activity'] as const) {
    test(`${what}: the workflow replays, and the query is answered`, async () => {
      const { client, id, taskQueue } = get();
      for (let at = 0; at < WORKFLOWS; at++) {
        const handle = await client.workflow.start(failWhileQueried, {
          ...{ workflowId: id(`${what}-${at}`), taskQueue, args: [what] },
        });
        const events = async () => (await handle.fetchHistory()).events ?? [];
        await handle.query('slow');
        await handle.signal(go);
        // The task of the local activity has begun, and the server keeps the query for the next one.
        await eventually(
          async () =>
            (await events()).filter((event) => event.workflowTaskStartedEventAttributes).length === 2,
        );
        const begin = performance.now();
        const answer = handle.query('slow');
        if (what === 'local activity') await handle.signal(go);
        assert.ok(Number(await answer) > 0);
        await handle.result();
        // The cancelled call takes 20 s: where nothing brings its cancellation, the workflow waits for that.
        assert.ok(performance.now() - begin < 15_000);
        const history = await handle.fetchHistory();
        await Worker.runReplayHistory(
          { workflowsPath, plugins: [get().plugin()] },
          history,
          handle.workflowId,
        );
      }
    });
  }
});
