import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DeadLetterHandle } from 'temporal-recovery/client';
import type { GuardedProcess } from '../../examples/temporal-server/guarded-process.js';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';
import { startForeignWorker } from './foreign-worker.js';

/** What the activity `sendOrder` of each language's worker fails with. */
interface Order {
  readonly id: string;
  readonly message: string;
  readonly type?: string;
  readonly details?: readonly unknown[];
}

interface Classified {
  readonly by: string;
  readonly order: Omit<Order, 'id'>;
  readonly category: string;
  readonly status?: number;
}

const CASES: readonly Classified[] = [
  {
    by: 'a status in the details',
    order: { message: 'refused', details: [{ status: 404 }] },
    category: 'CLIENT',
    status: 404,
  },
  {
    by: 'a status in a later detail, under another name',
    order: { message: 'refused', details: ['x', { status_code: 503 }] },
    category: 'SERVER',
    status: 503,
  },
  {
    by: 'a code that is an HTTP status',
    order: { message: 'refused', details: [{ code: 429 }] },
    category: 'RATE_LIMIT',
    status: 429,
  },
  { by: 'its type', order: { message: 'no name', type: 'ValidationError' }, category: 'VALIDATION' },
  {
    by: 'its message',
    order: { message: 'HTTP Error 502: Bad Gateway' },
    category: 'SERVER',
    status: 502,
  },
  {
    by: 'the words of a client',
    order: { message: 'dial tcp 127.0.0.1:1: connect: connection refused' },
    category: 'NETWORK',
  },
];

/**
 * Tests of TypeScript workflows with the plugin that call an activity worker of another language.
 * @param build makes the worker ready and returns its command
 */
export function testOrders(language: string, build: () => Promise<[string, ...string[]]>): void {
  const folder = mkdtempSync(join(tmpdir(), `${language}-worker-`));
  let worker: GuardedProcess | undefined;
  const get = useHarness(language, async (h) => {
    const command = await build();
    worker = await startForeignWorker(h, command, ordersQueue(h), { ORDERS_FOLDER: folder });
    await h.startWorker({ workflowsPath: require.resolve('./workflows.js') });
  });
  after(() => worker?.stop());

  const ordersQueue = ({ taskQueue }: { taskQueue: string }) => `${taskQueue}-${language}`;
  const mend = (id: string) => writeFileSync(join(folder, id), '');
  const attemptsOf = (id: string) => readFileSync(join(folder, `${id}.attempts`), 'utf8').length;

  const start = (workflow: 'callOne' | 'recoverCall', order: Order, options: object) =>
    get().client.workflow.start(workflow, {
      workflowId: get().id(order.id),
      taskQueue: get().taskQueue,
      args: ['sendOrder', [order], { taskQueue: ordersQueue(get()), ...options }],
    });
  /** The letter of a call that fails for good. */
  const letterOf = async (order: Order, options: object = { retry: { maximumAttempts: 1 } }) => {
    const seen = (await (await start('callOne', order, options)).result()) as Seen;
    assert.ok(seen.deadLetterId, JSON.stringify(seen));
    return get().recovery.deadLetters.get(seen.deadLetterId);
  };
  const replay = async (letter: DeadLetterHandle) => (await letter.replay({ by: 'ada' })).outcome;

  for (const [n, { by, order, category, status }] of CASES.entries()) {
    test(`a failure is dead-lettered, and classified by ${by}`, async () => {
      const letter = await letterOf({ id: `case-${n}`, ...order });
      const { error, call } = (await letter.describe()).record;
      assert.deepEqual([error.errorCategory, error.statusCode], [category, status]);
      assert.equal(call.taskQueue, ordersQueue(get()));
    });
  }

  test('a replay runs the activity again, in its language', async () => {
    const letter = await letterOf({ id: 'replayed', message: 'refused', details: [{ status: 422 }] });
    assert.equal(await replay(letter), 'FAILED');
    assert.equal((await letter.describe()).status, 'WAITING');
    mend('replayed');
    assert.equal(await replay(letter), 'REPLAYED');
    const { result } = (await get().client.workflow.getHandle(letter.id).result()) as { result: unknown };
    assert.equal(result, 'sent replayed');
  });

  test('a parked call gets the result of the replay', async () => {
    const order = { id: 'parked', message: 'refused', details: [{ status: 422 }] };
    const options = { retry: { maximumAttempts: 1 }, recovery: { onExhausted: 'park' } };
    const caller = await start('recoverCall', order, options);
    const [{ id }] = await eventually(async () => {
      const found = await get().recovery.deadLetters.list({ queue: get().queue, status: 'WAITING' });
      const parked = found.filter(({ originWorkflowId }) => originWorkflowId === caller.workflowId);
      return parked.length > 0 && (parked as [(typeof parked)[number]]);
    });
    mend('parked');
    assert.equal(await replay(get().recovery.deadLetters.get(id)), 'REPLAYED');
    assert.deepEqual(await caller.result(), { result: 'sent parked' });
  });

  test('the limits of the call end it: attempts, or time if there is no limit of attempts', async () => {
    const retry = { maximumAttempts: 3, initialInterval: '10ms', maximumInterval: '10ms' };
    const order = { message: 'refused', details: [{ status: 503 }] };
    await letterOf({ id: 'attempts', ...order }, { retry });
    assert.equal(attemptsOf('attempts'), 3);
    const letter = await letterOf({ id: 'time', ...order }, { scheduleToCloseTimeout: '4s' });
    assert.ok(attemptsOf('time') > 1);
    assert.equal((await letter.describe()).record.error.errorCategory, 'SERVER');
  });
}
