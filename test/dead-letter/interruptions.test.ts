import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('interruptions', () => {
  const get = useHarness('interruptions');

  const start = (name: string, options = {}) =>
    get().client.workflow.start<typeof callOne>('callOne', {
      workflowId: get().id(name),
      taskQueue: get().taskQueue,
      // The server notices a lost worker by this.
      workflowTaskTimeout: '2s',
      args: ['fail', [], options],
    });
  const letters = async () => {
    const query = `RecoveryQueue = '${get().queue}'`;
    const found: string[] = [];
    for await (const { workflowId } of get().client.workflow.list({ query })) found.push(workflowId);
    return found;
  };

  test('origin cancelled while its activity fails: no letter', async () => {
    let running = false;
    const worker = await get().startWorker({
      workflowsPath,
      activities: {
        async fail() {
          running = true;
          const context = Context.current();
          const beat = setInterval(() => context.heartbeat(), 50);
          await context.cancelled.catch(() => clearInterval(beat));
          throw ApplicationFailure.nonRetryable('broke while stopping');
        },
      },
    });
    const handle = await start('cancelled', {
      heartbeatTimeout: '500ms',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    });
    await eventually(() => running);
    await handle.cancel();
    const seen = await handle.result();
    assert.equal(seen.error?.causeMessage, 'broke while stopping');
    assert.equal(seen.deadLetterId, undefined);
    const { events } = await handle.fetchHistory();
    assert.equal((events ?? []).filter((event) => event.markerRecordedEventAttributes).length, 0);
    await worker.stop();
  });

  test('process killed between the start of the letter and the recording of its id: no second letter', async () => {
    const { taskQueue, recoveryTaskQueue, queue } = get();
    const script = require.resolve('./killed-worker.js');
    const child = spawn(process.execPath, [script, taskQueue, recoveryTaskQueue, queue], { stdio: 'ignore' });
    const handle = await start('killed');
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL');
    const worker = await get().startWorker({
      workflowsPath,
      activities: {
        async fail() {
          throw new Error('the activity must not run again');
        },
      },
    });
    const { deadLetterId } = await handle.result();
    assert.ok(deadLetterId);
    const { status, story } = await get().recovery.deadLetters.get(deadLetterId).describe();
    assert.equal(status, 'WAITING');
    assert.equal(story.length, 1);
    assert.deepEqual(await eventually(async () => (await letters()).length > 0 && letters()), [deadLetterId]);
    await worker.stop();
  });

  test('worker shut down during a replay: the next worker finishes it', async () => {
    let fails = true;
    let replaying = false;
    const activities = {
      async fail() {
        if (fails) throw ApplicationFailure.nonRetryable('poison');
        replaying = true;
        await Context.current().cancelled;
      },
    };
    const first = await get().startWorker({ workflowsPath, activities, shutdownGraceTime: '100ms' });
    const { deadLetterId } = await (await start('shut-down')).result();
    const letter = get().recovery.deadLetters.get(deadLetterId ?? '');
    fails = false;
    await letter.signalReplay({ by: 'test' });
    await eventually(() => replaying);
    await first.stop();
    const second = await get().startWorker({ workflowsPath, activities: { fail: async () => 'done' } });
    await eventually(async () => (await letter.describe()).status === 'REPLAYED');
    const { story, replays } = await letter.describe();
    assert.equal(replays, 1);
    assert.deepEqual(
      story.map(({ event }) => event),
      ['dead-lettered', 'replay-started', 'replay-succeeded'],
    );
    await second.stop();
  });

  test('activity type no longer registered at replay: the letter stays waiting and says so', async () => {
    const activities = {
      async fail() {
        throw ApplicationFailure.nonRetryable('poison');
      },
    };
    const first = await get().startWorker({ workflowsPath, activities });
    const { deadLetterId } = await (await start('unregistered')).result();
    await first.stop();
    const second = await get().startWorker({ workflowsPath, activities: { other: async () => 'other' } });
    const letter = get().recovery.deadLetters.get(deadLetterId ?? '');
    const { outcome, status } = await letter.replay({ by: 'test' });
    assert.deepEqual([outcome, status], ['FAILED', 'WAITING']);
    assert.match(
      (await letter.describe()).story.at(-1)?.message ?? '',
      /knows activity type "fail" any more/,
    );
    await second.stop();
  });
});
