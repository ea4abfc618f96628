import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body = '',
  ) {
    super(`HTTP ${status}`);
  }
}

describe('a failing activity becomes a dead letter', () => {
  let mended = false;
  const attempts: Record<string, number> = {};
  const activities = {
    async reject(record: { id: number }) {
      attempts.reject = (attempts.reject ?? 0) + 1;
      if (mended) return `written ${record.id}`;
      throw new HttpError(422, '{"field":"capital"}');
    },
    async flaky(failures: number) {
      attempts.flaky = (attempts.flaky ?? 0) + 1;
      if (attempts.flaky <= failures) throw new HttpError(503);
      return 'fine';
    },
    async always503() {
      throw new HttpError(503);
    },
    async typed() {
      throw ApplicationFailure.nonRetryable('no', 'MyType', { mine: true });
    },
  };

  const get = useHarness('first-light', (h) => h.startWorker({ workflowsPath, activities }));

  const run = (activity: string, args: unknown[], options = {}) =>
    get().client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(activity),
      taskQueue: get().taskQueue,
      args: [activity, args, options],
    });

  test('a hopeless error ends after one attempt, and its letter can be replayed', async () => {
    const h = get();
    const seen = await run('reject', [{ id: 7 }]);
    assert.equal(attempts.reject, 1);
    assert.equal(seen.error?.name, 'ActivityFailure');
    assert.equal(seen.error?.type, 'HttpError');
    assert.ok(seen.deadLetterId?.startsWith('dead-letter/'), seen.deadLetterId);
    const letter = h.recovery.deadLetters.get(seen.deadLetterId ?? '');
    const { record, status, args } = await letter.describe();
    assert.equal(status, 'WAITING');
    assert.deepEqual(args, [{ id: 7 }]);
    assert.equal(record.error.errorCategory, 'VALIDATION');
    assert.equal(record.error.statusCode, 422);
    assert.equal(record.error.responseBody, '{"field":"capital"}');
    assert.equal(record.attemptCount, 1);
    const [listed] = await eventually(async () => {
      const list = await h.recovery.deadLetters.list({ queue: h.queue, category: 'VALIDATION' });
      return list.length === 1 && list;
    });
    assert.equal(listed?.id, seen.deadLetterId);
    assert.equal((await letter.replay({ by: 'test' })).outcome, 'FAILED');
    mended = true;
    assert.equal((await letter.replay({ by: 'test' })).outcome, 'REPLAYED');
    assert.equal((await letter.describe()).status, 'REPLAYED');
    const outcome = await (h.client.workflow.getHandle(letter.id) as WorkflowHandle).result();
    assert.equal((outcome as { result: string }).result, 'written 7');
  });

  test('a transient error is retried until it succeeds, and nothing is dead-lettered', async () => {
    const seen = await run('flaky', [2], { retry: { initialInterval: 10, backoffCoefficient: 1 } });
    assert.deepEqual(seen, { result: 'fine' });
    assert.equal(attempts.flaky, 3);
  });

  test('the attempts of a letter are known with their times', async () => {
    const seen = await run('always503', [], { retry: { initialInterval: 10, maximumAttempts: 3 } });
    const { record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.equal(record.attemptCount, 3);
    assert.deepEqual(
      record.attempts.map(({ attempt, status }) => [attempt, status]),
      [
        [1, 503],
        [2, 503],
        [3, 503],
      ],
    );
  });

  test('type and details of a thrown ApplicationFailure stay visible', async () => {
    const { error } = await run('typed', []);
    assert.equal(error?.type, 'MyType');
    assert.deepEqual(error?.details?.[0], { mine: true });
  });
});
