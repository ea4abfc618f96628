// Rule 2: an outage never ends a call, and what fails alone ends.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityFailure, type ApplicationFailure } from '@temporalio/common';
import { forceOpen } from '../support/forced-open.js';
import { eventually, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

/** Times scaled: three attempts, open times of a second. */
const SCALED = {
  ...{ maxRetries: 2, retryDelay: 10, maxRetryDelay: 500 },
  breakers: { '*': { openTime: { initialInterval: '500ms', backoffCoefficient: 1 } } },
} as const;

class Target {
  readonly written = new Map<number, number>();
  calls = 0;
  trouble: ((record: number) => void) | undefined;

  readonly write = async (record: number) => {
    this.calls++;
    this.trouble?.(record);
    this.written.set(record, (this.written.get(record) ?? 0) + 1);
  };

  fail(status: number) {
    this.trouble = () => {
      throw httpError(status);
    };
  }
}

describe('an outage ends no call that it would not end without the plugin', { concurrency: true }, () => {
  const get = useHarness('outage-waits');
  const letters = async (workflowId: string) =>
    (await get().recovery.deadLetters.list({ queue: get().queue, limit: 1_000 })).filter(({ id }) =>
      id.startsWith(`dead-letter/${workflowId}/`),
    );

  /** An outage of ten times what three attempts take, which is over after the record has been tried so often. */
  const through = async (run: Run, workflow: string, records: number, status: number) => {
    const target = new Target();
    await run.startWorker({ write: target.write }, SCALED);
    target.fail(status);
    const handle = await run.client.workflow.start(workflow, {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [records] },
    });
    await eventually(() => target.calls >= 3);
    // Three attempts take about two seconds, since the server waits a second between them.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    target.trouble = undefined;
    const failed = await handle.result();
    return { failed, written: target.written.size, letters: (await letters(run.id)).length };
  };

  for (const [workflow, records] of [
    ['sequence', 5],
    ['parallel', 200],
  ] as const) {
    test(`${workflow}: every record is written, and there is no letter`, async () => {
      const { withIt, without } = await bothWays(get(), workflow, (run) =>
        through(run, workflow, records, 503),
      );
      assert.deepEqual(withIt, without);
      assert.deepEqual(withIt, { failed: 0, written: records, letters: 0 });
    });
  }

  test('with the default settings: fewer calls reach the service, and all is done as soon after it', async (t) => {
    const CALLS = 100;
    const { withIt, without } = await bothWays(get(), 'defaults', async (run) => {
      const target = new Target();
      await run.startWorker({ write: target.write });
      target.fail(503);
      const handle = await run.client.workflow.start('parallel', {
        ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [CALLS] },
      });
      await eventually(() => target.calls >= 5);
      await new Promise((resolve) => setTimeout(resolve, 40_000));
      target.trouble = undefined;
      const calls = target.calls;
      const endedAt = Date.now();
      assert.equal(await handle.result(), 0);
      return { calls, ms: Date.now() - endedAt };
    });
    t.diagnostic(JSON.stringify({ withIt, without }));
    assert.ok(withIt.calls < without.calls, `${withIt.calls} calls with, ${without.calls} without`);
    assert.ok(withIt.ms < without.ms + 5_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  test('a revoked token that is renewed later: no letter at all', async () => {
    const { withIt, without } = await bothWays(get(), 'token', (run) => through(run, 'parallel', 30, 401));
    assert.deepEqual(withIt, without);
    assert.deepEqual(withIt, { failed: 0, written: 30, letters: 0 });
  });

  test('schedule-to-close ends a call when it says, with the same answer', async () => {
    const ran = await bothWays(get(), 'schedule-to-close', async (run) => {
      const target = new Target();
      await run.startWorker({ write: target.write }, SCALED);
      target.fail(503);
      const startedAt = Date.now();
      const error = await run.client.workflow
        .execute('one', {
          ...{ workflowId: run.id, taskQueue: run.taskQueue },
          args: ['write', { scheduleToCloseTimeout: '8s' }, 1],
        })
        .catch((thrown) => thrown);
      assert.ok(error.cause instanceof ActivityFailure);
      const { retryState, cause } = error.cause;
      const answer = { retryState, nonRetryable: (cause as ApplicationFailure).nonRetryable };
      return { answer, ms: Date.now() - startedAt };
    });
    const [withIt, without] = [ran.withIt.ms, ran.without.ms];
    assert.deepEqual(ran.withIt.answer, ran.without.answer);
    // Without the plugin the server ends it as soon as the next attempt would come too late.
    assert.ok(withIt < Math.max(without, 8_000) + 5_000, `${withIt} ms with, ${without} ms without`);
    assert.ok(withIt >= Math.min(without, 6_000) - 2_500, `${withIt} ms with, ${without} ms without`);
  });

  test('a call that its breaker rejects until schedule-to-close ends with a time-out, and a letter', async () => {
    const h = get();
    const taskQueue = h.id('no-time');
    const name = `${taskQueue}/rejected`;
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: { rejected: async () => undefined },
      plugins: [h.plugin({ breaker: undefined, patience: undefined, breakers: { [name]: {} } })],
    });
    const start = (workflowId: string, options = {}) =>
      h.client.workflow.start('one', { workflowId, taskQueue, args: ['rejected', options] });
    await forceOpen(h, name, start);
    const handle = await start(taskQueue, { scheduleToCloseTimeout: '4s' });
    const error = await handle.result().catch((thrown) => thrown);
    assert.ok(error.cause instanceof ActivityFailure);
    assert.equal(error.cause.retryState, 'TIMEOUT');
    assert.equal((error.cause.cause as ApplicationFailure).type, 'CircuitOpen');
    const [letter] = await eventually(async () => {
      const letters = await h.recovery.deadLetters.list({ queue: h.queue, operation: 'rejected' });
      return letters.length > 0 && letters;
    });
    assert.equal(letter?.category, 'SERVER');
  });

  test('while it waits the pending activity says why, since when, until when', async () => {
    const h = get();
    const taskQueue = h.id('says');
    const target = new Target();
    target.fail(503);
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: { write: target.write },
      plugins: [h.plugin({ breaker: undefined, patience: undefined, ...SCALED })],
    });
    const handle = await h.client.workflow.start('sequence', {
      ...{ workflowId: taskQueue, taskQueue, args: [1] },
    });
    const failure = await eventually(async () => {
      const { raw } = await handle.describe();
      const last = raw.pendingActivities?.[0]?.lastFailure;
      const detail = last?.applicationFailureInfo?.details?.payloads?.[0]?.data;
      const text = detail === undefined ? '' : Buffer.from(detail as Uint8Array).toString();
      return /used up/.test(text) && { message: last?.message, text };
    });
    assert.equal(failure.message, 'status 503');
    assert.match(
      failure.text,
      /used up since 20\d\d-\S+Z and nothing else behind circuit breaker .*\/write.* succeeds: it waits for the service until 20\d\d-\S+Z, then/,
    );
    target.trouble = undefined;
    assert.equal(await handle.result(), 0);
  });

  test('lone poison: one letter after its patience, and the sync goes on', async () => {
    const h = get();
    const taskQueue = h.id('lone');
    const target = new Target();
    target.trouble = (record) => {
      if (record === 1) throw httpError(500, 'record 1 makes it crash');
    };
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: { write: target.write },
      plugins: [h.plugin({ breaker: undefined, ...SCALED, patience: '4s' })],
    });
    const failed = await h.client.workflow.execute('sequence', {
      ...{ workflowId: taskQueue, taskQueue, args: [4] },
    });
    assert.equal(failed, 1);
    assert.equal(target.written.size, 3);
    const [letter, ...others] = await eventually(async () => {
      const found = await letters(taskQueue);
      return found.length > 0 && found;
    });
    assert.deepEqual(others, []);
    assert.equal((await h.recovery.deadLetters.get(letter?.id ?? '').describe()).status, 'WAITING');
  });

  test('poison in a healthy stream ends after its attempts, exactly those, and opens nothing', async () => {
    const h = get();
    const taskQueue = h.id('stream');
    const target = new Target();
    const calls = new Map<number, number>();
    target.trouble = (record) => {
      calls.set(record, (calls.get(record) ?? 0) + 1);
      if (record === 5) throw httpError(500, 'record 5 makes it crash');
    };
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: { write: target.write },
      plugins: [
        h.plugin({
          breaker: undefined,
          patience: undefined,
          ...SCALED,
          retryDelay: 2_000,
          maxRetryDelay: 2_000,
        }),
      ],
    });
    const poison = h.client.workflow.execute('one', {
      ...{ workflowId: taskQueue, taskQueue, args: ['write', {}, 5] },
    });
    let isOver = false;
    const ended = poison
      .catch((error) => assert.ok(error.cause instanceof ActivityFailure, String(error)))
      .finally(() => {
        isOver = true;
      });
    // Others succeed all the time.
    const lane = async (from: number) => {
      for (let n = from; !isOver; n++) {
        await h.client.workflow.execute('sequence', {
          ...{ workflowId: h.id(`healthy-${n}`), taskQueue, args: [5] },
        });
      }
    };
    await Promise.all([ended, lane(1_000), lane(2_000), lane(3_000)]);
    assert.equal(calls.get(5), 3);
    const breaker = await h.recovery.breakers.get(`${taskQueue}/write`).describe();
    assert.deepEqual(breaker.transitions, []);
  });
});
