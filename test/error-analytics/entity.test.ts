import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { RecoveryClient } from 'temporal-recovery/client';
import { reportErrors } from '../../client/error-analytics/entity.js';
import { analyticsWorkflowId, type ErrorReport } from '../../common/error-analytics/messages.js';
import { createRecoveryWorker } from '../../worker/recovery-worker/create-worker.js';
import { eventually, type Harness, useHarness, workflowsPath } from '../support/harness.js';

/** Errors of a fleet of its own: the id of the workflow is made of the recovery task queue. */
function fleetOf(h: Harness, suffix: string) {
  const recoveryTaskQueue = h.id(`recovery-${suffix}`);
  const { client } = h;
  let sequence = 0;
  return {
    recoveryTaskQueue,
    workflow: client.workflow.getHandle(analyticsWorkflowId(recoveryTaskQueue)),
    errors: new RecoveryClient({ client, taskQueue: recoveryTaskQueue }).errors,
    report: (facts: Partial<ErrorReport> & { count?: number } = {}) => {
      const { count = 1, ...rest } = facts;
      const cause = {
        category: 'SERVER',
        operation: 'charge',
        group: 'g1',
        statusCode: 503,
        pattern: 'down for <n> s',
      };
      return reportErrors(client, recoveryTaskQueue, {
        ...{ v: 1, worker: 'a', sequence: ++sequence, sentAt: Date.now() },
        errors: [{ ...cause, count, agoMs: 0 }],
        ...rest,
      });
    },
    /** Stopped at the end of the test, or by what it returns. */
    async startRecoveryWorker(t: TestContext) {
      const worker = await createRecoveryWorker({
        ...{ connection: await h.connect(), namespace: h.namespace, taskQueue: recoveryTaskQueue },
        dataConverter: { payloadCodecs: [], externalStorage: undefined },
      });
      const run = worker.run();
      t.after(async () => {
        worker.shutdown();
        await run;
      });
    },
  };
}

