import assert from 'node:assert/strict';
import { before, describe, type TestContext, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { reportToBreaker } from '../../client/circuit-breaker/entity.js';
import { announceHooks, readAnalyticsMemo, sendAlerts } from '../../client/error-analytics/entity.js';
import type { AlertEvent } from '../../common/alerts/alert-event.js';
import type { AlertDelivery } from '../../common/alerts/messages.js';
import { FLEET_DEFAULTS, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { DELIVER_ALERTS_ACTIVITY } from '../../common/contract.js';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { RecoveryPlugin, type RecoveryPluginOptions, webhook } from '../../worker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { eventually, type Harness, useHarness, workflowsPath } from '../support/harness.js';
import { startReceiver } from './receiver.js';

/** Made once: that takes longer than the tests. */
let workflowBundle: WorkflowBundleWithSourceMap;
before(async () => {
  workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [new RecoveryPlugin()] });
});

const activities = {
  async fails() {
    throw ApplicationFailure.nonRetryable('no such record', 'NotFound');
  },
};

const group = (id: string): AlertEvent => ({
  ...{ kind: 'group', change: 'new', id, at: new Date().toISOString(), fingerprint: 'abc' },
  ...{ operation: 'charge', category: 'SERVER', letters: 1 },
});

/** A fleet of its own, with a recovery worker that has hooks. */
async function stage(h: Harness, t: TestContext, name: string, options: RecoveryPluginOptions) {
  const recoveryTaskQueue = h.id(`recovery-${name}`);
  const taskQueue = h.id(name);
  const queue = h.id(`letters-${name}`);
  const connection = await h.connect();
  const start = async (own: RecoveryPluginOptions = options) => {
    const worker = await h.startWorker({
      ...{ taskQueue, activities, workflowBundle, connection },
      plugins: [h.plugin({ taskQueue: recoveryTaskQueue, queue, ...own })],
    });
    t.after(() => worker.stop());
    return worker;
  };
  const workflow = h.client.workflow.getHandle(analyticsWorkflowId(recoveryTaskQueue));
  return {
    ...{ recoveryTaskQueue, taskQueue, queue, workflow, start },
    recovery: new RecoveryClient({ client: h.client, taskQueue: recoveryTaskQueue }),
    served: () =>
      eventually(async () => {
        const { memo } = await workflow.describe();
        return (memo?.errorAnalytics as { hooks?: unknown } | undefined)?.hooks;
      }),
    /** Starts the fleet with a workflow of short runs. @returns what makes it go on in a new run */
    async startShortRuns() {
      const SIGNALS = 20;
      await h.client.workflow.start('errorAnalytics', {
        ...{ workflowId: workflow.workflowId, taskQueue: recoveryTaskQueue },
        args: [{ v: 1, signalsPerRun: SIGNALS }],
      });
      await start();
      return async () => {
        const { runId } = await workflow.describe();
        // Signals that change nothing, until the run is full.
        for (let n = 0; n < SIGNALS; n++) await workflow.signal('alert', { v: 1, events: [] });
        await eventually(async () => (await workflow.describe()).runId !== runId);
      };
    },
    /** Of all runs. */
    async events() {
      const { events } = await workflow.fetchHistory();
      return events ?? [];
    },
    fail: (id: string) =>
      h.client.workflow.execute('callOne', { taskQueue, workflowId: h.id(id), args: ['fails', []] }),
  };
}

