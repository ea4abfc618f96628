import assert from 'node:assert/strict';
import { Worker } from '@temporalio/worker';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import type { Harness } from './harness.js';

type Histories = Extract<Parameters<typeof Worker.runReplayHistories>[1], Iterable<unknown>>;

/** Replays histories of workflows of the recovery worker. */
export async function assertReplay(histories: Histories): Promise<void> {
  const workflowBundle = await recoveryBundle();
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    assert.equal(error, undefined, String(error));
  }
}

/** Replays these runs of a workflow of the recovery worker. */
export async function assertRunsReplay(
  { client }: Harness,
  workflowId: string,
  runIds: readonly string[],
): Promise<void> {
  await assertReplay(
    await Promise.all(
      runIds.map(async (runId) => ({
        workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      })),
    ),
  );
}
