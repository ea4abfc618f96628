// Rule 1: the caller gets one answer. Nothing runs an activity again after its failure went to user code.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { deadLetterId } from 'temporal-recovery/workflow';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

/** A letter that waits for a person: nothing is scheduled that would run its activity. */
async function waits(h: Harness, id: string): Promise<void> {
  const letter = h.recovery.deadLetters.get(id);
  await eventually(async () => (await letter.describe()).status === 'WAITING');
  const { raw } = await h.client.workflow.getHandle(id).describe();
  assert.deepEqual(raw.pendingActivities ?? [], []);
}

async function lettersOf(h: Harness, workflowId: string, atLeast = 1): Promise<string[]> {
  return eventually(async () => {
    const letters = (await h.recovery.deadLetters.list({ queue: h.queue })).filter(({ id }) =>
      id.startsWith(`dead-letter/${workflowId}/`),
    );
    return letters.length >= atLeast && letters.map(({ id }) => id);
  });
}

describe('side effects happen as often as without the plugin', { concurrency: true }, () => {
  const get = useHarness('side-effects');

  /** A service whose token is renewed three seconds after it was first refused. */
  function shop() {
    const charged: string[] = [];
    let renewedAt: number | undefined;
    const charge = async (order: string) => {
      renewedAt ??= Date.now() + 3_000;
      if (Date.now() < renewedAt) throw httpError(401, 'token expired');
      charged.push(order);
      return 'charged';
    };
    return { charged, charge };
  }

  const charges = async (run: Run, workflow: string, options: object = {}) => {
    const { charged, charge } = shop();
    await run.startWorker({ charge });
    const result = await run.client.workflow.execute(workflow, {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: ['order'] },
      ...options,
    });
    return { result, charged: charged.length };
  };

  test('a retry loop in the workflow: one order is charged once', async () => {
    const { withIt, without } = await bothWays(get(), 'loop', (run) => charges(run, 'retryLoop'));
    assert.deepEqual(withIt, without);
    assert.deepEqual(withIt, { result: 'charged', charged: 1 });
    assert.deepEqual(await get().recovery.deadLetters.list({ queue: get().queue, operation: 'nothing' }), []);
  });

  test('a workflow with a retry policy: charged once, and letters of earlier runs wait', async () => {
    const h = get();
    const { withIt, without } = await bothWays(h, 'workflow-retry', (run) =>
      charges(run, 'chargeOnce', {
        retry: { maximumAttempts: 10, initialInterval: '1s', backoffCoefficient: 1 },
      }),
    );
    assert.deepEqual(withIt, without);
    assert.equal(withIt.charged, 1);
    for (const id of await lettersOf(h, h.id('workflow-retry-with'))) await waits(h, id);
  });

  test('a parent that tries its child again: charged once', async () => {
    const { withIt, without } = await bothWays(get(), 'parent', (run) => charges(run, 'parentOfRetried'));
    assert.deepEqual(withIt, without);
    assert.equal(withIt.charged, 1);
  });

  test('a schedule: each of its runs charges once', async () => {
    const h = get();
    const { withIt, without } = await bothWays(h, 'schedule', async (run) => {
      const { charged, charge } = shop();
      await run.startWorker({ charge });
      const schedule = await run.client.schedule.create({
        scheduleId: run.id,
        spec: { intervals: [{ every: '1h' }] },
        // The server notices a moment later that a run has ended, and would skip the next one.
        policies: { overlap: 'ALLOW_ALL' },
        action: {
          type: 'startWorkflow',
          workflowType: 'chargeOnce',
          taskQueue: run.taskQueue,
          args: ['order'],
        },
      });
      // The first finds the old token, the second the new one.
      for (let runs = 1; charged.length === 0; runs++) {
        await schedule.trigger();
        const { recentActions } = await eventually(async () => {
          const { info } = await schedule.describe();
          return info.numActionsTaken >= runs && info;
        });
        const last = recentActions.at(-1)?.action.workflow.workflowId ?? '';
        await run.client.workflow
          .getHandle(last)
          .result()
          .catch(() => undefined);
      }
      await schedule.delete();
      return charged.length;
    });
    assert.equal(withIt, without);
    assert.equal(withIt, 1);
  });

  test('a saga that compensates and fails: the hotel is not booked later', async () => {
    const h = get();
    const trip = async (run: Run) => {
      const done: string[] = [];
      let isDown = true;
      const service = async (what: string) => {
        if (what === 'hotel' && isDown) throw httpError(503);
        done.push(what);
      };
      await run.startWorker({
        bookFlight: () => service('flight'),
        bookHotel: () => service('hotel'),
        cancelFlight: () => service('cancelled'),
      });
      const handle = await run.client.workflow.start('saga', {
        ...{ workflowId: run.id, taskQueue: run.taskQueue, args: ['trip'] },
      });
      const error = await handle.result().catch((thrown) => thrown);
      assert.ok(error.cause instanceof ActivityFailure, String(error));
      isDown = false;
      if (run.isWith) {
        assert.ok(error.cause.cause instanceof ApplicationFailure);
        const id = deadLetterId(error.cause);
        assert.ok(id !== undefined);
        await waits(h, id);
      }
      return done;
    };
    const { withIt, without } = await bothWays(h, 'saga', trip);
    assert.deepEqual(withIt, without);
    assert.deepEqual(withIt, ['flight', 'cancelled']);
  });

  test('a workflow that compensates and completes: the customer who was told is not charged', async () => {
    const h = get();
    const { withIt, without } = await bothWays(h, 'told', async (run) => {
      const done: string[] = [];
      let isDown = true;
      await run.startWorker({
        async charge() {
          if (isDown) throw httpError(503);
          done.push('charged');
        },
        async cancelOrder() {
          done.push('cancelled');
        },
      });
      const result = await run.client.workflow.execute('compensated', {
        ...{ workflowId: run.id, taskQueue: run.taskQueue, args: ['order'] },
      });
      isDown = false;
      if (run.isWith) for (const id of await lettersOf(h, run.id)) await waits(h, id);
      return { result, done };
    });
    assert.deepEqual(withIt, without);
    assert.deepEqual(withIt.done, ['cancelled']);
  });

  test('autoRelease brings the release back: the letter replays when its breaker closes', async () => {
    const h = get();
    const taskQueue = h.id('auto-release');
    let isDown = true;
    const written = new Set<number>();
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async write(record: number) {
          if (isDown) throw httpError(503);
          written.add(record);
        },
      },
      plugins: [
        h.plugin({
          ...{ breaker: undefined, patience: 0, maxRetries: 0, operations: { write: { autoRelease: true } } },
          breakers: { '*': { openTime: '2s' } },
        }),
      ],
    });
    const failed = await h.client.workflow.execute('parallel', {
      ...{ workflowId: taskQueue, taskQueue, args: [8] },
    });
    assert.equal(failed, 8);
    const letters = await lettersOf(h, taskQueue, 8);
    await eventually(async () => {
      const states = await Promise.all(letters.map((id) => h.recovery.deadLetters.get(id).describe()));
      return states.some(({ status }) => status === 'HELD');
    });
    isDown = false;
    await eventually(() => written.size > 0);
  });
});
