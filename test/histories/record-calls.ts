import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { DeadLetterHandle } from 'temporal-recovery/client';
import type * as endingWorkflows from '../failing-call/workflows.js';
import { eventually, type Harness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const { History } = temporal.api.history.v1;

/** Keeps the history of a workflow, of its last run unless another one is given. */
export type Save = (name: string, workflowId: string, runId?: string) => Promise<void>;

export function saveTo(h: Harness, folder: string): Save {
  return async (name, workflowId, runId) => {
    const history = await h.client.workflow.getHandle(workflowId, runId).fetchHistory();
    mkdirSync(folder, { recursive: true });
    // The SDK's own way to JSON fails on these histories ("type must be a Type"): kept as protobuf.
    writeFileSync(join(folder, `${name}.binpb`), History.encode(history).finish());
  };
}

export const endingsPath = require.resolve('../failing-call/workflows.js');

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

/** Everything that can become of a call, and of a letter that people take care of. */
export async function recordCalls(h: Harness, save: Save): Promise<void> {
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

  // The budget is used up, and the origin goes on; another is cancelled before.
  for (const [name, parkTimeout] of [
    ['park-budget', '1s'],
    ['park-cancelled', '1 hour'],
  ] as const) {
    const workflowId = h.id(name);
    const args = ['refuse', ['x'], { recovery: { onExhausted: 'park', parkTimeout } }];
    const taskQueue = h.id('endings');
    const handle = await h.client.workflow.start('recoverCall', { workflowId, taskQueue, args });
    if (name === 'park-cancelled') {
      await eventually(async () => (await handle.describe()).raw.pendingChildren?.[0]?.runId);
      await handle.cancel();
    }
    await handle.result();
    await save(`ending-${name}`, workflowId);
  }

  for (const [name, workflow, args] of endings) {
    const workflowId = h.id(name);
    const taskQueue = h.id('endings');
    await h.client.workflow.execute(workflow, { workflowId, taskQueue, args: [...args] });
    await save(`ending-${name}`, workflowId);
  }
}
