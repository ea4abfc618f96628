// Calls that wait at the server, where no worker remembers them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RecoveryPluginOptions } from 'temporal-recovery';
import { InvalidRequestError, RecoveryClient, type WaitingCall } from 'temporal-recovery/client';
import { cliOf } from '../cli/command-line.js';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../never-worse/workflows.js');

describe('calls that wait', { concurrency: true }, () => {
  const get = useHarness('waiting', (h) => h.startWorker({ workflowsPath }));

  /** Workflows with one call each, on a worker that can be replaced by one that knows nothing. */
  const stage = async (name: string, count: number, options: RecoveryPluginOptions, fails = false) => {
    const h = get();
    const taskQueue = h.id(name);
    let calls = 0;
    const start = () =>
      h.startWorker({
        ...{ taskQueue, workflowsPath },
        activities: {
          async push() {
            calls++;
            if (fails) throw new Error('down');
          },
        },
        plugins: [h.plugin({ patience: undefined, ...options })],
      });
    let worker = await start();
    const handles = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        h.client.workflow.start('one', {
          ...{ taskQueue, workflowId: `${taskQueue}-${at}` },
          args: ['push', { startToCloseTimeout: '5s', retry: { initialInterval: '1s' } }],
        }),
      ),
    );
    return {
      ...{ handles, query: `TaskQueue = '${taskQueue}'` },
      calls: () => calls,
      async replaceWorker() {
        await worker.stop();
        worker = await start();
      },
    };
  };

  test('a limit that is raised when all workers are new: waiting wake lets the calls go on', async () => {
    const h = get();
    const breaker = h.id('api');
    const { handles, query, calls, replaceWorker } = await stage('raised', 6, {
      ...{ breaker, limits: { [breaker]: { calls: 2, per: '1 hour' } } },
    });
    const { recovery } = h;
    // Most of the hour.
    const isLong = ({ nextAttemptAt }: WaitingCall) => Number(nextAttemptAt) > Date.now() + 600_000;
    await eventually(async () => (await recovery.waiting.list({ query })).filter(isLong).length === 4);
    assert.equal(calls(), 2);
    await replaceWorker();
    const { run, json } = cliOf(h);
    const shown = await json<WaitingCall[]>(['waiting', 'list', breaker, '--query', query]);
    assert.equal(shown.answer.length, 4, shown.stderr);
    const [first] = shown.answer;
    assert.equal(first?.breaker, breaker);
    assert.equal(first?.activityType, 'push');
    assert.match(first?.why ?? '', /^Limit of ".*", 2 calls per hour: not called yet/);
    const table = await run(['waiting', 'list', breaker, '--query', query]);
    assert.match(table.stdout, /^NEXT +NAME +ACTIVITY +WORKFLOW +WHY\nin \d+[mh] +/);
    await recovery.limits.get(breaker).set({ calls: 100, per: '1 hour' });
    const unasked = await run(['waiting', 'wake', breaker, '--query', query]);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /Wake all calls that wait for ".*-api"\?.*--yes/);
    const woken = await json<{ woken: number }>(['waiting', 'wake', breaker, '--query', query, '--yes']);
    assert.deepEqual(woken.answer, { woken: 4 });
    await Promise.all(handles.map((handle) => handle.result()));
    assert.equal(calls(), 6);
    assert.deepEqual(await recovery.waiting.list({ query }), []);
    assert.equal(await recovery.waiting.wake({ query }), 0);
  });

  test('of an open breaker: by its name; a call that is only tried again is none', async () => {
    const h = get();
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const [breaker, other] = [h.id('open'), h.id('other')];
    await recovery.breakers.get(breaker).forceOpen();
    // The worker asks for its state when it is first used.
    const { query } = await stage('open', 1, { breaker }, true);
    const retried = await stage('retried', 1, { breaker: other }, true);
    const [call] = await eventually(async () => {
      const found = await recovery.waiting.list({ name: breaker });
      return found.length > 0 && found;
    });
    assert.match(call?.why ?? '', /is forced open: not called/);
    assert.equal((await recovery.waiting.list({ query })).length, 1);
    assert.deepEqual(await recovery.waiting.list({ query, name: other }), []);
    await eventually(() => retried.calls() > 0);
    assert.deepEqual(await recovery.waiting.list({ query: retried.query }), []);
    // What stands in its way rejects it again.
    assert.equal(await recovery.waiting.wake({ name: breaker, query }), 1);
    await eventually(async () => {
      const [again] = await recovery.waiting.list({ query });
      return again !== undefined && again.why !== call?.why;
    });
    await recovery.breakers.get(breaker).reset();
  });

  test('bad input names the field and the value', async () => {
    const { waiting } = get().recovery;
    const rejects = (request: Promise<unknown>, message: RegExp) =>
      assert.rejects(request, (error) => error instanceof InvalidRequestError && message.test(error.message));
    await rejects(waiting.list({ limit: 0 }), /^limit must be a whole number from 1; got 0$/);
    await rejects(waiting.list({ name: '' }), /^name must be a text that is not empty; got ""$/);
    await rejects(waiting.wake({ query: 7 as never }), /^query must be a text that is not empty; got 7$/);
  });
});
