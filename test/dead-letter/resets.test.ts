import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { idempotencyKey } from 'temporal-recovery/activity';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');
type Event = temporal.api.history.v1.IHistoryEvent;

describe('a reset of the workflow a dead letter came from', () => {
  const keys = new Map<string, string[]>();
  let isWell = false;
  const note = (name: string) => keys.set(name, [...(keys.get(name) ?? []), idempotencyKey()]);
  const get = useHarness('resets', (h) =>
    h.startWorker({
      workflowsPath,
      plugins: [h.plugin({ operations: { parked: { onExhausted: 'park' } } })],
      activities: {
        parked: async (name: string) => {
          note(name);
          if (!isWell) throw Object.assign(new Error('no'), { status: 422 });
          return 'done';
        },
        refuse: async (name: string) => {
          note(name);
          if (!isWell) throw Object.assign(new Error('no'), { status: 422 });
          return 'done';
        },
        hang: async (name: string) => {
          note(name);
          if (!isWell) await new Promise((resolve) => setTimeout(resolve, 3_000));
          return 'done';
        },
      },
    }),
  );

  /** Fails its one call and completes. */
  const start = async (name: string, activity = 'refuse', options?: object) => {
    const h = get();
    const origin = await h.client.workflow.start('callOne', {
      ...{ workflowId: h.id(name), taskQueue: h.taskQueue, args: [activity, [name], options] },
    });
    const seen = (await origin.result()) as Seen;
    return { origin, id: seen.deadLetterId ?? '' };
  };
  const eventsOf = async (workflowId: string): Promise<Event[]> => {
    const { history } = await get().client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace: get().namespace, execution: { workflowId } },
    });
    return history?.events ?? [];
  };
  /** @returns what the new run saw */
  const resetTo = async ({ workflowId }: WorkflowHandle, eventId: unknown, runId?: string): Promise<Seen> => {
    const { client, namespace } = get();
    await client.workflowService.resetWorkflowExecution(
      temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
        ...{ namespace, workflowExecution: { workflowId, runId }, workflowTaskFinishEventId: eventId },
        ...{ requestId: randomUUID(), reason: 'test' },
      }),
    );
    return (await client.workflow.getHandle(workflowId).result()) as Seen;
  };
  /** To the workflow task that was given the failure, in the latest run. */
  const resetAfter = async (origin: WorkflowHandle): Promise<Seen> => {
    const events = await eventsOf(origin.workflowId);
    const failed = events.findLastIndex(
      (event) => event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes,
    );
    const task = events.slice(failed).find((event) => event.workflowTaskCompletedEventAttributes);
    return resetTo(origin, task?.eventId);
  };
  const lettersOf = (name: string, count: number) =>
    eventually(async () => {
      const found = await get().recovery.deadLetters.list({ queue: get().queue });
      const own = found.filter(({ originWorkflowId }) => originWorkflowId === get().id(name));
      return own.length === count && own.map(({ id }) => id);
    });

  for (const { name, activity, options } of [
    { name: 'failed', activity: 'refuse' },
    {
      name: 'timed-out',
      activity: 'hang',
      options: { startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } },
    },
  ]) {
    test(`to after the call ${name} finds the letter it has, also the second time, with the same key`, async () => {
      const { origin, id } = await start(name, activity, options);
      assert.equal((await resetAfter(origin)).deadLetterId, id);
      assert.equal((await resetAfter(origin)).deadLetterId, id);
      assert.deepEqual(await lettersOf(name, 1), [id]);
      assert.equal(keys.get(name)?.length, 1);
      const { record } = await get().recovery.deadLetters.get(id).state();
      assert.equal(record.origin.runId, keys.get(name)?.[0]?.split('/')[1]);
    });
  }

  test('to before the call makes a new letter each time, with another key, and a reset after that finds it', async () => {
    const { origin, id } = await start('before');
    const { firstExecutionRunId } = origin as WorkflowHandle & { firstExecutionRunId: string };
    const second = await resetTo(origin, 4, firstExecutionRunId);
    const third = await resetTo(origin, 4, firstExecutionRunId);
    assert.equal((await resetAfter(origin)).deadLetterId, third.deadLetterId);
    const ids = [id, second.deadLetterId ?? '', third.deadLetterId ?? ''];
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual((await lettersOf('before', 3)).sort(), ids.sort());
    assert.equal(new Set(keys.get('before')).size, 3);
    assert.equal(keys.get('before')?.length, 3);
  });

  test('a call that was waiting for its next attempt goes on in the new run, and is a call of that', async () => {
    const h = get();
    const origin = await h.client.workflow.start('callOne', {
      ...{ workflowId: h.id('waiting'), taskQueue: h.taskQueue },
      args: [
        'hang',
        ['waiting'],
        { startToCloseTimeout: '1s', retry: { maximumAttempts: 2, initialInterval: '4s' } },
      ],
    });
    await eventually(() => keys.get('waiting')?.length);
    // A signal makes a workflow task to reset to, behind the schedule of the call.
    await origin.signal('anything');
    const task = await eventually(async () => {
      const events = await eventsOf(origin.workflowId);
      return events.filter((event) => event.workflowTaskCompletedEventAttributes)[1]?.eventId;
    });
    const { deadLetterId } = await resetTo(origin, task);
    const last = keys.get('waiting')?.at(-1)?.split('/')[1];
    assert.notEqual(last, origin.firstExecutionRunId);
    const { record } = await h.recovery.deadLetters.get(deadLetterId ?? '').state();
    assert.equal(record.origin.runId, last);
  });

  /** Resets an origin that waits for its letter: to the task that began to wait, or to the one after the letter's start. */
  const resetWaiting = async (workflowId: string, to: 'failure' | 'start' = 'failure') => {
    const { client, namespace } = get();
    const task = await eventually(async () => {
      const events = await eventsOf(workflowId);
      const from = events.findLastIndex((event) =>
        to === 'failure'
          ? event.activityTaskFailedEventAttributes
          : event.childWorkflowExecutionStartedEventAttributes,
      );
      return (
        from >= 0 && events.slice(from).find((event) => event.workflowTaskCompletedEventAttributes)?.eventId
      );
    });
    await client.workflowService.resetWorkflowExecution(
      temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
        ...{ namespace, workflowExecution: { workflowId }, workflowTaskFinishEventId: task },
        ...{ requestId: randomUUID(), reason: 'test' },
      }),
    );
    return client.workflow.getHandle(workflowId);
  };
  const park = async (name: string, options?: object) => {
    const h = get();
    const origin = await h.client.workflow.start('callOne', {
      ...{ workflowId: h.id(name), taskQueue: h.taskQueue, args: ['parked', [name], options] },
    });
    const [id = ''] = await lettersOf(name, 1);
    return { workflowId: origin.workflowId, id };
  };
  const replayWell = async (id: string) => {
    isWell = true;
    try {
      assert.equal((await get().recovery.deadLetters.get(id).replay()).outcome, 'REPLAYED');
    } finally {
      isWell = false;
    }
  };
  const asksAgain = (workflowId: string) =>
    eventually(async () =>
      (await eventsOf(workflowId)).some(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'recovery.awaitLetter',
      ),
    );

  test('of an origin that waits for its letter goes on to wait for that letter, which answers it', async () => {
    const { workflowId, id } = await park('parked');
    await resetWaiting(workflowId);
    const latest = await resetWaiting(workflowId);
    await asksAgain(workflowId);
    assert.deepEqual(await lettersOf('parked', 1), [id]);
    await replayWell(id);
    assert.deepEqual(await latest.result(), { result: 'done' });
    const [first, replayed, ...more] = keys.get('parked') ?? [];
    assert.equal(replayed, first);
    assert.deepEqual(more, []);
  });

  test('to after the start of the letter it waits for goes on waiting for it', async () => {
    const { workflowId, id } = await park('started');
    const latest = await resetWaiting(workflowId, 'start');
    await replayWell(id);
    assert.deepEqual(await latest.result(), { result: 'done' });
    assert.deepEqual(await lettersOf('started', 1), [id]);
  });

  test('of an origin whose letter has answered gets the answer again, and nothing runs again', async () => {
    const { workflowId, id } = await park('answered');
    await replayWell(id);
    await get().client.workflow.getHandle(workflowId).result();
    assert.deepEqual(await (await resetWaiting(workflowId)).result(), { result: 'done' });
    assert.deepEqual(await lettersOf('answered', 1), [id]);
    assert.equal(keys.get('answered')?.length, 2);
  });

  test('of an origin whose letter was discarded or terminated fails with it', async () => {
    const { workflowId, id } = await park('discarded');
    const run = await resetWaiting(workflowId);
    await asksAgain(workflowId);
    await get().recovery.deadLetters.get(id).discard({ by: 'ada', reason: 'duplicate' });
    const seen = (await run.result()) as Seen;
    assert.equal(seen.error?.type, 'DeadLetterDiscardedError');
    const other = await park('terminated');
    const waiting = await resetWaiting(other.workflowId);
    await asksAgain(other.workflowId);
    await get().client.workflow.getHandle(other.id).terminate('test');
    const failed = (await waiting.result()) as Seen;
    assert.deepEqual([failed.error?.causeMessage, failed.deadLetterId], ['no', other.id]);
  });

  test('and a cancellation after it closes the letter; a further reset makes another letter with the same key', async () => {
    const { workflowId, id } = await park('cancelled');
    const run = await resetWaiting(workflowId);
    await asksAgain(workflowId);
    await run.cancel();
    assert.equal(((await run.result()) as Seen).error?.causeName, 'CancelledFailure');
    await eventually(
      async () => (await get().recovery.deadLetters.get(id).describe()).status === 'DISCARDED',
    );
    const again = await resetWaiting(workflowId);
    const second = (await lettersOf('cancelled', 2)).find((each) => each !== id) ?? '';
    await replayWell(second);
    assert.deepEqual(await again.result(), { result: 'done' });
    assert.equal(new Set(keys.get('cancelled')).size, 1);
  });

  test('a replay has the key of the call, whatever was reset since', async () => {
    const { origin, id } = await start('replayed');
    await resetAfter(origin);
    isWell = true;
    try {
      assert.equal((await get().recovery.deadLetters.get(id).replay()).outcome, 'REPLAYED');
    } finally {
      isWell = false;
    }
    const [first, replayed] = keys.get('replayed') ?? [];
    assert.equal(replayed, first);
  });
});
