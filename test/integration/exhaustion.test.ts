import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('attempts end although the server would go on for ever', () => {
  let attempts = 0;
  const activities = {
    async hang() {
      attempts++;
      await Context.current().cancelled;
    },
    async fail() {
      attempts++;
      throw new Error('no idea');
    },
  };
  // Rules for the operations: intervals of a call without a limit would otherwise mean that it has no end.
  const operations = { hang: { maxRetries: 10 }, fail: { maxRetries: 10 } };
  const get = useHarness('exhaustion', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ operations })] }),
  );
  const unlimited = { retry: { initialInterval: 1, backoffCoefficient: 1 } };

  const run = (activity: string, options: object) =>
    get().client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(activity),
      taskQueue: get().taskQueue,
      args: [activity, [], options],
    });

  test('attempts that time out: 11, then a letter of category TIMEOUT', async () => {
    attempts = 0;
    const seen = await run('hang', { ...unlimited, startToCloseTimeout: 300 });
    assert.equal(attempts, 11);
    const { record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.equal(record.error.errorCategory, 'TIMEOUT');
    assert.equal(record.attemptCount, 11);
  });

  test('attempts that fail for an unknown reason: 11, then a letter with the last of their times', async () => {
    attempts = 0;
    const seen = await run('fail', unlimited);
    assert.equal(attempts, 11);
    const { record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.equal(record.error.errorCategory, 'UNKNOWN');
    assert.equal(record.attempts.length, 11);
  });
});
