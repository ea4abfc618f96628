import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DeadLetterClosedError,
  DeadLetterNotFoundError,
  InvalidRequestError,
  type ListOptions,
} from 'temporal-recovery/client';
import { eventually, type Harness, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const failing = (status: number) => async () => {
  throw Object.assign(new Error(`HTTP ${status}`), { status });
};

describe('RecoveryClient.deadLetters', () => {
  const get = useHarness('listing', setUp);
  /** Ids by name, oldest first: a is discarded, b resolved, c and d wait. */
  const ids: Record<string, string> = {};

  async function setUp(h: Harness): Promise<void> {
    const activities = { write: failing(422), read: failing(404) };
    await h.startWorker({ workflowsPath, activities });
    for (const [name, activity] of Object.entries({ a: 'write', b: 'read', c: 'write', d: 'read' })) {
      const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
        workflowId: h.id(name),
        taskQueue: h.taskQueue,
        args: [activity, []],
      });
      ids[name] = seen.deadLetterId ?? '';
    }
    const { deadLetters } = h.recovery;
    // Closed in the order that is not the order they were written in.
    await deadLetters.get(ids.b ?? '').resolve({ result: 1, by: 'test' });
    await deadLetters.get(ids.a ?? '').discard({ by: 'test' });
    await eventually(async () => {
      const all = await deadLetters.list({ queue: h.queue });
      return all.length === 4 && all.filter(({ status }) => status !== 'WAITING').length === 2;
    });
  }

  const listed = async (options: ListOptions) => {
    const letters = await get().recovery.deadLetters.list({ queue: get().queue, ...options });
    return letters.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id)).join('');
  };

  test('lists the newest first, whatever their state', async () => {
    assert.equal(await listed({}), 'dcba');
  });

  test('applies the filter before the limit', async () => {
    assert.equal(await listed({ limit: 3 }), 'dcb');
    assert.equal(await listed({ operation: 'write', limit: 1 }), 'c');
    assert.equal(await listed({ status: 'DISCARDED', limit: 1 }), 'a');
    assert.equal(await listed({ limit: 0 }), '');
  });

  test('filters by category, operation, status, group and time', async () => {
    assert.equal(await listed({ category: 'VALIDATION' }), 'ca');
    assert.equal(await listed({ category: 'CLIENT', status: 'WAITING' }), 'd');
    assert.equal(await listed({ status: 'RESOLVED' }), 'b');
    assert.equal(await listed({ open: false }), 'ba');
    assert.equal(await listed({ open: true }), 'dc');
    const [newest] = await get().recovery.deadLetters.list({ queue: get().queue, limit: 1 });
    assert.equal(await listed({ group: newest?.group }), 'db');
    assert.equal(await listed({ since: newest?.createdAt }), 'd');
    assert.equal(await listed({ since: '2999-01-01T00:00:00Z' }), '');
    assert.equal(await listed({ since: '1999-01-01T00:00:00Z' }), 'dcba');
  });

  test('counts', async () => {
    const { deadLetters } = get().recovery;
    assert.equal(await deadLetters.count({ queue: get().queue }), 4);
    assert.equal(await deadLetters.count({ queue: get().queue, operation: 'read' }), 2);
    assert.equal(await deadLetters.count({ queue: "no ' such \\ queue" }), 0);
  });

  test('a bad filter names field, value and what is allowed', async () => {
    const { deadLetters } = get().recovery;
    const bad: [object, RegExp][] = [
      [{ colour: 'red' }, /unknown field "colour"; known are queue/],
      [{ category: 'BAD' }, /category must be one of NETWORK.*got "BAD"/],
      [{ status: 'waiting' }, /status must be one of WAITING.*got "waiting"/],
      [{ since: 'yesterday' }, /since must be a Date.*got "yesterday"/],
      [{ limit: -1 }, /limit must be a whole number from 0; got -1/],
      [{ open: 'yes' }, /open must be true or false; got "yes"/],
      [{ queue: '' }, /queue must be a string that is not empty/],
    ];
    for (const [filter, message] of bad) {
      await assert.rejects(deadLetters.list(filter as ListOptions), (error: Error) => {
        assert.ok(error instanceof InvalidRequestError);
        assert.match(error.message, message);
        return true;
      });
    }
  });

  test('an unknown id, a closed letter and a bad request are errors of their own', async () => {
    const { deadLetters } = get().recovery;
    await assert.rejects(deadLetters.get('dead-letter/nobody').describe(), DeadLetterNotFoundError);
    await assert.rejects(deadLetters.get('dead-letter/nobody').replay(), DeadLetterNotFoundError);
    await assert.rejects(deadLetters.get(ids.a ?? '').replay(), (error: unknown) => {
      assert.ok(error instanceof DeadLetterClosedError);
      assert.equal(error.status, 'DISCARDED');
      return true;
    });
    await assert.rejects(deadLetters.get(ids.c ?? '').replay({ args: 1 } as never), InvalidRequestError);
    assert.throws(() => deadLetters.get(''), InvalidRequestError);
  });
});