describe('alerts on a server', { concurrency: true }, () => {
  const get = useHarness('alerts');

  test('a breaker that opens and closes between two looks is reported twice, one that a person sets once', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'breaker', {
      alerts: { onBreaker: (events) => void seen.push(...events), every: '3 seconds' },
    });
    await fleet.start();
    await fleet.served();
    // Other tests have circuit breakers in the same namespace.
    const own = () => seen.filter((event) => event.kind === 'breaker' && event.breaker === h.id('b'));
    const breaker = fleet.recovery.breakers.get(h.id('b'));
    await breaker.forceOpen({ by: 'me', reason: 'maintenance' });
    await eventually(() => own().length === 1);
    await breaker.reset({ by: 'me' });
    await breaker.forceOpen({ by: 'me', reason: 'once more' });
    await breaker.reset({ by: 'me' });
    await eventually(() => own().length >= 4);
    assert.deepEqual(
      own().map(({ change }) => change),
      ['forced', 'closed', 'forced', 'closed'],
    );
    const [first] = own();
    assert.ok(first?.kind === 'breaker');
    assert.equal(first.status, 'FORCED_OPEN');
    assert.match(first.why ?? '', /maintenance/);
    assert.equal(first.workflowId, `circuit-breaker/${h.id('b')}`);
    // Looks overlap: the same event is found again and again.
    const looks = async () =>
      (await fleet.events()).filter(({ activityTaskCompletedEventAttributes: done }) => done).length;
    const before = await looks();
    await eventually(async () => (await looks()) >= before + 3);
    assert.equal(own().length, 4);
  });

  test('a queue above its limit is reported once, and once when it is below again', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'queue', {
      alerts: { onQueue: [(events) => void seen.push(...events)], every: '1 second', maxLetters: 1 },
    });
    const own = () => seen.filter((event) => event.kind === 'queue' && event.queue === fleet.queue);
    await fleet.start();
    for (const n of [1, 2, 3]) await fleet.fail(`queue-${n}`);
    await eventually(() => own().length > 0);
    const [event] = own();
    assert.ok(
      event?.kind === 'queue' && event.change === 'above' && event.letters > 1,
      JSON.stringify(event),
    );
    assert.equal(event.maxLetters, 1);
    const letters = await eventually(async () => {
      const found = await fleet.recovery.deadLetters.list({ queue: fleet.queue });
      return found.length === 3 && found;
    });
    for (const { id } of letters) await fleet.recovery.deadLetters.get(id).discard({ by: 'me' });
    await eventually(() => own().length > 1);
    assert.deepEqual(
      own().map(({ change }) => change),
      ['above', 'below'],
    );
  });

  test('a queue that is empty when another process looks is below its limit, and can be above it again', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'fresh', {
      alerts: { onQueue: [(events) => void seen.push(...events)], every: '1 second', maxLetters: 0 },
    });
    const own = () =>
      seen.flatMap((each) => (each.kind === 'queue' && each.queue === fleet.queue ? [each.change] : []));
    const first = await fleet.start();
    await fleet.fail('fresh-1');
    await eventually(() => own().length > 0);
    await first.stop();
    const letters = await eventually(async () => {
      const found = await fleet.recovery.deadLetters.list({ queue: fleet.queue });
      return found.length > 0 && found;
    });
    for (const { id } of letters) await h.client.workflow.getHandle(id).terminate();
    await fleet.start();
    await eventually(() => own().length > 1);
    await fleet.fail('fresh-2');
    await eventually(() => own().length > 2);
    assert.deepEqual(own(), ['above', 'below', 'above']);
  });

  test('a throttled breaker is reported, and the end of the throttle', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'throttle', {
      alerts: { onBreaker: (events) => void seen.push(...events), every: '1 second' },
    });
    await fleet.start();
    await fleet.served();
    const name = h.id('throttle');
    const config = parseBreakerConfig(FLEET_DEFAULTS);
    const configuredAt = '2026-01-01T00:00:00Z';
    await reportToBreaker(
      h.client,
      fleet.recoveryTaskQueue,
      { name, config, configuredAt },
      {
        ...{ v: 1, worker: 'a', sequence: 1, results: [], config, configuredAt },
        throttles: [{ waitMs: 15_000, said: '429' }],
      },
    );
    const own = () =>
      seen.flatMap((each) => (each.kind === 'breaker' && each.breaker === name ? [each.change] : []));
    await eventually(() => own().length > 1);
    assert.deepEqual(own(), ['throttled', 'unthrottled']);
  });

  test('while the receiver is down events wait, then come once, in one message; history and page have no address', async (t) => {
    const h = get();
    const receiver = await startReceiver();
    t.after(() => receiver.stop());
    receiver.answer(503);
    const fleet = await stage(h, t, 'down', {
      alerts: {
        onGroup: webhook({
          url: `${receiver.url}/services/SECRET-PATH`,
          headers: { authorization: 'SECRET-TOKEN' },
        }),
        every: '1 second',
      },
    });
    await fleet.start();
    await fleet.served();
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('g1'), group('g2')]);
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('g2')]);
    // The server shows the failure of a pending activity.
    const failure = await eventually(async () => {
      const { raw } = await fleet.workflow.describe();
      return raw.pendingActivities?.[0]?.lastFailure?.message ?? undefined;
    });
    assert.match(failure, /^onGroup: 127\.0\.0\.1:\d+ answered 503$/);
    assert.equal(receiver.received.length, 0);
    receiver.answer(200);
    await eventually(() => receiver.received.length > 0);
    const ids = () =>
      receiver.received.flatMap(({ body }) => body.events.map(({ id }: { id: string }) => id));
    assert.deepEqual(ids(), ['g1', 'g2']);
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('g3')]);
    await eventually(() => ids().length === 3);
    assert.deepEqual(ids(), ['g1', 'g2', 'g3']);
    const history = await eventually(async () => {
      const json = JSON.stringify(await fleet.events(), (key, value) =>
        key === 'data' ? Buffer.from(value, 'base64').toString() : value,
      );
      return json.includes('g3') && json;
    });
    const { currentDetails = '' } = await fleet.workflow.query<{ currentDetails?: string }, []>(
      '__temporal_workflow_metadata',
    );
    for (const text of [history, currentDetails]) assert.doesNotMatch(text, /SECRET/);
    assert.match(currentDetails, /New cause of dead letters: charge/);
  });

  test('while a hook fails or hangs, the other ones receive what happens, each event once, also over runs', async (t) => {
    const h = get();
    const good: string[] = [];
    const late: string[] = [];
    let isDown = true;
    const fleet = await stage(h, t, 'two', {
      alerts: {
        onGroup: [
          (events, { batch }) => void good.push(...events.map(({ id }) => `${id} ${batch}`)),
          (events) => {
            if (isDown) throw new Error('see https://example.com/SECRET for more');
            late.push(...events.map(({ id }) => id));
          },
          () => new Promise(() => undefined),
        ],
        every: '1 second',
      },
    });
    const goOnInNewRun = await fleet.startShortRuns();
    await fleet.served();
    for (const id of ['1', '2', '3']) {
      await sendAlerts(h.client, fleet.recoveryTaskQueue, [group(id)]);
      await eventually(() => good.some((line) => line.startsWith(`${id} `)));
    }
    await goOnInNewRun();
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('4')]);
    await eventually(() => good.some((line) => line.startsWith('4 ')));
    assert.deepEqual(
      good.map((line) => line.split(' ')[0]),
      ['1', '2', '3', '4'],
    );
    assert.deepEqual(late, []);
    assert.doesNotMatch(JSON.stringify(await fleet.workflow.describe()), /SECRET/);
    isDown = false;
    await eventually(() => late.length === 4);
    assert.deepEqual(late, ['1', '2', '3', '4']);
  });

  test('of two recovery workers one has no hooks: the other calls them', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'mixed', {});
    await fleet.start();
    const other = await h.startWorker({
      ...{ taskQueue: h.id('mixed-other'), activities, workflowBundle, connection: await h.connect() },
      plugins: [
        h.plugin({
          taskQueue: fleet.recoveryTaskQueue,
          alerts: { onGroup: (events) => void seen.push(...events), every: '1 second' },
        }),
      ],
    });
    t.after(() => other.stop());
    await fleet.served();
    for (const id of ['a', 'b', 'c', 'd']) {
      await sendAlerts(h.client, fleet.recoveryTaskQueue, [group(id)]);
      await eventually(() => seen.some((event) => event.id === id));
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      ['a', 'b', 'c', 'd'],
    );
  });

  test('without hooks there is no workflow; events of others are shown, and nothing is scheduled', async (t) => {
    const h = get();
    const fleet = await stage(h, t, 'none', { analytics: false });
    await fleet.start();
    await fleet.fail('none');
    await assert.rejects(fleet.workflow.describe(), { name: 'WorkflowNotFoundError' });
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('shown')]);
    await eventually(async () => {
      const { currentDetails = '' } = await fleet.workflow.query<{ currentDetails?: string }, []>(
        '__temporal_workflow_metadata',
      );
      return currentDetails.includes('**Hooks**: none is configured');
    });
    const scheduled = (await fleet.events()).filter((event) => event.activityTaskScheduledEventAttributes);
    assert.deepEqual(scheduled, []);
  });

  test('where only groups have hooks, hooks that are gone end the deliveries; they go on when hooks are back', async (t) => {
    const h = get();
    const recoveryTaskQueue = h.id('recovery-gone');
    const seen: string[] = [];
    let isGone = true;
    const worker = await Worker.create({
      ...{ connection: await h.connect(), namespace: h.namespace, taskQueue: recoveryTaskQueue },
      workflowBundle: await recoveryBundle(),
      activities: {
        [DELIVER_ALERTS_ACTIVITY]: ({ events }: AlertDelivery) => {
          if (isGone) throw ApplicationFailure.nonRetryable('no recovery worker has it', 'NoHooksHere');
          seen.push(...events.map(({ id }) => id));
        },
      },
    });
    const run = worker.run();
    t.after(async () => {
      worker.shutdown();
      await run;
    });
    const announce = () =>
      announceHooks(h.client, recoveryTaskQueue, {
        ...{ v: 1, hooks: [{ name: 'onGroup', kinds: ['group'] }], everyMs: 1_000 },
        configuredAt: new Date().toISOString(),
      });
    const served = async () => (await readAnalyticsMemo(h.client, recoveryTaskQueue))?.hooks !== undefined;
    await announce();
    await eventually(served);
    await sendAlerts(h.client, recoveryTaskQueue, [group('1')]);
    await eventually(async () => !(await served()));
    isGone = false;
    await announce();
    await eventually(() => seen.length > 0);
    assert.deepEqual(seen, ['1']);
  });

  test('hooks are announced again after the workflow was terminated', async (t) => {
    const h = get();
    const seen: AlertEvent[] = [];
    const fleet = await stage(h, t, 'again', {
      alerts: { onGroup: (events) => void seen.push(...events), every: '1 second' },
    });
    await fleet.start();
    await fleet.served();
    await fleet.workflow.terminate();
    await fleet.served();
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('later')]);
    await eventually(() => seen.length === 1);
  });

  test('what is not delivered goes along into the next run', async (t) => {
    const h = get();
    let isDown = true;
    const batches: string[] = [];
    const seen: string[] = [];
    const fleet = await stage(h, t, 'runs', {
      alerts: {
        onGroup: (events, { batch }) => {
          batches.push(batch);
          if (isDown) throw new Error('down');
          seen.push(...events.map(({ id }) => id));
        },
        every: '1 second',
      },
    });
    const goOnInNewRun = await fleet.startShortRuns();
    await fleet.served();
    await sendAlerts(h.client, fleet.recoveryTaskQueue, [group('first')]);
    await eventually(() => batches.length > 0);
    await goOnInNewRun();
    const before = batches.length;
    isDown = false;
    await eventually(() => seen.length > 0);
    assert.ok(batches.length > before);
    assert.equal(new Set(batches).size, 1, 'the same delivery');
    assert.deepEqual(seen, ['first']);
  });
});

