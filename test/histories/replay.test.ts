import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

import { Worker } from '@temporalio/worker';
import { RecoveryPlugin } from '../../worker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const { History } = temporal.api.history.v1;

const folder = join(__dirname, '..', '..', '..', 'test', 'histories');

/** `RECORD_HISTORIES=0.2.0 npm test -- histories/replay`, once per release, writes the folder of that version. */
const record = process.env.RECORD_HISTORIES;

describe('histories of every released version replay', () => {
  const get = useHarness('histories');

  before(async () => {
    if (record === undefined) return;
    const h = get();
    let mended = false;
    await h.startWorker({
      workflowsPath,
      activities: {
        async fail() {
          if (!mended) throw ApplicationFailure.nonRetryable('rejected');
          return 'written';
        },
        async hang() {
          await new Promise((resolve) => setTimeout(resolve, 1_500));
        },
      },
    });
    const save = async (name: string, workflowId: string) => {
      const history = await h.client.workflow.getHandle(workflowId).fetchHistory();
      mkdirSync(join(folder, record), { recursive: true });
      // The SDK's own way to JSON fails on these histories ("type must be a Type"): kept as protobuf.
      writeFileSync(join(folder, record, `${name}.binpb`), History.encode(history).finish());
    };
    const fail = async (name: string, activity = 'fail', options = {}) => {
      const workflowId = h.id(name);
      const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
        workflowId,
        taskQueue: h.taskQueue,
        args: [activity, [1], options],
      });
      await save(`origin-${name}`, workflowId);
      return h.recovery.deadLetters.get(seen.deadLetterId ?? '');
    };
    const timedOut = await fail('timed-out', 'hang', {
      startToCloseTimeout: '500ms',
      retry: { maximumAttempts: 1 },
    });
    await save('letter-waiting', timedOut.id);
    const replayed = await fail('failed');
    await replayed.replay({ by: 'ada', reason: 'too early' });
    await h.client.workflow.getHandle(replayed.id).signal('replay', 'nonsense');
    await eventually(async () => (await replayed.describe()).story.some(({ event }) => event === 'refused'));
    mended = true;
    await replayed.replay({ by: 'ada', args: [2] });
    await save('letter-replayed', replayed.id);
    mended = false;
    const resolved = await fail('for-resolve');
    await resolved.resolve({ by: 'ada', result: { done: true } });
    await save('letter-resolved', resolved.id);
    const discarded = await fail('for-discard');
    await discarded.discard({ by: 'ada', reason: 'duplicate' });
    await save('letter-discarded', discarded.id);
  });

  for (const version of readdirSync(folder).filter((name) => /^\d/.test(name))) {
    test(`version ${version}`, async () => {
      const files = readdirSync(join(folder, version));
      assert.ok(files.length > 0);
      const read = (prefix: string) =>
        files
          .filter((file) => file.startsWith(prefix))
          .map((file) => ({
            workflowId: file,
            history: History.decode(readFileSync(join(folder, version, file))),
          }));
      const origins = { workflowsPath, plugins: [new RecoveryPlugin()] };
      const letters = { workflowBundle: await recoveryBundle() };
      for (const [options, histories] of [
        [origins, read('origin-')],
        [letters, read('letter-')],
      ] as const) {
        assert.ok(histories.length > 0);
        for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
          assert.equal(error, undefined, `${workflowId}: ${error}`);
        }
      }
    });
  }
});