describe('errors of a fleet on a server', { concurrency: true }, () => {
  const get = useHarness('analytics');

  test('workers report attempts that fail, also those that are retried, and time-outs', async () => {
    const h = get();
    const fleet = fleetOf(h, 'workers');
    const taskQueue = h.id('workers');
    const { client } = h;
    let calls = 0;
    const activities = {
      async failsTwice() {
        if (++calls <= 2) throw Object.assign(new Error(`order ${calls} refused`), { status: 503 });
        return 'ok';
      },
      hangs: () => new Promise((resolve) => setTimeout(resolve, 3_000)),
    };
    const plugin = () =>
      h.plugin({ taskQueue: fleet.recoveryTaskQueue, breaker: false, retryDelay: 10, jitter: 'none' });
    const workers = [
      await h.startWorker({ taskQueue, activities, workflowsPath, plugins: [plugin()] }),
      await h.startWorker({
        taskQueue,
        activities,
        workflowsPath,
        plugins: [plugin()],
        connection: await h.connect(),
      }),
    ];
    const call = (activity: string, options: object) =>
      client.workflow.execute('callOne', {
        taskQueue,
        workflowId: h.id(`workers-${activity}`),
        args: [activity, [], options],
      });
    await call('failsTwice', {});
    await call('hangs', { startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });
    const summary = await eventually(async () => {
      const seen = await fleet.errors.summary();
      return seen?.totalErrors === 3 && seen;
    });
    assert.deepEqual(summary.errorCountsByCategory, { SERVER: 2, TIMEOUT: 1 });
    assert.deepEqual(summary.operations, [
      { operation: 'failsTwice', count: 2 },
      { operation: 'hangs', count: 1 },
    ]);
    const [first] = summary.causes;
    assert.equal(first?.pattern, 'order <n> refused');
    assert.equal(first?.statusCode, 503);
    assert.ok((summary.workers ?? 0) >= 1);
    assert.ok(((await fleet.errors.errorRate()) ?? 0) > 0);
    assert.deepEqual(await fleet.errors.topErrors({ by: 'operation', category: 'TIMEOUT' }), [
      { operation: 'hangs', count: 1 },
    ]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  test('a worker that stops sends what is left', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'flush');
    const taskQueue = h.id('flush');
    const activities = {
      async fails() {
        throw ApplicationFailure.nonRetryable('no such record', 'NotFound');
      },
    };
    const worker = await h.startWorker({
      ...{ taskQueue, activities, workflowsPath },
      plugins: [h.plugin({ taskQueue: fleet.recoveryTaskQueue, onExhausted: 'fail' })],
    });
    await h.client.workflow.execute('callOne', { taskQueue, workflowId: h.id('flush'), args: ['fails', []] });
    await worker.stop();
    await fleet.startRecoveryWorker(t);
    assert.equal((await fleet.errors.summary())?.totalErrors, 1);
  });

  test('reports that come while no recovery worker runs are counted when one runs, those that come twice once', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'away');
    for (let sequence = 1; sequence <= 5; sequence++) {
      await fleet.report({ sequence, worker: 'a' });
      await fleet.report({ sequence, worker: 'a' });
      await fleet.report({ sequence, worker: 'b', count: 10 });
    }
    await fleet.startRecoveryWorker(t);
    const summary = await eventually(() => fleet.errors.summary());
    assert.equal(summary.totalErrors, 55);
    assert.equal(summary.workers, 2);
  });

  test('no count is lost when it continues in new runs', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'runs');
    await fleet.startRecoveryWorker(t);
    const REPORTS = 500;
    let sent = 0;
    const lane = async (worker: string) => {
      for (let sequence = 1; sent < REPORTS; sequence++) {
        sent++;
        await fleet.report({ worker, sequence });
      }
    };
    await h.client.workflow.start('errorAnalytics', {
      ...{ workflowId: fleet.workflow.workflowId, taskQueue: fleet.recoveryTaskQueue },
      args: [{ v: 1, signalsPerRun: 50 }],
    });
    await fleet.report({ worker: 'first', sequence: 1 });
    const { runId: first } = await fleet.workflow.describe();
    await Promise.all(Array.from({ length: 20 }, (_, n) => lane(`worker-${n}`)));
    const summary = await eventually(async () => {
      const seen = await fleet.errors.summary();
      return seen?.totalErrors === sent + 1 && seen;
    });
    assert.equal(summary.workers, 21);
    const { runId: last, memo } = await fleet.workflow.describe();
    assert.notEqual(last, first);
    assert.deepEqual(memo?.errorAnalytics, { v: 1, workers: 32 });
    // The numbers of the workers go along: what came before is not counted again.
    await fleet.report({ worker: 'worker-0', sequence: 1, count: 1_000 });
    await fleet.report({ worker: 'first', sequence: 2 });
    await eventually(async () => (await fleet.errors.summary())?.totalErrors === sent + 2);
  });

  test('a signal that is no report changes nothing, and the page says so', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'bad');
    await fleet.startRecoveryWorker(t);
    await fleet.report();
    const bad: unknown[] = [
      undefined,
      null,
      'x',
      7,
      [],
      {},
      { v: 2 },
      { v: 1, worker: 'a', sequence: 1, sentAt: 'now', errors: [] },
      { v: 1, worker: 'z', sequence: 1, sentAt: 1, errors: [{ count: -1 }] },
    ];
    for (const signal of ['record', 'alert', 'watch'])
      for (const input of bad) await fleet.workflow.signal(signal, input);
    await fleet.report({ count: 2 });
    const summary = await eventually(async () => {
      const seen = await fleet.errors.summary();
      return seen?.totalErrors === 3 && seen;
    });
    assert.equal(summary.totalErrors, 3);
    const details = await eventually(
      async () => (await pageOf(fleet)).includes('Not understood') && pageOf(fleet),
    );
    assert.match(details, /watch\.v must be one of 1/);
    assert.match(details, /3 failed attempts/);
    assert.equal((await fleet.workflow.describe()).status.name, 'RUNNING');
  });

  test('large signals do not keep it from going on in a new run', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'large');
    await fleet.startRecoveryWorker(t);
    await h.client.workflow.start('errorAnalytics', {
      ...{ workflowId: fleet.workflow.workflowId, taskQueue: fleet.recoveryTaskQueue },
      args: [{ v: 1, signalsPerRun: 3 }],
    });
    const { runId } = await fleet.workflow.describe();
    const at = new Date().toISOString();
    for (const id of ['a', 'b', 'c'])
      await fleet.workflow.signal('alert', {
        v: 1,
        events: [{ kind: 'group', change: 'new', id, at, fingerprint: 'f', extra: '界'.repeat(300_000) }],
      });
    await eventually(async () => (await fleet.workflow.describe()).runId !== runId);
    await fleet.report({ count: 3 });
    await eventually(async () => (await fleet.errors.summary())?.totalErrors === 3);
  });

  test('its page is a dashboard', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'page');
    await fleet.startRecoveryWorker(t);
    await fleet.report({ count: 120 });
    const page = await eventually(async () => (await pageOf(fleet)).includes('120') && pageOf(fleet));
    assert.match(page, /errors a minute/);
    assert.match(page, /▇+ +120/);
    assert.match(page, /OPERATION +5 min +1 hour +24 hours\ncharge +120 +120 +120/);
    assert.match(
      page,
      /- \*\*120\*\* × `SERVER · 503 · charge` · \[letters of g1\]\(.*\) · `down for <n> s`/,
    );
  });

  test('its page links to no list of letters while workers say that the server cannot make one', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'lists');
    await fleet.startRecoveryWorker(t);
    await h.client.workflow.start('errorAnalytics', {
      ...{ workflowId: fleet.workflow.workflowId, taskQueue: fleet.recoveryTaskQueue },
      args: [{ v: 1, signalsPerRun: 3 }],
    });
    const { runId } = await fleet.workflow.describe();
    const shows = (text: RegExp) => eventually(async () => text.test(await pageOf(fleet)));
    // Of an older version.
    await fleet.report();
    await shows(/\*\*1\*\* × .* · \[letters of g1\]\(/);
    await fleet.report({ listsGroups: false });
    await shows(/`RecoveryGroup` is not registered/);
    await fleet.report({ listsGroups: 'no' as never });
    await eventually(async () => (await fleet.workflow.describe()).runId !== runId);
    await shows(/\*\*3\*\* × .* · group `g1` · /);
    // The search attributes were registered meanwhile.
    await fleet.report({ listsGroups: true });
    await shows(/\*\*4\*\* × .* · \[letters of g1\]\(/);
    assert.doesNotMatch(await pageOf(fleet), /not registered/);
  });

  test('it ends when no one reports for long, and begins again with the next error', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'idle');
    await fleet.startRecoveryWorker(t);
    const { client } = h;
    await client.workflow.start('errorAnalytics', {
      ...{ workflowId: fleet.workflow.workflowId, taskQueue: fleet.recoveryTaskQueue },
      args: [{ v: 1, idleMs: 1_000 }],
    });
    assert.deepEqual(await fleet.workflow.result(), { ended: 'idle', errors: 0 });
    assert.equal(await fleet.errors.summary(), undefined);
    await fleet.report({ count: 3 });
    assert.equal((await eventually(() => fleet.errors.summary())).totalErrors, 3);
  });

  test('a start by hand with a wrong input fails at once and says why', async (t) => {
    const h = get();
    const fleet = fleetOf(h, 'by-hand');
    await fleet.startRecoveryWorker(t);
    const handle = await h.client.workflow.start('errorAnalytics', {
      ...{ workflowId: fleet.workflow.workflowId, taskQueue: fleet.recoveryTaskQueue },
      args: [
        {
          v: 1,
          errors: { total: 1, workers: [], operations: { labels: [['k', 7]], minutes: [], hours: [] } },
        },
      ],
    });
    await assert.rejects(handle.result(), (error: Error) => {
      assert.match(String(error.cause), /input\.errors\.operations\.labels\[0\]\[1\] must be an object/);
      return true;
    });
  });

  test('without an error, with analytics: false and in observe mode there is no workflow', async () => {
    const h = get();
    const activities = {
      ok: async () => 'ok',
      async fails() {
        throw ApplicationFailure.nonRetryable('bad', 'Bad');
      },
    };
    const cases = [
      { name: 'healthy', options: {}, activity: 'ok' },
      { name: 'off', options: { analytics: false }, activity: 'fails' },
      { name: 'observe', options: { mode: 'observe' as const }, activity: 'fails' },
    ];
    for (const { name, options, activity } of cases) {
      const fleet = fleetOf(h, name);
      const taskQueue = h.id(name);
      const worker = await h.startWorker({
        ...{ taskQueue, activities, workflowsPath },
        plugins: [h.plugin({ taskQueue: fleet.recoveryTaskQueue, onExhausted: 'fail', ...options })],
      });
      await h.client.workflow.execute('callOne', { taskQueue, workflowId: h.id(name), args: [activity, []] });
      // What is left would be sent now.
      await worker.stop();
      await assert.rejects(fleet.workflow.describe(), { name: 'WorkflowNotFoundError' }, name);
      assert.equal(await fleet.errors.summary(), undefined);
    }
  });

  test('a question that cannot be answered is refused before it is asked', async () => {
    const { errors } = fleetOf(get(), 'questions');
    await assert.rejects(errors.summary({ window: 'soon' as '5 minutes' }), {
      name: 'InvalidRequestError',
      message: /^query\.window must be/,
    });
  });
});

async function pageOf({ workflow }: Pick<ReturnType<typeof fleetOf>, 'workflow'>): Promise<string> {
  const { currentDetails = '' } = await workflow.query<{ currentDetails?: string }, []>(
    '__temporal_workflow_metadata',
  );
  return currentDetails;
}
