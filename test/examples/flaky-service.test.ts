import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createActivities } from '../../examples/flaky-service/activities.js';
import { startService } from '../../examples/flaky-service/service.js';
import type { backlog } from '../../examples/flaky-service/workflows.js';
import { eventually, useHarness } from '../support/harness.js';
import { withKit } from '../testing/with-kit.js';

const harness = useHarness('flaky-service');

test('example: one breaker for several worker processes opens in an outage and closes after it', async () => {
  const main = require.resolve('../../examples/flaky-service/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--workers', '2', '--exit']);
  assert.match(stdout, /breaker +http.*circuit-breaker%2Fprice-service/);
  // Nothing reaches the service while it is open.
  assert.match(stdout, /DOWN +OPEN +w1 +0 +w2 +0\n/);
  assert.match(stdout, /up +CLOSED +w1 +[1-9]\d* +w2 +[1-9]\d*\n\nThe breaker opened/);
});

test('example: while the breaker is open a backlog waits and no call reaches the service; closed, none is lost', async (t) => {
  const h = harness();
  const breaker = h.id('prices');
  const service = await startService();
  t.after(() => service.stop());
  const workflowsPath = require.resolve('../../examples/flaky-service/workflows.js');
  const activities = createActivities(service.url, 'w1');
  await withKit(h, { workflowsPath, activities, options: { breaker } }, async (recovery) => {
    await recovery.breakers.open(breaker);
    const running = await h.client.workflow.start<typeof backlog>('backlog', {
      ...{ workflowId: h.id('backlog'), taskQueue: recovery.taskQueue, args: [10] },
    });
    await eventually(async () => {
      const { pendingActivities = [] } = (await running.describe()).raw;
      return (
        pendingActivities?.filter(({ lastFailure }) => lastFailure?.message?.includes(breaker)).length === 10
      );
    });
    assert.equal(service.takeCounts().size, 0);
    await recovery.breakers.close(breaker);
    assert.equal(await running.result(), 10);
    await recovery.expectDeadLetter({ count: 0 });
  });
});

test('example: bad options are reported', async () => {
  const main = require.resolve('../../examples/flaky-service/main.js');
  await assert.rejects(promisify(execFile)(process.execPath, [main, '--workers', '99']), {
    code: 2,
    stderr: /--workers must be a whole number from 1 to 10; got "99"/,
  });
});
