// Rule 3: the caller's policy is law.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import { eventually, useHarness } from '../support/harness.js';
import { bothWays, httpError, type Run } from './both-ways.js';

describe('the retry policy of a call holds as without the plugin', { concurrency: true }, () => {
  const get = useHarness('policy');
  const start = (
    run: Pick<Run, 'client' | 'taskQueue' | 'id'>,
    name: string,
    options: object,
    ...args: unknown[]
  ) =>
    run.client.workflow.start('one', {
      ...{ workflowId: run.id, taskQueue: run.taskQueue, args: [name, options, ...args] },
    });

  test('declined cards are verdicts: the next customer is served at once', async () => {
    const { withIt, without } = await bothWays(get(), 'declined', async (run) => {
      const retry = { nonRetryableErrorTypes: ['CardDeclined'] };
      await run.startWorker({
        async pay(how: string) {
          if (how === 'declined') throw ApplicationFailure.create({ message: how, type: 'CardDeclined' });
          return 'paid';
        },
      });
      const pay = async (customer: number, how: string) =>
        (await start({ ...run, id: `${run.id}-${customer}` }, 'pay', { retry }, how)).result();
      for (let customer = 0; customer < 6; customer++) {
        await assert.rejects(pay(customer, 'declined'));
      }
      const startedAt = Date.now();
      const result = await pay(100, 'fine');
      return { result, ms: Date.now() - startedAt };
    });
    assert.equal(withIt.result, without.result);
    assert.ok(withIt.ms < without.ms + 3_000, `${withIt.ms} ms with, ${without.ms} ms without`);
    await assert.rejects(
      get()
        .recovery.breakers.get(`${get().id('declined-with')}/pay`)
        .describe(),
      {
        name: 'BreakerNotFoundError',
      },
    );
  });

  test('infrequent polling polls until it is ready', async () => {
    const { withIt, without } = await bothWays(get(), 'polling', async (run) => {
      let polls = 0;
      await run.startWorker({
        async poll() {
          if (++polls <= 15) throw new Error('not ready yet');
          return 'ready';
        },
      });
      const retry = { initialInterval: '500ms', backoffCoefficient: 1 };
      return { result: await (await start(run, 'poll', { retry })).result(), polls };
    });
    assert.deepEqual(withIt, without);
    assert.deepEqual(withIt, { result: 'ready', polls: 16 });
  });

  test('a heartbeating activity that makes progress outlives any number of deployments', async () => {
    const h = get();
    const { withIt, without } = await bothWays(h, 'deployments', async (run) => {
      let starts = 0;
      let done = 0;
      const activities = {
        async consume() {
          starts++;
          done = Number(Context.current().info.heartbeatDetails ?? 0);
          while (starts < 9) {
            Context.current().heartbeat(++done);
            await Context.current().sleep(100);
          }
          return 'consumed';
        },
      };
      const plugins = run.isWith ? [h.plugin({ breaker: undefined, patience: undefined })] : [];
      const workflowBundle = await bundleWorkflowCode({
        workflowsPath: require.resolve('./workflows.js'),
        plugins,
      });
      const more = { workflowsPath: undefined, workflowBundle, shutdownGraceTime: '100ms' } as const;
      const handle = await start(run, 'consume', {
        ...{ startToCloseTimeout: '1 day', heartbeatTimeout: '2s' },
        retry: { initialInterval: '1s', backoffCoefficient: 1 },
      });
      for (let deployment = 1; deployment <= 9; deployment++) {
        const worker = await run.startWorker(activities, {}, more);
        await eventually(() => starts >= deployment);
        if (deployment < 9) await worker.stop();
      }
      return handle.result();
    });
    assert.equal(withIt, without);
    assert.equal(withIt, 'consumed');
  });

  test('a record that loses its worker again and again ends as a letter that says so', async () => {
    const h = get();
    const taskQueue = h.id('killer');
    let attempts = 0;
    await h.startWorker({
      taskQueue,
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        // As if its worker were gone: no heartbeat ever comes, and no answer.
        async kill() {
          attempts++;
          await Context.current().cancelled.catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 100));
        },
      },
      plugins: [h.plugin({ breaker: undefined, patience: undefined, maxWorkerLosses: 3 })],
    });
    const handle = await h.client.workflow.start('one', {
      ...{ workflowId: taskQueue, taskQueue },
      args: ['kill', { startToCloseTimeout: '1 hour', heartbeatTimeout: '2s' }],
    });
    const error = await handle.result().catch((thrown) => thrown);
    assert.ok(error.cause instanceof ActivityFailure);
    assert.match(error.cause.cause?.message ?? '', /lost their worker, 3 in a row/);
    // On a busy machine an attempt may have lost its ledger, too.
    assert.ok(attempts >= 3 && attempts <= 6, `${attempts} attempts`);
    const [letter] = await h.recovery.deadLetters.list({ queue: h.queue, operation: 'kill' });
    const { status, record } = await h.recovery.deadLetters.get(letter?.id ?? '').describe();
    assert.equal(status, 'WAITING');
    assert.match(record.error.message, /lost their worker, 3 in a row/);
  });

  /** Three calls, from any caller. */
  const limited = { retry: { maximumAttempts: 3, initialInterval: '1s', backoffCoefficient: 1 } };
  const flaky = () => {
    let calls = 0;
    return {
      get calls() {
        return calls;
      },
      activities: {
        async flaky() {
          calls++;
          throw httpError(503, `call ${calls}`);
        },
      },
    };
  };

  test('rolled back to observe, and to no plugin at all: three calls, not one more', async () => {
    const h = get();
    for (const to of ['observe', 'none'] as const) {
      const taskQueue = h.id(`to-${to}`);
      const service = flaky();
      const workflowsPath = require.resolve('./workflows.js');
      const first = await h.startWorker({
        ...{ taskQueue, workflowsPath, activities: service.activities },
        plugins: [h.plugin({ breaker: undefined, patience: undefined })],
      });
      const run = { client: h.client, taskQueue, id: taskQueue };
      const handle = await start(run, 'flaky', limited);
      await eventually(() => service.calls >= 1);
      await first.stop();
      const plugins = to === 'observe' ? [h.plugin({ mode: 'observe' })] : [];
      await h.startWorker({ taskQueue, workflowsPath, activities: service.activities, plugins });
      await assert.rejects(handle.result());
      assert.equal(service.calls, 3, to);
    }
  });

  /** A letter whose replay somebody has asked for while its breaker is forced open, on a worker that goes to observe then. */
  const heldWhileObserving = async (name: string, options: object, onExhausted: 'deadLetter' | 'park') => {
    const h = get();
    const taskQueue = h.id(name);
    const service = { calls: 0, isUp: false };
    const worker = (plugin: RecoveryPluginOptions) =>
      h.startWorker({
        ...{ taskQueue, workflowsPath: require.resolve('./workflows.js') },
        activities: {
          async flaky() {
            service.calls++;
            if (!service.isUp) throw httpError(503);
            return 'done';
          },
        },
        plugins: [h.plugin({ queue: taskQueue, ...plugin })],
      });
    const breakerName = `${taskQueue}/flaky`;
    const first = await worker({
      ...{ breaker: undefined, breakers: { [breakerName]: { consecutiveFailures: false } } },
      ...{ maxRetries: 0, replay: { maximumAttempts: 4 }, onExhausted },
    });
    const origin = await start({ client: h.client, taskQueue, id: taskQueue }, 'flaky', options);
    const { id } = await eventually(async () => (await h.recovery.deadLetters.list({ queue: taskQueue }))[0]);
    const letter = h.recovery.deadLetters.get(id);
    const breaker = h.recovery.breakers.get(breakerName);
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada' });
    // The worker hears of it a moment later.
    await eventually(async () => (await letter.replay({ by: 'ada' })).outcome === 'HELD');
    // A worker that stops in the middle of a rejection would leave it counted as a call.
    await eventually(async () => {
      const { pendingActivities } = (await h.client.workflow.getHandle(id).describe()).raw;
      return pendingActivities?.[0]?.lastFailure;
    });
    const before = service.calls;
    await first.stop();
    return {
      origin,
      letter,
      calls: () => service.calls - before,
      observe: async ({ isUp = false } = {}) => {
        service.isUp = isUp;
        await worker({ mode: 'observe' });
      },
    };
  };

  for (const [name, options, calls] of [
    ['three calls where its retry policy says so', limited, 3],
    ['as many calls as a replay may make where its retry policy has no limit', {}, 4],
  ] as const) {
    test(`a letter that is held when its worker goes to observe: ${name}`, async () => {
      const held = await heldWhileObserving(`held-${calls}`, options, 'deadLetter');
      await assert.rejects(held.origin.result());
      await held.observe();
      await eventually(async () => (await held.letter.state()).status === 'WAITING');
      assert.equal(held.calls(), calls);
    });
  }

  test('a parked call that is held when its worker goes to observe is called once, and the caller has the answer', async () => {
    const held = await heldWhileObserving('held-parked', {}, 'park');
    await held.observe({ isUp: true });
    assert.equal(await held.origin.result(), 'done');
    assert.equal((await held.letter.state()).status, 'REPLAYED');
    assert.equal(held.calls(), 1);
  });

  test('a mixed fleet, and a call to a queue whose workers have no plugin: three calls', async () => {
    const h = get();
    const workflowsPath = require.resolve('./workflows.js');
    const mixed = h.id('mixed');
    const service = flaky();
    const plugins = () => [h.plugin({ breaker: undefined, patience: undefined })];
    await h.startWorker({
      taskQueue: mixed,
      workflowsPath,
      activities: service.activities,
      plugins: plugins(),
    });
    const connection = await h.connect();
    await h.startWorker({ connection, taskQueue: mixed, activities: service.activities, plugins: [] });
    const elsewhere = h.id('elsewhere');
    const other = flaky();
    await h.startWorker({ taskQueue: elsewhere, activities: other.activities, plugins: [] });
    const run = { client: h.client, taskQueue: mixed, id: mixed };
    await assert.rejects((await start(run, 'flaky', limited)).result());
    const there = await start({ ...run, id: elsewhere }, 'flaky', { ...limited, taskQueue: elsewhere });
    await assert.rejects(there.result());
    assert.equal(service.calls, 3);
    assert.equal(other.calls, 3);
  });

  test('an activity that somebody resets is counted from the beginning, never below', async () => {
    const h = get();
    const taskQueue = h.id('reset-activity');
    let calls = 0;
    await h.startWorker({
      ...{ taskQueue, workflowsPath: require.resolve('./workflows.js') },
      activities: {
        async act() {
          calls++;
          throw httpError(500, 'boom');
        },
      },
      plugins: [
        h.plugin({
          ...{ breaker: undefined, maxRetries: 3, retryDelay: 200 },
          breakers: { [`${taskQueue}/act`]: {} },
        }),
      ],
    });
    const breaker = h.recovery.breakers.get(`${taskQueue}/act`);
    await eventually(() => breaker.describe());
    // The worker follows it by then: it was made when the worker started.
    await breaker.forceOpen({ by: 'ada', expiresIn: '10 minutes' });
    let handle: Awaited<ReturnType<typeof start>> | undefined;
    const pending = async () => (await handle?.describe())?.raw.pendingActivities?.[0];
    await eventually(async () => {
      const before = calls;
      handle = await start({ client: h.client, taskQueue, id: h.id(`reset-${Math.random()}`) }, 'act', {});
      const isRejected = await eventually(async () =>
        /forced open/.test((await pending())?.lastFailure?.message ?? '') ? 'yes' : calls > before && 'no',
      );
      if (isRejected === 'no') await handle.terminate();
      return isRejected === 'yes';
    });
    const activity = await pending();
    assert.equal(Number(activity?.activityOptions?.retryPolicy?.maximumInterval?.seconds), 5);
    await breaker.reset({ by: 'ada' });
    await eventually(async () => calls > 0 && Number((await pending())?.attempt) >= 3);
    const { workflowId } = handle as NonNullable<typeof handle>;
    calls = 0;
    await h.client.workflowService.resetActivity({
      namespace: h.namespace,
      execution: { workflowId },
      id: activity?.activityId,
      identity: 'ada',
    });
    await assert.rejects((handle as NonNullable<typeof handle>).result());
    // Four of the count from the beginning, and the one that was under way when it was reset.
    assert.ok(calls >= 4 && calls <= 5, `${calls} calls`);
  });

  test('attempts that an open breaker rejects cost a call nothing: three calls after it', async () => {
    const h = get();
    const taskQueue = h.id('rejected');
    const service = flaky();
    await h.startWorker({
      ...{ taskQueue, workflowsPath: require.resolve('./workflows.js'), activities: service.activities },
      plugins: [
        h.plugin({ breaker: undefined, patience: undefined, breakers: { [`${taskQueue}/flaky`]: {} } }),
      ],
    });
    const breaker = h.recovery.breakers.get(`${taskQueue}/flaky`);
    await eventually(() => breaker.describe());
    await breaker.forceOpen({ by: 'ada', reason: 'maintenance' });
    // The worker follows it a moment later.
    const handles = [];
    const rejections = async (handle: Awaited<ReturnType<typeof start>>) => {
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      return /forced open/.test(pending?.lastFailure?.message ?? '') ? Number(pending?.attempt) : 0;
    };
    for (let n = 0; handles.length === 0; n++) {
      const handle = await start(
        { client: h.client, taskQueue, id: h.id(`rejected-${n}`) },
        'flaky',
        limited,
      );
      const before = service.calls;
      await eventually(async () => service.calls > before || (await rejections(handle)) > 0);
      if (service.calls === before) handles.push(handle);
      // Its further attempts would be counted too.
      else await handle.terminate();
    }
    const [handle] = handles;
    assert.ok(handle !== undefined);
    await eventually(async () => (await rejections(handle)) > 2);
    const before = service.calls;
    await breaker.reset({ by: 'ada' });
    await assert.rejects(handle.result());
    assert.equal(service.calls - before, 3);
  });
});
