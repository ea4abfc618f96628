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
      activities: {
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
