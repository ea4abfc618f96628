import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

describe('a parked call', () => {
  let mended = false;
  const get = useHarness('parked-through');
  const startWorker = (options: RecoveryPluginOptions = {}) =>
    get().startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      plugins: [get().plugin({ onExhausted: 'park', ...options })],
      activities: {
        async write(_key: string, value: unknown) {
          if (!mended) throw Object.assign(new Error('refused'), { status: 422 });
          return { wrote: value };
        },
      },
    });
  const start = (name: string, workflow = 'callOne', args: unknown[] = ['write', [name, 1]]) =>
    get().client.workflow.start(workflow, {
      workflowId: get().id(name),
      taskQueue: get().taskQueue,
      // The server notices a lost worker by this.
      workflowTaskTimeout: '10s',
      args,
    });
  const parkedLetter = (handle: Awaited<ReturnType<typeof start>>) =>
    eventually(async () => {
      const { pendingChildren } = (await handle.describe()).raw;
      return pendingChildren?.[0]?.runId
        ? get().recovery.deadLetters.get(pendingChildren[0].workflowId ?? '')
        : undefined;
    });

  test('outlives every worker stopped, and started again', async () => {
    mended = false;
    const first = await startWorker();
    const handle = await start('restart');
    const letter = await parkedLetter(handle);
    await letter.describe();
    await first.stop();
    mended = true;
    await letter.signalReplay({ by: 'ada' });
    const second = await startWorker();
    assert.deepEqual(await handle.result(), { result: { wrote: 1 } });
    await second.stop();
  });

  test('outlives the process of all workers killed', async () => {
    const { taskQueue, recoveryTaskQueue, queue } = get();
    const child = spawn(
      process.execPath,
      [require.resolve('./parked-worker.js'), taskQueue, recoveryTaskQueue, queue],
      { stdio: 'ignore' },
    );
    const handle = await start('killed');
    const letter = await parkedLetter(handle);
    child.kill('SIGKILL');
    await once(child, 'exit');
    mended = true;
    await letter.signalReplay({ by: 'ada' });
    const worker = await startWorker();
    assert.deepEqual(await handle.result(), { result: { wrote: 1 } });
    await worker.stop();
  });

  test('whose letter expires fails with why', async () => {
    mended = false;
    const { queue } = get();
    const worker = await startWorker({ queues: { [queue]: { retention: '1s' } } });
    const seen = (await (await start('expired')).result()) as Seen;
    assert.equal(seen.error?.name, 'ActivityFailure');
    assert.equal(seen.error?.type, 'DeadLetterExpiredError');
    assert.ok(seen.deadLetterId);
    assert.match(seen.error?.causeMessage ?? '', /expired before anybody cared/);
    await worker.stop();
  });

  test('there is none where a workflow has as many children as it may have: a letter as usual', async () => {
    mended = false;
    const worker = await startWorker();
    const handle = await start('crowded', 'callAmongChildren', ['write', 1_900]);
    const seen = (await handle.result()) as Seen;
    assert.equal(seen.error?.causeMessage, 'refused');
    const { status, record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.deepEqual([status, record.parked], ['WAITING', undefined]);
    const below = await start('less-crowded', 'callAmongChildren', ['write', 1_800]);
    await eventually(async () => ((await below.describe()).raw.pendingChildren?.length ?? 0) > 2);
    await below.terminate();
    await worker.stop();
  });
});
