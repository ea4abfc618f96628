// A worker dies while a local activity of ours runs, after a heartbeat of the workflow task: nothing in the history tells of it. The
// worker that takes over begins it anew while it replays, and no activation follows in which it does not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { Worker } from '@temporalio/worker';
import { endWorker, forkWorker } from '../support/fork-worker.js';
import { GrpcProxy } from '../support/grpc-proxy.js';
import { eventually, useHarness } from '../support/harness.js';
import type { QueriedProcess } from './queried-process.js';
import { failBesideAnother } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const START = /\/(StartWorkflowExecution|SignalWithStartWorkflowExecution|ExecuteMultiOperation)$/;

describe('a worker that takes over while the workflow is queried', () => {
  const get = useHarness('taken-over');

  test('the workflow replays, and the query is answered', async (t: TestContext) => {
    const h = get();
    const taskQueue = h.id('workflows');
    const activities = h.id('activities');
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    t.after(() => end());
    await h.startWorker({
      taskQueue: activities,
      activities: {
        async refuse() {
          throw Object.assign(new Error('no'), { status: 422 });
        },
        hang: () => ended,
        async note() {},
      },
    });
    const workflowId = h.id('taken-over');
    const handle = h.client.workflow.getHandle<typeof failBesideAnother>(workflowId);

    let isTakenOver = false;
    const port = Number(h.connectionOptions.address?.split(':')[1]);
    const proxy = await GrpcProxy.listen(() => port, {
      handles: (path) => START.test(path),
      async answer() {
        // The first worker starts no letter. While the second one does, the other call ends.
        if (!isTakenOver) return new Promise(() => {});
        end();
        await eventually(async () => !(await handle.describe()).raw.pendingActivities?.length);
        return undefined;
      },
    });
    t.after(() => proxy.close());
    const start = async () => {
      const child = await forkWorker<QueriedProcess>(require.resolve('./queried-process.js'), {
        ...{ taskQueue, recoveryTaskQueue: h.recoveryTaskQueue, queue: h.queue, namespace: h.namespace },
        connectionOptions: { ...h.connectionOptions, address: proxy.address },
      });
      t.after(() => endWorker(child));
      return child;
    };

    const first = await start();
    await h.client.workflow.start(failBesideAnother, {
      // The heartbeat comes after most of this time; another worker takes over after all of it.
      ...{ workflowId, taskQueue, args: [activities], workflowTaskTimeout: '3s' },
    });
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      const begun = events?.filter((event) => event.workflowTaskStartedEventAttributes) ?? [];
      // Of the call, of its failure, of the heartbeat.
      return begun.length >= 3 && begun.at(-1) === events?.at(-1);
    });
    first.kill('SIGKILL');
    await once(first, 'exit');
    isTakenOver = true;
    const answer = handle.query('slow');
    await start();

    assert.ok(Number(await answer) > 0);
    assert.deepEqual((await handle.result()).sort(), ['ended', 'failed']);
    const history = await handle.fetchHistory();
    await Worker.runReplayHistory({ workflowsPath, plugins: [h.plugin()] }, history, workflowId);
  });
});
