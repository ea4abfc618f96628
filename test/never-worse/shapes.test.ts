// Other shapes of workloads: the same results, the same calls, and no event more while all is well.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import { eventually, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';
import { goOn } from './workflows.js';

describe('workloads end as without the plugin', { concurrency: true }, () => {
  const get = useHarness('shapes');
  const execute = (run: Run, workflow: string, ...args: unknown[]) =>
    run.client.workflow.execute(workflow, { workflowId: run.id, taskQueue: run.taskQueue, args });

  /** Fails twice. */
  function flaky() {
    let calls = 0;
    return async () => {
      if (++calls <= 2) throw httpError(503);
      return calls;
    };
  }

  const same = async (name: string, workload: (run: Run) => Promise<unknown>) => {
    const ways = await bothWays(get(), name, async (run) => {
      const result = await workload(run);
      return { result, events: await run.events() };
    });
    assert.deepEqual(ways.withIt, ways.without);
  };

  test('healthy records, one after the other: the same events', () =>
    same('healthy', async (run) => {
      await run.startWorker({ write: async () => 'written' });
      return execute(run, 'sequence', 20);
    }));

  test('a signal that comes while an activity is tried', () =>
    same('signal', async (run) => {
      const activity = flaky();
      await run.startWorker({ write: activity });
      const handle = await run.client.workflow.start('signalled', {
        ...{ workflowId: run.id, taskQueue: run.taskQueue },
      });
      await handle.signal(goOn);
      return handle.result();
    }));

  test('a local activity that fails twice', () =>
    same('local', async (run) => {
      await run.startWorker({ flaky: flaky() });
      return execute(run, 'local');
    }));

  test('a session on a task queue of one worker', () =>
    same('session', async (run) => {
      await run.startWorker({ flaky: flaky() }, {}, { taskQueue: `${run.id}-own` });
      await run.startWorker({ whereAmI: async () => `${run.id}-own` });
      return execute(run, 'session');
    }));

  test('a versioned workflow', () =>
    same('versioned', async (run) => {
      await run.startWorker({ flaky: flaky(), whereAmI: async () => 0 });
      return execute(run, 'versioned');
    }));

  test('activities that complete asynchronously: every one is started and completed', async () => {
    const { withIt, without } = await bothWays(get(), 'async', async (run) => {
      let starts = 0;
      await run.startWorker({
        async write() {
          starts++;
          const { taskToken } = Context.current().info;
          void run.client.activity.complete(taskToken, 'done').catch(() => undefined);
          throw new CompleteAsyncError();
        },
      });
      const startedAt = Date.now();
      const failed = await execute(run, 'parallel', 200);
      return { failed, isStarted: starts >= 200, ms: Date.now() - startedAt };
    });
    assert.deepEqual([withIt.failed, withIt.isStarted], [without.failed, without.isStarted]);
    assert.ok(withIt.ms < without.ms * 2 + 3_000, `${withIt.ms} ms with, ${without.ms} ms without`);
  });

  test('asynchronous completion after an outage closes the breaker', async () => {
    const h = get();
    const taskQueue = h.id('async-outage');
    let isDown = true;
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async write() {
          if (isDown) throw httpError(503);
          const { taskToken } = Context.current().info;
          void h.client.activity.complete(taskToken, 'done').catch(() => undefined);
          throw new CompleteAsyncError();
        },
      },
      plugins: [
        h.plugin({ ...{ breaker: undefined, patience: undefined }, breakers: { '*': { openTime: '1s' } } }),
      ],
    });
    const handle = await h.client.workflow.start('parallel', {
      ...{ workflowId: taskQueue, taskQueue, args: [10] },
    });
    const breaker = h.recovery.breakers.get(`${taskQueue}/write`);
    await eventually(async () => (await breaker.describe()).status === 'OPEN');
    isDown = false;
    assert.equal(await handle.result(), 0);
    await eventually(async () => (await breaker.describe()).status === 'CLOSED');
  });
});
