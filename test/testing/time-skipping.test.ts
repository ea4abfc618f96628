import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { failing, http, startRecoveryTest } from 'temporal-recovery/testing';
import type { Seen } from '../support/workflows.js';
import { timeSkippingServer } from './java-server.js';

test('the test kit on the time-skipping server', { timeout: 300_000 }, async (t) => {
  const path = await timeSkippingServer();
  if (path === undefined) return t.skip('Java and Maven are needed, with the package temporal-test-server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const recovery = await startRecoveryTest(env);
  const write = failing('written').times(1).with(http(422));
  const flaky = failing('read').times(3).with(http(503));
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: recovery.taskQueue,
    workflowsPath: require.resolve('../support/workflows.js'),
    activities: { write, flaky },
    plugins: [recovery.plugin()],
  });
  const start = (name: string, args: unknown[]) =>
    env.client.workflow.execute(name, { workflowId: name, taskQueue: recovery.taskQueue, args });
  try {
    await worker.runUntil(async () => {
      const began = Date.now();
      const seen: Seen[] = await start('callInSequence', [['write', 'flaky'], '10 days']);
      assert.equal(seen[1]?.result, 'read');
      assert.ok(Date.now() - began < 120_000, 'twenty days were skipped');
      const letter = await recovery.expectDeadLetter({ workflowId: 'callInSequence', operation: 'write' });
      assert.equal(seen[0]?.deadLetterId, letter.id);
      assert.equal(letter.state.status, 'WAITING');
      await assert.rejects(recovery.breakers.open('crm'), /createLocal/);
      assert.equal((await letter.handle.replay()).outcome, 'REPLAYED');
    });
  } finally {
    await recovery.stop();
    await env.teardown();
  }
});
