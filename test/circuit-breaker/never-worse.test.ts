import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { breakerWorkflowId, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { LocalView } from '../../worker/circuit-breaker/local-view.js';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { breakers, call, config } from './views.js';
import type { SyncResult } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
describe('never worse than without', { concurrency: true }, () => {
  const get = useHarness('never-worse');

  test('the server cannot be reached: the worker decides alone, and recovers alone', async () => {
    const lazy = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 100 }) });
    const { made, use, fail, faults } = breakers(lazy, 'nowhere');
    await fail('b', 5);
    assert.equal((await use('b', 'x', 'success')).admitted, false);
    const again = await eventually(async () => {
      const admission = await use('b', 'y', 'success');
      return admission.admitted && admission;
    });
    assert.ok(again.admitted);
    assert.equal((await use('b', 'z', 'success')).admitted, true);
    await eventually(() => faults.length > 0);
    await made.close();
  });

  test('the recovery worker is down: every record is still written', async () => {
    const h: Harness = get();
    const taskQueue = h.id('no-recovery-worker');
    let down = true;
    const written = new Set<number>();
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: {
        async write(record: number) {
          if (down) throw Object.assign(new Error('down'), { status: 503 });
          written.add(record);
          return '';
        },
      },
      plugins: [
        h.plugin({
          taskQueue: h.id('nobody'),
          runRecoveryWorker: false,
          breaker: undefined,
          breakers: { '*': { openTime: '1s' } },
          retryDelay: 10,
        }),
      ],
    });
    const handle = await h.client.workflow.start('sync', {
      workflowId: taskQueue,
      taskQueue,
      args: [0, 12, 12],
    });
    await eventually(async () => {
      const { pendingActivities } = (await handle.describe()).raw;
      return pendingActivities?.some(({ lastFailure }) =>
        /^Circuit breaker/.test(lastFailure?.message ?? ''),
      );
    });
    down = false;
    const result = (await handle.result()) as SyncResult;
    assert.equal(result.written, 12, JSON.stringify(result));
    assert.equal(written.size, 12);
  });

  test('the recovery worker is down when a trial is due: the worker tries for itself, and the fleet hears of it', async () => {
    const h = get();
    const recoveryQueue = h.id('away-recovery');
    const startRecovery = async () =>
      h.startWorker({
        taskQueue: h.id('away'),
        workflowsPath,
        connection: await h.connect(),
        plugins: [h.plugin({ breaker: undefined, taskQueue: recoveryQueue })],
      });
    const recovery = await startRecovery();
    const name = h.id('away');
    const { made, use, fail } = breakers(h.client, recoveryQueue);
    await fail(name, 5);
    const handle = h.recovery.breakers.get(name);
    await eventually(async () => (await handle.describe()).status === 'HALF_OPEN');
    await recovery.stop();
    await eventually(async () => (await use(name, 'x', 'success')).admitted);
    await startRecovery();
    const { transitions } = await eventually(async () => {
      const described = await handle.describe();
      return described.status === 'CLOSED' && described;
    });
    assert.equal(transitions.at(-1)?.reason.cause, 'trials-succeeded');
    await made.close();
  });

  test('the entity is terminated by hand: what was known holds until its time is over, and it is made again', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('terminated'),
      workflowsPath,
      plugins: [h.plugin({ breaker: undefined })],
    });
    const name = h.id('terminated');
    const { made, use, fail } = breakers(h.client, h.recoveryTaskQueue);
    await fail(name, 5);
    const handle = h.recovery.breakers.get(name);
    await eventually(async () => (await handle.describe()).transitions.length > 0);
    await h.client.workflow.getHandle(breakerWorkflowId(name)).terminate();
    await eventually(async () => (await use(name, 'x', 'success')).admitted);
    assert.equal((await use(name, 'y', 'success')).admitted, true);
    // Other executions than the first five: one execution counts once.
    for (let n = 0; n < 5; n++) await use(name, `again-${n}`, 'failure');
    const { transitions } = await eventually(async () => {
      const made = await handle.describe().catch(() => undefined);
      return made?.transitions.some(({ to }) => to === 'OPEN') && made;
    });
    assert.equal(transitions[0]?.from, 'CLOSED', 'a new story, not the terminated one');
    await made.close();
  });

  test('a worker dies with the last trial: its lease goes to another', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('lease'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ breaker: undefined, taskQueue: h.id('lease-recovery') })],
    });
    const name = h.id('lease');
    const dying = breakers(h.client, h.id('lease-recovery'));
    const other = breakers(h.client, h.id('lease-recovery'));
    await dying.fail(name, 5);
    await eventually(async () => (await h.recovery.breakers.get(name).describe()).status === 'HALF_OPEN');
    // On a busy machine the fleet may answer too late, and the worker decides alone.
    await eventually(async () => {
      const admission = await dying.made.admit(call(name, 'trial'));
      return admission.admitted && admission.permit.fleetTrial;
    });
    await other.fail(name, 5);
    await eventually(async () => (await other.use(name, 'o', 'success')).admitted);
    await eventually(async () => (await h.recovery.breakers.get(name).describe()).status === 'CLOSED');
    await Promise.all([dying.made.close(), other.made.close()]);
  });

  test('a call waits for the trial of another no longer than trials take, however long its lease', async () => {
    const h = get();
    const taskQueue = h.id('patience-recovery');
    await h.startWorker({
      taskQueue: h.id('patience'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ breaker: undefined, taskQueue })],
    });
    const name = h.id('patience');
    const first = breakers(h.client, taskQueue);
    const other = breakers(h.client, taskQueue);
    await first.fail(name, 5);
    await other.fail(name, 5);
    const leaseMs = 600_000;
    await eventually(async () => {
      const admission = await first.made.admit({ ...call(name, 'trial'), leaseMs });
      return admission.admitted && admission.permit.fleetTrial;
    });
    const { retryInMs } = await eventually(async () => {
      const admission = await other.made.admit(call(name, 'o'));
      return !admission.admitted && admission.status === 'HALF_OPEN' && admission;
    });
    assert.ok(retryInMs <= 15_000, `${retryInMs} ms`);
    await Promise.all([first.made.close(), other.made.close()]);
  });

  test('shutdown tells the fleet what is left to be told', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('flush'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ breaker: undefined, taskQueue: h.id('flush-recovery') })],
    });
    const name = h.id('flush');
    const { made, fail } = breakers(h.client, h.id('flush-recovery'));
    await fail(name, 2);
    await made.close();
    const { failuresInARow } = await eventually(() => h.recovery.breakers.get(name).describe());
    assert.equal(failuresInARow, 2);
  });

  test('a change reaches the views of all workers without being asked for', async () => {
    const h = get();
    await h.startWorker({
      taskQueue: h.id('push'),
      workflowsPath,
      connection: await h.connect(),
      plugins: [h.plugin({ breaker: undefined, taskQueue: h.id('push-recovery') })],
    });
    const name = h.id('push');
    // No trial comes between, however slow the machine is.
    const long = parseBreakerConfig({ openTime: 600_000 });
    const views = Array.from({ length: 20 }, () =>
      breakers(h.client, h.id('push-recovery'), { config: long }),
    );
    // One failure each, so that all know of the breaker.
    await Promise.all(views.map(({ use }, index) => use(name, `first-${index}`, 'success')));
    await views[0]?.fail(name, 5);
    await Promise.all(views.slice(1).map(({ use }, index) => use(name, `know-${index}`, 'failure')));
    await eventually(async () => {
      const admissions = await Promise.all(views.map(({ made }) => made.admit(call(name, 'any'))));
      return admissions.every(({ admitted }) => !admitted);
    });
    await Promise.all(views.map(({ made }) => made.close()));
  });

  test('clocks an hour apart: durations count, and nothing stays open longer than it should', () => {
    const fleet = { firstRunId: 'r', epoch: 1, workers: 1, judgesRunning: true };
    const memo = {
      v: 1 as const,
      name: 'b',
      status: 'OPEN' as const,
      epoch: 1,
      changesInMs: 60_000,
      workers: 1,
    };
    // The age a worker computes with a clock that is an hour off cannot be, and is taken for none.
    for (const [ageMs, remaining] of [
      [0, 60_000],
      [20_000, 40_000],
      [90_000, 0],
    ] as const) {
      const view = new LocalView('b', config, 1_000);
      view.adopt(fleet, memo, ageMs, 1_000);
      if (remaining > 0) assert.equal(view.until(1_000), 1_000 + remaining);
      assert.equal(view.status(1_000 + remaining), 'HALF_OPEN');
    }
  });
});
