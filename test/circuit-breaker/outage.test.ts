import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { CircuitBreakerState } from 'temporal-recovery/client';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import type { SyncResult } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

/** A target that can be down, refuse a token, and refuse records. */
class Target {
  readonly written = new Set<number>();
  calls = 0;
  readonly callsOf = new Map<number, number>();
  trouble: ((record: number) => void) | undefined;

  write(record: number): string {
    this.calls++;
    this.callsOf.set(record, (this.callsOf.get(record) ?? 0) + 1);
    this.trouble?.(record);
    this.written.add(record);
    return `record ${record}`;
  }

  down(status: number, message = 'down'): void {
    this.trouble = () => {
      throw Object.assign(new Error(message), { status });
    };
  }

  up(): void {
    this.trouble = undefined;
  }
}

/** Short times, so that an outage of seconds outlasts all retries together. */
const SHORT = { openTime: '2s', halfOpen: { trialLease: '5s' } } as const;

async function fleet(h: Harness, target: Target, taskQueue: string, workers: number, options: object = {}) {
  for (let worker = 0; worker < workers; worker++) {
    await h.startWorker({
      taskQueue,
      workflowsPath,
      connection: await h.connect(),
      identity: `${taskQueue}-${worker}`,
      activities: { write: async (record: number) => target.write(record) },
      plugins: [
        h.plugin({
          ...{
            breaker: undefined,
            patience: undefined,
            breakers: { '*': SHORT },
            maxRetries: 2,
            retryDelay: 10,
          },
          ...options,
        }),
      ],
    });
  }
}

