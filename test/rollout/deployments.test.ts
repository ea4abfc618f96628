import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { VersioningBehavior } from '@temporalio/common';
import { eventually, useHarness } from '../support/harness.js';
import type { acrossDeployments } from './deployment-workflows.js';

const workflowsPath = require.resolve('./deployment-workflows.js');

describe('worker deployments: letters of a workflow that is in flight while a new version becomes current', {
  concurrency: true,
}, () => {
  const get = useHarness('deployments');

  async function deployment(name: string, behavior: VersioningBehavior) {
    const h = get();
    const taskQueue = h.id(name);
    const state = { isMended: false };
    const calls: { build: string; record: string }[] = [];
    const start = async (build: string) => {
      const running = await h.startWorker({
        ...{ connection: await h.connect(), taskQueue, workflowsPath },
        workerDeploymentOptions: {
          version: { deploymentName: taskQueue, buildId: build },
          useWorkerVersioning: true,
          defaultVersioningBehavior: behavior,
        },
        activities: {
          async write(record: string) {
            calls.push({ build, record });
            if (!state.isMended) throw Object.assign(new Error(`${record} rejected`), { status: 422 });
            return `${record} by ${build}`;
          },
        },
        plugins: [h.plugin({ queue: taskQueue })],
      });
      const makeCurrent = () =>
        h.client.workflowService.setWorkerDeploymentCurrentVersion({
          ...{ namespace: h.namespace, deploymentName: taskQueue },
          ...{ version: `${taskQueue}.${build}`, buildId: build },
        });
      // The server learns of a version by the polls of its workers.
      await eventually(() =>
        makeCurrent().then(
          () => true,
          () => false,
        ),
      );
      return running;
    };
    const letters = (count: number) =>
      eventually(async () => {
        const listed = await h.recovery.deadLetters.list({ queue: taskQueue, open: true });
        return listed.length === count && listed;
      });
    return { h, taskQueue, state, calls, start, letters };
  }

  for (const behavior of ['PINNED', 'AUTO_UPGRADE'] as const) {
    test(`${behavior}: the letters are pinned to no version, replays run on the current one, and the workflow gets its answer`, async () => {
      const { h, taskQueue, state, calls, start, letters } = await deployment(behavior, behavior);
      const first = await start('build-1');
      const handle = await h.client.workflow.start<typeof acrossDeployments>('acrossDeployments', {
        ...{ workflowId: h.id(`${behavior}-sync`), taskQueue },
      });
      const waiting = await letters(2);
      await start('build-2');
      // Nothing of build 1 is left for a workflow that is not pinned to it.
      if (behavior === 'AUTO_UPGRADE') await first.stop();
      calls.length = 0;
      state.isMended = true;
      for (const { id } of waiting) {
        const { raw } = await h.client.workflow.getHandle(id).describe();
        assert.equal(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion ?? undefined, undefined);
        assert.equal((await h.recovery.deadLetters.get(id).replay()).outcome, 'REPLAYED');
      }
      const own = behavior === 'PINNED' ? 'build-1' : 'build-2';
      assert.deepEqual(await handle.result(), ['failed', 'parked by build-2', `afterwards by ${own}`]);
      assert.deepEqual(calls.map(({ build, record }) => `${record} by ${build}`).sort(), [
        `afterwards by ${own}`,
        'letter by build-2',
        'parked by build-2',
      ]);
      const { events } = await handle.fetchHistory();
      const failedTasks = (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes);
      assert.equal(failedTasks.length, 0);
    });
  }
});
