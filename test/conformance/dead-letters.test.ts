// What APILinker's dead-letter queue does, case by case, and what ours does instead where the cases say so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createErrorHandler, DeadLetterQueue, ErrorAnalytics, ErrorRecoveryManager } from 'temporal-recovery';
import { DeadLetterClosedError, DeadLetterNotFoundError, RecoveryClient } from 'temporal-recovery/client';
import { ApiLinkerError } from '../../common/errors/index.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import cases from './apilinker-cases.json';

describe('dead letters, as in APILinker', () => {
  let down = true;
  const done: unknown[] = [];
  const activities = {
    async redo(payload: unknown) {
      if (down) throw Object.assign(new Error('unavailable'), { status: 503 });
      done.push(payload);
      return { did: payload };
    },
  };
  const get = useHarness('conformance', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ maxRetries: 0 })] }),
  );
  /** One queue a test, so that lists hold only its own. */
  const queue = (name: string) => {
    const h = get();
    return new DeadLetterQueue(h.client, {
      queue: h.id(name),
      activity: 'redo',
      activityTaskQueue: h.taskQueue,
      taskQueue: h.recoveryTaskQueue,
    });
  };
  const error = (errorCategory: 'CLIENT' | 'AUTH' = 'CLIENT', correlationId?: string) =>
    new ApiLinkerError('failed', { errorCategory, correlationId });
  const three = async (name: string) => {
    const made = queue(name);
    const ids = [];
    for (const payload of [1, 2, 3]) ids.push(await made.addItem(error(), payload));
    await eventually(async () => (await made.getItems()).length === 3);
    return { made, ids };
  };

  const checks: Readonly<Record<string, () => Promise<void>>> = {
    'dlq-01': async () => {
      const id = await queue('one').addItem(error('CLIENT', 'cid'), 1, { operationType: 'op' });
      assert.match(id, new RegExp(`^dead-letter/${get().id('one')}/CLIENT/op/redo/[0-9a-f-]{36}/0$`));
    },
    'dlq-02': async () => {
      const made = queue('two');
      const ids = await Promise.all([made.addItem(error('AUTH'), 1), made.addItem(error('AUTH'), 1)]);
      assert.equal(new Set(ids).size, 2);
    },
    'dlq-03': async () => {
      const id = await queue('three').addItem(error(), { a: 1 }, { note: 'n' });
      const { record, args } = await get().recovery.deadLetters.get(id).describe();
      for (const key of ['id', 'createdAt', 'error', 'origin', 'call', 'attempts', 'metadata']) {
        assert.ok(key in record, key);
      }
      assert.deepEqual(args, [{ a: 1 }]);
      assert.deepEqual(record.metadata, { note: 'n' });
    },
    'dlq-04': async () => {
      const made = queue('four');
      await Promise.all([made.addItem(error(), 'first'), made.addItem(error(), 'second')]);
      await eventually(async () => (await made.getItems()).length === 2);
    },
    'dlq-08': async () => {
      const { made } = await three('eight');
      assert.equal((await made.getItems({ limit: 0 })).length, 0);
      assert.equal((await made.getItems({ limit: 2 })).length, 2);
    },
    'dlq-09': async () => {
      const { made } = await three('nine');
      assert.equal((await made.getItems({ since: '2999-01-01T00:00:00Z' })).length, 0);
      assert.equal((await made.getItems({ since: '1999-01-01T00:00:00+14:00' })).length, 3);
    },
    'dlq-10': async () => {
      const { made } = await three('ten');
      const h = get();
      // A letter that somebody started by hand, without anything a letter has.
      await h.client.workflow.start('deadLetter', {
        workflowId: h.id('unreadable'),
        taskQueue: h.id('nobody'),
        args: ['nonsense'],
        searchAttributes: { RecoveryQueue: [h.id('ten')] },
      });
      const items = await eventually(async () => {
        const found = await made.getItems();
        return found.length === 4 && found;
      });
      assert.equal(items.filter(({ message }) => message === 'failed').length, 3);
    },
    'dlq-11': async () => {
      const made = queue('eleven');
      const id = await made.addItem(error(), { n: 11 });
      down = false;
      assert.deepEqual(await made.retryItem(id, { by: 'ada' }), {
        success: true,
        result: { did: { n: 11 } },
      });
      down = true;
      const [item] = await eventually(async () => {
        const found = await made.getItems();
        return found[0]?.status === 'REPLAYED' && found;
      });
      assert.equal(item?.id, id);
    },
    'dlq-12': async () => {
      const made = queue('twelve');
      const id = await made.addItem(error('CLIENT', 'a'), 1);
      const { success, error: failed } = await made.retryItem(id);
      assert.equal(success, false);
      const { errorCategory, statusCode, correlationId, operationId, message } = failed ?? {};
      assert.deepEqual(
        [errorCategory, statusCode, correlationId, operationId, message],
        ['SERVER', 503, 'a', `dlq_retry_${id}`, 'unavailable'],
      );
      const { status, story } = await get().recovery.deadLetters.get(id).describe();
      assert.equal(status, 'WAITING');
      assert.deepEqual(
        story.map(({ event, status: code }) => [event, code]),
        [
          ['dead-lettered', undefined],
          ['replay-started', undefined],
          ['replay-failed', 503],
        ],
      );
    },
    'dlq-13': async () => {
      await assert.rejects(queue('x').retryItem('nope'), DeadLetterNotFoundError);
    },
    'dlq-15': async () => {
      const h = get();
      const id = h.id('broken');
      const handle = await h.client.workflow.start('deadLetter', {
        workflowId: id,
        taskQueue: h.recoveryTaskQueue,
        args: ['nonsense'],
      });
      await assert.rejects(handle.result(), ({ cause }: Error) =>
        /not the record of a dead letter/.test(`${cause}`),
      );
      await assert.rejects(queue('x').retryItem(id), DeadLetterClosedError);
    },
    'dlq-16': async () => {
      const payload = { when: new Date(0).toISOString(), t: [1, 2], '3': 'k' };
      const made = queue('sixteen');
      const id = await made.addItem(error(), payload);
      down = false;
      await made.retryItem(id);
      down = true;
      assert.deepEqual(done.at(-1), payload);
    },
    'dlq-17': async () => {
      const made = queue('seventeen');
      await assert.rejects(made.addItem(error(), { big: 1n }), /BigInt|convert/);
      assert.deepEqual(await made.getItems(), []);
    },
    'dlq-19': async () => {
      const h = get();
      const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
        workflowId: h.id('nineteen'),
        taskQueue: h.taskQueue,
        args: ['redo', [{ p: 1 }]],
      });
      const { record, args } = await h.recovery.deadLetters.get(seen.deadLetterId ?? '').describe();
      assert.deepEqual(args, [{ p: 1 }]);
      assert.equal(record.operation, 'redo');
      assert.equal(record.origin.workflowId, h.id('nineteen'));
    },
    'dlq-20': async () => {
      // No directory, and nothing at all before the first item.
      assert.deepEqual(await queue('twenty').getItems(), []);
    },
    'fac-01': async () => {
      const h = get();
      const handler = createErrorHandler(h.client, {
        queue: h.id('factory'),
        activity: 'redo',
        activityTaskQueue: h.taskQueue,
        taskQueue: h.recoveryTaskQueue,
      });
      assert.ok(handler.deadLetterQueue instanceof DeadLetterQueue);
      assert.ok(handler.errorRecoveryManager instanceof ErrorRecoveryManager);
      assert.ok(handler.errorAnalytics instanceof ErrorAnalytics);
      const { error: failed } = await handler.errorRecoveryManager.handleError(error(), () => 1, {
        operationType: 'op',
        payload: { p: 1 },
      });
      assert.equal(handler.errorAnalytics.getSummary().totalErrors, 1);
      const { record, args } = await h.recovery.deadLetters
        .get(String(failed?.additionalContext.dlqId))
        .describe();
      assert.deepEqual([args, record.operation], [[{ p: 1 }], 'op']);
    },
  };

  test('items are found by correlation id, and so are letters in lists, counts, groups and redrives', async () => {
    const h = get();
    const made = queue('correlated');
    const [first] = await Promise.all([
      made.addItem(error('AUTH', 'sync-1'), 1),
      made.addItem(error('CLIENT', 'sync-2'), 2),
      made.addItem(error('CLIENT'), 3),
    ]);
    await eventually(async () => (await made.getItems()).length === 3);
    const found = await made.getItems({ correlationId: 'sync-1' });
    assert.deepEqual(
      found.map(({ id, correlationId }) => [id, correlationId]),
      [[first, 'sync-1']],
    );
    const { deadLetters } = h.recovery;
    const filter = { queue: h.id('correlated'), correlationId: 'sync-1' };
    assert.equal(await deadLetters.count(filter), 1);
    assert.equal(await deadLetters.count({ ...filter, since: new Date(Date.now() + 60_000) }), 0);
    assert.equal(await deadLetters.count({ ...filter, since: new Date(Date.now() - 60_000) }), 1);
    assert.equal(await deadLetters.count({ ...filter, category: 'CLIENT' }), 0);
    assert.equal((await deadLetters.groups(filter))[0]?.letters, 1);
    const redrive = await new RecoveryClient({
      ...{ client: h.client, taskQueue: h.recoveryTaskQueue },
    }).redrives.start({ action: 'discard', filter });
    const report = await redrive.result();
    assert.deepEqual(
      report.outcomes.map(({ id, outcome }) => [id, outcome]),
      [[first, 'DISCARDED']],
    );
    const closed = await eventually(async () => {
      const items = await made.getItems({ correlationId: 'sync-1', status: 'DISCARDED' });
      return items.length === 1 && items;
    });
    assert.equal(closed[0]?.id, first);
    await assert.rejects(
      deadLetters.list({ correlationId: '' }),
      /correlationId must be a string that is not/,
    );
  });

  test('the correlation id of the error given to handleError is that of its dead letter', async () => {
    const h = get();
    const dlq = queue('handled');
    const manager = new ErrorRecoveryManager({ dlq, sleep: async () => {}, log: () => {} });
    const operation = () => Promise.reject(Object.assign(new Error('down'), { status: 503 }));
    const given = new ApiLinkerError('down', { errorCategory: 'NETWORK', correlationId: 'sync-9' });
    await manager.handleError(given, operation, { operationType: 'op', payload: 1 });
    const [item] = await eventually(async () => {
      const items = await dlq.getItems({ correlationId: 'sync-9' });
      return items.length > 0 && items;
    });
    const { record } = await h.recovery.deadLetters.get(item?.id ?? '').describe();
    assert.equal(record.error.correlationId, 'sync-9');
    assert.equal(record.error.operationId, 'op_retry_4');
  });

  test('items have error, payload and metadata where they are asked for', async () => {
    const made = queue('detailed');
    const payload = { sku: 'A-1', nested: [1, null] };
    const failure = new ApiLinkerError('failed', { timestamp: '2020-01-01T00:00:00.000Z', statusCode: 404 });
    await made.addItem(failure, payload, { operationType: 'op', note: 'n' });
    const h = get();
    await h.client.workflow.start('deadLetter', {
      ...{ workflowId: h.id('nonsense'), taskQueue: h.id('nobody'), args: ['nonsense'] },
      searchAttributes: { RecoveryQueue: [h.id('detailed')] },
    });
    await eventually(async () => (await made.getItems()).length === 2);
    for (const item of await made.getItems()) assert.ok(!('payload' in item) && !('metadata' in item));
    const items = await made.getItems({ withDetails: true });
    const good = items.find(({ message }) => message === 'failed');
    assert.deepEqual(good?.payload, payload);
    assert.deepEqual(good?.metadata, { operationType: 'op', note: 'n' });
    assert.equal(good?.error?.statusCode, 404);
    // When it happened, not when it was kept.
    assert.equal(good?.error?.timestamp, '2020-01-01T00:00:00.000Z');
    const unreadable = items.find(({ message }) => message === undefined);
    assert.deepEqual([unreadable?.id, unreadable?.payload], [h.id('nonsense'), undefined]);
  });

  test('a retry that an open circuit breaker rejects is of category SERVER, with the name of the breaker', async () => {
    const h = get();
    const [taskQueue, recoveryTaskQueue, breaker] = [h.id('guarded'), h.id('guarded-rec'), h.id('crm')];
    await h.startWorker({
      ...{ taskQueue, workflowsPath, activities },
      plugins: [h.plugin({ taskQueue: recoveryTaskQueue, breaker, breakers: { [breaker]: {} } })],
    });
    // Its worker makes it when it starts; an order before that would make it on another task queue.
    await eventually(() => h.recovery.breakers.get(breaker).exists());
    await h.recovery.breakers.get(breaker).forceOpen({ by: 'test' });
    const made = new DeadLetterQueue(h.client, {
      ...{ queue: h.id('guarded'), activity: 'redo', activityTaskQueue: taskQueue },
      taskQueue: recoveryTaskQueue,
    });
    // The worker learns of it a moment later.
    const rejected = await eventually(async () => {
      const { error: failed } = await made.retryItem(await made.addItem(error('CLIENT', 'sync-3'), 1));
      return failed?.additionalContext.circuitBreaker !== undefined && failed;
    });
    assert.deepEqual(
      [rejected.errorCategory, rejected.correlationId, rejected.additionalContext.circuitBreaker],
      ['SERVER', 'sync-3', breaker],
    );
  });

  test('an item that is added once is one item, also when it is closed', async () => {
    const made = queue('once');
    const add = (once: string) => made.addItem(error(), { n: 1 }, {}, { once });
    const ids = [await add('a'), await add('a'), await add('b')];
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
    assert.equal(made.itemId(error(), {}, 'a'), ids[0]);
    await get()
      .recovery.deadLetters.get(ids[0] ?? '')
      .discard();
    assert.equal(await add('a'), ids[0]);
    const items = await eventually(async () => {
      const found = await made.getItems({ status: 'WAITING' });
      return found.length === 1 && found;
    });
    assert.equal(items[0]?.id, ids[2]);
  });

  for (const { id, given, when } of cases.filter(({ area }) => ['dlq', 'factory'].includes(area))) {
    test(`${id}: ${given}; ${when}`, async () => {
      const check = checks[id];
      assert.ok(check, `no check for ${id}`);
      await check();
    });
  }
});
