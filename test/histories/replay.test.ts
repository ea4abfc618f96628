import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

import { Worker } from '@temporalio/worker';
import type { DeadLetterHandle } from 'temporal-recovery/client';
import { RecoveryPlugin } from '../../worker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import type * as endingWorkflows from '../recovery/workflows.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const { History } = temporal.api.history.v1;

const folder = join(__dirname, '..', '..', '..', 'test', 'histories');

/** `RECORD_HISTORIES=0.2.0 npm test -- histories/replay`, once per release, writes the folder of that version. */
const record = process.env.RECORD_HISTORIES;

const endingsPath = require.resolve('../recovery/workflows.js');

/** One call for everything that can become of one. */
const endings: [string, keyof typeof endingWorkflows, readonly unknown[]][] = [
  ['dead-letter', 'recoverCall', ['refuse', ['x'], { recovery: { operation: 'sync', metadata: { a: 1 } } }]],
  ['fail', 'recoverCall', ['refuse', [], { recovery: { onExhausted: 'fail' } }]],
  ['skip', 'recoverCall', ['refuse', [], { recovery: { skipValue: 1 } }]],
  ['fallback-value', 'recoverCall', ['refuse', [], { recovery: { fallback: { value: 1 } } }]],
  ['fallback-activity', 'recoverCall', ['refuse', ['x'], { recovery: { fallback: { activity: 'backup' } } }]],
  ['fallback-function', 'recoverByFunction', ['refuse', 'activity']],
  [
    'fallback-activity-fails',
    'recoverCall',
    ['refuse', [], { recovery: { fallback: { activity: 'refuse' } } }],
  ],
  ['fallback-function-fails', 'recoverByFunction', ['refuse', 'throws']],
  [
    'fallback-fails-then-skip',
    'recoverCall',
    ['refuse', [], { recovery: { strategies: ['FALLBACK', 'SKIP'], fallback: { activity: 'refuse' } } }],
  ],
  ['local-dead-letter', 'recoverLocalCall', ['refuse', ['x']]],
  ['local-fallback', 'recoverLocalCall', ['refuse', ['x'], { recovery: { fallback: { value: 1 } } }]],
];

const parkings: [string, (letter: DeadLetterHandle) => Promise<unknown>][] = [
  ['parked-resolved', (letter) => letter.resolve({ result: 1, by: 'ada' })],
  ['parked-discarded', (letter) => letter.discard({ by: 'ada', reason: 'no longer wanted' })],
  [
    'parked-replayed',
    async (letter) => {
      await letter.replay({ by: 'ada' });
      repaired = true;
      await letter.replay({ by: 'ada' });
      repaired = false;
    },
  ],
];
let repaired = false;

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
    await h.startWorker({
      taskQueue: h.id('endings'),
      workflowsPath: endingsPath,
      activities: {
        async refuse() {
          if (repaired) return 'mended';
          throw ApplicationFailure.nonRetryable('refused', 'VALIDATION');
        },
        async backup() {
          return 'from the backup';
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

    for (const [name, finish] of parkings) {
      const workflowId = h.id(name);
      const args = ['refuse', ['x'], { recovery: { onExhausted: 'park' } }];
      const taskQueue = h.id('endings');
      const handle = await h.client.workflow.start('recoverCall', { workflowId, taskQueue, args });
      const letter = await eventually(async () => {
        const { pendingChildren } = (await handle.describe()).raw;
        return pendingChildren?.[0]?.runId ? (pendingChildren[0].workflowId ?? undefined) : undefined;
      });
      await finish(h.recovery.deadLetters.get(letter));
      await handle.result();
      await save(`ending-${name}`, workflowId);
      await save(`letter-${name}`, letter);
    }

    for (const [name, workflow, args] of endings) {
      const workflowId = h.id(name);
      const taskQueue = h.id('endings');
      await h.client.workflow.execute(workflow, { workflowId, taskQueue, args: [...args] });
      await save(`ending-${name}`, workflowId);
    }
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
      const letters = { workflowBundle: await recoveryBundle() };
      // Whatever is configured now: what was decided is in the history.
      for (const plugin of [
        new RecoveryPlugin(),
        new RecoveryPlugin({ strategies: 'SKIP', operations: { '*': { onExhausted: 'fail' } } }),
        new RecoveryPlugin({ categories: { VALIDATION: { fallback: { value: 'now' } } }, maxRetries: 1 }),
      ]) {
        const origins = { workflowsPath, plugins: [plugin] };
        const endings = { workflowsPath: endingsPath, plugins: [plugin] };
        for (const [options, histories] of [
          [origins, read('origin-')],
          [endings, read('ending-')],
          [letters, read('letter-')],
        ] as const) {
          for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
            assert.equal(error, undefined, `${workflowId}: ${error}`);
          }
        }
      }
    });
  }
});