describe('the option alerts', () => {
  const get = useHarness('alert-options');
  const fails = (alerts: unknown, message: RegExp, rest: object = {}) =>
    assert.throws(() => get().plugin({ alerts, ...rest } as RecoveryPluginOptions), {
      name: 'InvalidOptionsError',
      message,
    });

  test('what is wrong with it is named, with value and fix', () => {
    fails('https://SECRET', /alerts: expected an object such as/);
    fails({}, /alerts: expected at least one of onGroup, onBreaker, onQueue, got none/);
    fails(
      { onBreaker: 'https://hooks.example.com/SECRET' },
      /alerts\.onBreaker: expected a function such as webhook\(\{ url \}\), got a string$/,
    );
    fails(
      { onQueue: [() => undefined, 7] },
      /alerts\.onQueue\[1\]: expected a function such as webhook\(\{ url \}\), got 7/,
    );
    fails(
      { onLetter: () => undefined },
      /alerts\.onLetter: unknown option; known here are onGroup, onBreaker, onQueue, every/,
    );
    fails(
      { onQueue: () => undefined, every: 'soon' },
      /alerts\.every: expected a duration from 1 second.* got "soon"/,
    );
    fails(
      { onQueue: () => undefined, maxLetters: -1 },
      /alerts\.maxLetters: expected a whole number, 0 or more, or false; got -1/,
    );
    fails({ onQueue: () => undefined, maxAge: 0 }, /alerts\.maxAge: .* or false; got 0/);
    fails({ onQueue: () => undefined }, /runRecoveryWorker is false/, { runRecoveryWorker: false });
  });
});