describe('an outage waits, a poison record becomes a dead letter', { concurrency: true }, () => {
  const get = useHarness('outage');
  const start = (taskQueue: string, ...args: unknown[]) =>
    get().client.workflow.start('sync', { workflowId: taskQueue, taskQueue, args });
  const breakerOf = (taskQueue: string) => get().recovery.breakers.get(`${taskQueue}/write`);
  const stateOf = async (taskQueue: string) => (await breakerOf(taskQueue).describe()).status;

  test('an outage longer than all retries: every record is written, and there is no letter', async () => {
    const h = get();
    const taskQueue = h.id('long');
    const target = new Target();
    await fleet(h, target, taskQueue, 3);
    target.down(503);
    const handle = await start(taskQueue, 0, 60, 30);
    await eventually(async () => (await stateOf(taskQueue)) === CircuitBreakerState.OPEN);
    // Three open times: twice a trial has failed.
    await eventually(
      async () =>
        (await breakerOf(taskQueue).describe()).transitions.filter(({ to }) => to === 'OPEN').length >= 3,
    );
    const whileDown = target.calls;
    target.up();
    const { written, letters } = (await handle.result()) as SyncResult;
    assert.equal(written, 60);
    assert.equal(target.written.size, 60);
    assert.deepEqual(letters, []);
    // 5 open it, some are under way on three workers, and there were two or three trials.
    assert.ok(whileDown < 40, `${whileDown} calls reached the target while it was down`);
    await eventually(async () => (await stateOf(taskQueue)) === CircuitBreakerState.CLOSED);
  });

  test('poison in a healthy stream: exactly those become letters, and the breaker never opens', async () => {
    const h = get();
    const taskQueue = h.id('poison');
    const target = new Target();
    // The wait between attempts is long against the time between two successes, and the stream outlives the last poison.
    await fleet(h, target, taskQueue, 2, { retryDelay: 1_000 });
    target.trouble = (record) => {
      if (record % 15 === 7 && record < 300)
        throw Object.assign(new Error(`record ${record} makes it crash`), { status: 500 });
    };
    const { written, letters } = (await (
      await start(taskQueue, 0, 400, 20, { pauseMs: 50 })
    ).result()) as SyncResult;
    assert.equal(written, 380);
    assert.equal(letters.length, 20);
    for (const id of letters) {
      const { status, record } = await h.recovery.deadLetters.get(id).describe();
      assert.equal(status, 'WAITING');
      assert.equal(record.attemptCount, 3);
      assert.match(record.error.message, /makes it crash/);
    }
    const { transitions } = await breakerOf(taskQueue).describe();
    assert.deepEqual(transitions, []);
  });

  test('a sequential sync through an outage: the record waits, and nothing is lost', async () => {
    const h = get();
    const taskQueue = h.id('sequence');
    const target = new Target();
    await fleet(h, target, taskQueue, 1);
    target.trouble = (record) => {
      if (record >= 3) throw Object.assign(new Error('down'), { status: 503 });
    };
    const handle = await start(taskQueue, 0, 10, 1);
    // Three attempts are all it has.
    await eventually(() => target.calls >= 3 + 5);
    target.up();
    const { written, letters } = (await handle.result()) as SyncResult;
    assert.deepEqual(letters, []);
    assert.equal(written, 10);
    assert.equal(target.written.size, 10);
  });

  test('a revoked token: no letter, and every record is written when it is renewed', async () => {
    const h = get();
    const taskQueue = h.id('token');
    const target = new Target();
    await fleet(h, target, taskQueue, 1);
    target.down(401, 'token expired');
    const handle = await start(taskQueue, 0, 200, 100);
    await eventually(
      async () =>
        (await breakerOf(taskQueue).describe()).transitions.filter(({ to }) => to === 'OPEN').length >= 2,
    );
    target.up();
    const { written, letters } = (await handle.result()) as SyncResult;
    assert.deepEqual(letters, []);
    assert.equal(written, 200);
    assert.equal(target.written.size, 200);
  });

  test('attempts that are rejected do not count against the limit of the call', async () => {
    const h = get();
    const taskQueue = h.id('limit');
    const target = new Target();
    await fleet(h, target, taskQueue, 1);
    target.down(503);
    const handle = await start(taskQueue, 0, 12, 12, { maximumAttempts: 3 });
    await eventually(
      async () =>
        (await breakerOf(taskQueue).describe()).transitions.filter(({ to }) => to === 'OPEN').length >= 4,
    );
    const { pendingActivities } = (await handle.describe()).raw;
    const attempts = Math.max(...(pendingActivities ?? []).map(({ attempt }) => attempt ?? 0));
    assert.ok(attempts > 3, `${attempts} attempts by the server's count`);
    const failure = pendingActivities
      ?.map(({ lastFailure }) => lastFailure?.message ?? '')
      .find((m) => /^Circuit/.test(m));
    assert.match(failure ?? '', /^Circuit breaker ".*\/write" is .*: not called, tried again at 20\d\d-.*Z$/);
    target.up();
    const { written, letters } = (await handle.result()) as SyncResult;
    assert.equal(written + letters.length, 12);
    // Only trials that reached the service have used up a limit.
    const notWritten = [...target.callsOf].filter(([record]) => !target.written.has(record));
    assert.deepEqual(
      notWritten.map(([, calls]) => calls),
      letters.map(() => 3),
    );
  });

  test('verdicts about records say nothing about the service', async () => {
    const h = get();
    const taskQueue = h.id('verdict');
    const target = new Target();
    await fleet(h, target, taskQueue, 1);
    target.trouble = (record) => {
      if (record % 3 === 0) throw Object.assign(new Error('no'), { status: 422 });
      if (record % 3 === 1) throw Object.assign(new Error('gone'), { status: 404 });
      throw ApplicationFailure.nonRetryable('not this one');
    };
    const { letters } = (await (await start(taskQueue, 0, 30, 5)).result()) as SyncResult;
    assert.equal(letters.length, 30);
    for (const id of letters.slice(-3)) {
      assert.equal((await h.recovery.deadLetters.get(id).describe()).status, 'WAITING');
    }
    // Nothing was ever reported, so that there is no breaker at all.
    await assert.rejects(breakerOf(taskQueue).describe(), { name: 'BreakerNotFoundError' });
  });
});
