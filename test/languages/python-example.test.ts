import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import type { BreakerSummary, DeadLetterSummary } from 'temporal-recovery/client';
import { groupFingerprint } from '../../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import type { GuardedProcess } from '../../examples/temporal-server/guarded-process.js';
import { cliOf } from '../cli/command-line.js';
import { schemaProblem } from '../protocol/schemas.js';
import { eventually, type Harness, useHarness } from '../support/harness.js';
import { startForeignWorker } from './foreign-worker.js';
import { installPythonSdk, python, skipPython } from './python.js';

const WORKER = resolve(__dirname, '../../../examples/python-worker/worker.py');
/** A breaker that has just opened is not known to each worker yet. */
const KNOWN_AFTER_MS = 2_000;

const READERS = ['a', 'b', 'c', 'd', 'e'];

/** An API of orders that counts the calls for each of them. */
function ordersApi() {
  const calls = new Map<string, number>();
  const statuses = new Map<string, number>();
  const api = { url: '', calls, statuses, isDown: false };
  const server = createServer((request, response) => {
    const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    calls.set(id, (calls.get(id) ?? 0) + 1);
    response.writeHead(api.isDown ? 503 : (statuses.get(id) ?? 200)).end();
    request.resume();
  });
  const start = async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return Object.assign(api, { start, stop });
}

