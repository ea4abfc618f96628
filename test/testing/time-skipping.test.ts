import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { failing, http, rateLimited, startRecoveryTest } from 'temporal-recovery/testing';
import type { Seen } from '../support/workflows.js';
import { timeSkippingServer } from './java-server.js';

test('the test kit on the time-skipping server', { timeout: 300_000 }, async (t) => {
  const path = await timeSkippingServer();
  if (path === undefined) return t.skip('Java and Maven are needed, with the package temporal-test-server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // The client of the environment would skip to the end of the letters.
  const client = new Client({ connection: env.connection });
  const { nativeConnection, supportsTimeSkipping } = env;
  const recovery = await startRecoveryTest({ client, nativeConnection, supportsTimeSkipping });
  const write = failing('written').times(1).with(http(422));
  const read = failing('read').times(2).with(http(503));
  const limited = failing('let through').times(1).with(rateLimited('45 minutes'));
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: recovery.taskQueue,
    workflowsPath: require.resolve('../support/workflows.js'),
    activities: { write, read, limited },
    plugins: [recovery.plugin()],
  });
  try {
    await worker.runUntil(async () => {
      const running = await client.workflow.start('callInSequence', {
        ...{ workflowId: 'sync', taskQueue: recovery.taskQueue },
        args: [['write', 'read', 'limited'], '3 days'],
      });
      const days = await skipUntilClosed(env, running);
      const seen: Seen[] = await running.result();
      assert.equal(seen[1]?.result, 'read');
      assert.equal(seen[2]?.result, 'let through');
      assert.deepEqual([limited.attempts, limited.injected], [2, 1]);
      assert.ok(days >= 9, `${days} days`);
      const letter = await recovery.expectDeadLetter({
        ...{ workflowId: 'sync', operation: 'write', status: 'WAITING' },
      });
      assert.equal(seen[0]?.deadLetterId, letter.id);
      assert.equal((await letter.handle.replay({ by: 'test' })).outcome, 'REPLAYED');
      await recovery.expectDeadLetter({ status: 'REPLAYED' });
      await assert.rejects(recovery.breakers.open('crm'), /createLocal/);
    });
  } finally {
    await recovery.stop();
    await env.teardown();
  }
});

/** @returns days that were skipped; a letter expires after 30 */
async function skipUntilClosed(env: TestWorkflowEnvironment, running: WorkflowHandle): Promise<number> {
  for (let days = 0; days < 25; days++) {
    if ((await running.describe()).status.name !== 'RUNNING') return days;
    await env.sleep('1 day');
    // What is due has real work to do.
    await pause(200);
  }
  return assert.fail('25 days were not enough');
}
