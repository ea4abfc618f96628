// Calls that fail together are decided in another way since 0.11.0, with a patch of its own. A run that began the earlier way
// stays with it, so that workers of before can still take it. The worker's own switch for patches makes such runs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { PATCH_ID, TOGETHER_PATCH_ID } from '../../common/contract.js';
import { eventually, useHarness } from '../support/harness.js';
import { type Burst, burst, type bursts, ended, finish } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const earlierWay: Partial<WorkerOptions> = {
  patchActivationCallback: ({ patchId }) => patchId !== TOGETHER_PATCH_ID,
};

describe('a run that began to handle failures the earlier way', () => {
  const get = useHarness('earlier-way');
  const activities = {
    async fail() {
      throw Object.assign(new Error('no'), { status: 422 });
    },
  };

  const start = (name: string) =>
    get().client.workflow.start<typeof bursts>('bursts', {
      workflowId: get().id(name),
      taskQueue: get().taskQueue,
    });

  type Handle = WorkflowHandle<typeof bursts>;

  const makeCalls = async (handle: Handle, asked: Burst[]) => {
    for (const each of asked) {
      const before = await handle.query(ended);
      await handle.signal(burst, each);
      await eventually(async () => (await handle.query(ended)) === before + each.count);
    }
  };

  /** One worker of this kind, and these calls. @returns the patches in history */
  const step = async (handle: Handle, asked: Burst[], options?: Partial<WorkerOptions>) => {
    const running = await get().startWorker({ workflowsPath, activities, ...options });
    await makeCalls(handle, asked);
    await running.stop();
    return patchesOf(handle);
  };

  const patchesOf = async (handle: WorkflowHandle) => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
      const [data] = marker?.details?.['patch-data']?.payloads ?? [];
      return data?.data ? [JSON.parse(Buffer.from(data.data).toString()).id as string] : [];
    });
  };

  const observe = () => ({ plugins: [get().plugin({ mode: 'observe' })] });

  const endAndReplay = async (...handles: Handle[]) => {
    const running = await get().startWorker({ workflowsPath, activities });
    await Promise.all(handles.map((handle) => handle.signal(finish)));
    await Promise.all(handles.map((handle) => handle.result()));
    await running.stop();
    const histories = await Promise.all(
      handles.map(async (handle) => ({
        workflowId: handle.workflowId,
        history: await handle.fetchHistory(),
      })),
    );
    const lost = histories.flatMap(({ history: { events } }) =>
      events?.flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []),
    );
    assert.deepEqual(lost, []);
    const options = { workflowsPath, plugins: [get().plugin()] };
    const failed: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories))
      if (error) failed.push(`${workflowId}: ${error.message}`);
    assert.deepEqual(failed, []);
  };

  test('stays with it on workers of today, and replays', async () => {
    const handle = await start('stays');
    const before = await step(handle, [{ count: 3 }], earlierWay);
    assert.ok(before.includes(PATCH_ID), before.join());
    const after = await step(handle, [
      { count: 1 },
      { count: 60 },
      { count: 1, isLocal: true },
      { count: 5 },
    ]);
    assert.ok(!after.includes(TOGETHER_PATCH_ID), after.join());
    await endAndReplay(handle);
  });

  test('a run that has not begun it decides calls together', async () => {
    const handle = await start('new');
    const patches = await step(handle, [{ count: 3 }]);
    assert.deepEqual(patches, [TOGETHER_PATCH_ID]);
    await endAndReplay(handle);
  });

  test('local activities say themselves that their failure is handled, and what follows replays', async () => {
    const handles = await Promise.all(Array.from({ length: 40 }, (_, at) => start(`local-first-${at}`)));
    const running = await get().startWorker({ workflowsPath, activities });
    // Queries end workflow tasks early: the marker of a patch is then in another task than the failure.
    await Promise.all(
      handles.map((handle) => makeCalls(handle, [{ count: 1, isLocal: true }, { count: 3 }])),
    );
    await running.stop();
    for (const handle of handles) assert.deepEqual(await patchesOf(handle), [TOGETHER_PATCH_ID]);
    await endAndReplay(...handles);
  });

  test('a worker that observes begins neither', async () => {
    const fresh = await start('observed');
    assert.deepEqual(await step(fresh, [{ count: 3 }, { count: 1, isLocal: true }], observe()), []);
    const earlier = await start('observed-later');
    const before = await step(earlier, [{ count: 3 }], earlierWay);
    assert.deepEqual(await step(earlier, [{ count: 3 }, { count: 1, isLocal: true }], observe()), before);
    await step(earlier, [{ count: 30 }]);
    await endAndReplay(earlier, fresh);
  });
});