describe('the Python worker of the examples', { skip: skipPython }, () => {
  const api = ordersApi();
  let worker: GuardedProcess | undefined;
  const breakerOf = ({ id }: Harness) => id('orders-api');
  const pythonQueue = ({ taskQueue }: Harness) => `${taskQueue}-python`;
  const get = useHarness('python-example', async (h) => {
    await installPythonSdk();
    await api.start();
    worker = await startForeignWorker(h, [python, WORKER], pythonQueue(h), {
      RECOVERY_TASK_QUEUE: h.recoveryTaskQueue,
      QUEUE: h.queue,
      BREAKER: breakerOf(h),
      ORDERS_URL: api.url,
    });
    await h.startWorker({
      workflowsPath: require.resolve('./workflows.js'),
      activities: {
        async readOrder(id: string) {
          const { ok, status } = await fetch(`${api.url}/orders/${id}`);
          if (!ok) throw Object.assign(new Error('refused'), { status });
        },
      },
      plugins: [
        h.plugin({
          breaker: breakerOf(h),
          // As the worker in Python has them.
          breakers: { [breakerOf(h)]: { failureRate: false, openTime: '10s' } },
        }),
      ],
    });
  });
  after(async () => {
    await worker?.stop();
    api.stop();
  });

  const fulfil = (id: string) =>
    get().client.workflow.start('fulfil', {
      workflowId: get().id(id),
      taskQueue: pythonQueue(get()),
      args: [{ id }],
    });
  const call = (activity: string, args: unknown[], taskQueue: string) =>
    get().client.workflow.start('callOne', {
      workflowId: get().id(`${activity}-${Math.random()}`),
      taskQueue: get().taskQueue,
      args: [activity, args, { taskQueue }],
    });
  const breaker = () => get().recovery.breakers.get(breakerOf(get()));
  /** Whether the circuit breaker has rejected the last attempt of a workflow's activity. */
  const isRejected = async (workflowId: string) => {
    const { raw } = await get().client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.[0]?.lastFailure?.applicationFailureInfo?.type === 'CircuitOpen';
  };

  test('a letter of a Python workflow is shown by the command line, and replayed', async () => {
    const order = `order-${'ü😀'.repeat(30)}`;
    api.statuses.set(order, 422);
    await assert.rejects((await fulfil(order)).result());
    const [listed] = await eventually(async () => {
      const args = ['dlq', 'list', '--queue', get().queue];
      const { answer } = await cliOf(get()).json<DeadLetterSummary[]>(args);
      return answer.length > 0 && answer;
    });
    assert.ok(listed);
    const { id, status, category, statusCode } = listed;
    assert.deepEqual(
      [status, category, statusCode, listed.message],
      ['WAITING', 'VALIDATION', 422, 'HTTP 422'],
    );
    const letter = get().recovery.deadLetters.get(id);
    const { record } = await letter.describe();
    assert.equal(schemaProblem('dead-letter-record', record), undefined);
    assert.equal(id, deadLetterWorkflowId(record.origin, 'sendOrder'));
    assert.equal(record.group, groupFingerprint('sendOrder', record.error));
    const { stdout } = await cliOf(get()).run(['dlq', 'show', id]);
    assert.match(stdout, /HTTP 422/);

    api.statuses.delete(order);
    const replayed = await cliOf(get()).run(['dlq', 'replay', id, '--yes']);
    assert.equal(replayed.code, 0, replayed.stderr);
    assert.equal(api.calls.get(order), 2);

    // The activity that starts the letter may run twice.
    const { activityType, origin, error } = record;
    const { errorType, errorCategory, message } = error;
    const failed = {
      activityType,
      taskQueue: pythonQueue(get()),
      origin,
      errorType,
      category: errorCategory,
    };
    const again = await call('leaveLetter', [{ ...failed, message }, [{ id: order }]], pythonQueue(get()));
    assert.deepEqual(await again.result(), { result: id });
    assert.equal((await letter.describe()).status, 'REPLAYED');
  });

  test('five failures open the breaker of all workers, no call is made while it is open, and a trial closes it', async () => {
    api.isDown = true;
    const orders = ['o1', 'o2', 'o3', 'o4', 'o5'];
    const fulfilled = await Promise.all(orders.map(fulfil));
    const opened = await eventually(async () => {
      const state = await breaker().describe();
      return state.status === 'OPEN' && state;
    });
    assert.match(opened.why ?? '', /5/);
    // Its settings are those of the workers in TypeScript.
    assert.equal(opened.conflictAt, undefined);
    const { answer } = await eventually(async () => {
      const found = await cliOf(get()).json<BreakerSummary[]>(['breaker', 'list']);
      return found.answer.some(({ name }) => name === breakerOf(get())) && found;
    });
    assert.ok(answer.length > 0);

    let tried = 0;
    const whileOpen = await eventually(async () => {
      const before = await breaker().describe();
      if (before.status !== 'OPEN' || Date.now() - Date.parse(before.since) < KNOWN_AFTER_MS) return false;
      const id = `fresh-${tried++}`;
      const inPython = await fulfil(id);
      fulfilled.push(inPython);
      // Workers in TypeScript let one fresh call after the other try.
      const names = READERS.map((reader) => `${id}-${reader}`);
      const readers = await Promise.all(names.map((name) => call('readOrder', [name], get().taskQueue)));
      const rejected = await eventually(async () => {
        if ((await breaker().describe()).epoch !== before.epoch) return { calls: undefined };
        const isReaderRejected = await Promise.all(readers.map(({ workflowId }) => isRejected(workflowId)));
        const reader = names[isReaderRejected.indexOf(true)];
        const areBothRejected = reader !== undefined && (await isRejected(inPython.workflowId));
        return areBothRejected && { calls: [api.calls.get(id), api.calls.get(reader)] };
      });
      await Promise.all(readers.map((reader) => reader.terminate()));
      return (await breaker().describe()).epoch === before.epoch && rejected;
    });
    assert.deepEqual(whileOpen.calls, [undefined, undefined]);

    // Only the worker in Python has calls now, so the trial is its own.
    api.isDown = false;
    for (const each of fulfilled) assert.match(await each.result(), /^sent (o|fresh-)\d: 200$/);
    const { status, transitions, conflictAt } = await breaker().describe();
    assert.equal(status, 'CLOSED');
    assert.equal(transitions.at(-1)?.reason.cause, 'trials-succeeded');
    assert.equal(conflictAt, undefined);
  });

  test('an order to the breaker holds for it too', async () => {
    await breaker().forceOpen({ by: 'ada', expiresIn: '5s' });
    await new Promise((resolve) => setTimeout(resolve, KNOWN_AFTER_MS));
    const order = await fulfil('forced');
    await eventually(() => isRejected(order.workflowId));
    assert.equal(api.calls.get('forced'), undefined);
    assert.equal(await order.result(), 'sent forced: 200');
  });
});
