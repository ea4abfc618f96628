import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Worker } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { makeLetters, Target } from '../redrive/scene.js';
import { eventually, useHarness } from '../support/harness.js';

const LETTERS = 20;

describe('a letter that is asked for a replay in the moment in which it becomes held', () => {
  const get = useHarness('asked-while-held');

  test('replays: of two looks at its origin one comes after the other', async () => {
    const h = get();
    const target = new Target();
    await h.startWorker({
      workflowsPath: require.resolve('../redrive/workflows.js'),
      activities: target.activities,
      plugins: [h.plugin({ breaker: h.queue, breakers: { [h.queue]: { openTime: 600_000 } } })],
    });
    const ids = await makeLetters(h, h.taskQueue, h.queue, LETTERS + 1);
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const [control = '', ...letters] = ids;
    await recovery.breakers.get(h.queue).forceOpen({ by: 'ada' });
    // From then on the worker knows it.
    await eventually(async () => (await recovery.deadLetters.get(control).replay()).outcome === 'HELD');
    target.calls.length = 0;
    await Promise.all(
      letters.map(async (id) => {
        const letter = recovery.deadLetters.get(id);
        // The second waits for its turn until the first has found the breaker open.
        await Promise.all([letter.signalReplay(), letter.signalReplay()]);
        await eventually(async () => {
          const { status, story } = await letter.state();
          return status === 'HELD' && story.filter(({ event }) => event === 'held').length === 2;
        });
      }),
    );
    const held = await Promise.all(
      letters.map(async (workflowId) => ({
        workflowId,
        history: await h.client.workflow.getHandle(workflowId).fetchHistory(),
      })),
    );
    const failed: string[] = [];
    const options = { workflowBundle: await recoveryBundle() };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, held)) {
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    assert.deepEqual(failed, []);
    target.answer = () => 'written';
    await recovery.breakers.get(h.queue).reset({ by: 'ada' });
    await eventually(async () => (await recovery.deadLetters.count({ queue: h.queue, open: true })) === 0);
    for (let id = 0; id <= LETTERS; id++) assert.equal(target.callsOf(id), 1, `record ${id}`);
  });
});
