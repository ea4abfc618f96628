// What workers, people and runs before send to the entity of a limit.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactor } from '../../common/errors/index.js';
import { LimitBook } from '../../common/limit/book.js';
import type { Limit } from '../../common/limit/limit.js';
import { readLeaseRequest } from '../../common/limit/messages.js';
import { parseLimitOrder } from '../../common/limit/orders.js';
import { LimitRules } from '../../common/limit/rules.js';
import {
  asLimitInput,
  type LimitWorkflowInput,
  limitInputProblem,
} from '../../common/limit/workflow-input.js';

const configuredAt = '2026-11-27T00:00:00.000Z';

function read(more: object, problems: string[] = []) {
  return readLeaseRequest({ v: 1, worker: 'w', configuredAt, keys: [], ...more }, problems);
}

describe('messages of a limit', () => {
  test('a lease request whose limit has no windows, or durations as text, is read as the limit it means', () => {
    const key = { key: '', asks: true, perSecond: 1, waiting: 0, running: 0, claimed: [] };
    for (const [limit, expected] of [
      [{ concurrency: 5 }, { windows: [], concurrency: 5 }],
      [{ windows: [{ calls: 3, perMs: '1s' }] }, { windows: [{ calls: 3, perMs: 1_000 }] }],
      [
        { windows: [{ calls: 3, perMs: 1_000, more: 'x'.repeat(1_000) }], more: 1 },
        { windows: [{ calls: 3, perMs: 1_000 }] },
      ],
    ]) {
      const request = read({ limit, keys: [{ ...key, more: 1 }], more: 1 });
      assert.deepEqual(request, { v: 1, worker: 'w', configuredAt, limit: expected, keys: [key] });
      const rules = new LimitRules({ limit: request.limit, configuredAt });
      assert.equal(new LimitBook(rules).lease(request, 1_700_000_000_000).keys.length, 1);
    }
  });

  test('a lease request that cannot be understood is refused with what is wrong', () => {
    const limit = { windows: [{ calls: 3, perMs: 1_000 }] };
    const claimed = Array.from({ length: 7 }, () => ({ calls: 1, perMs: 1_000 }));
    const key = { key: '', asks: true, perSecond: 1, waiting: 0, running: 0, claimed };
    for (const [more, expected] of [
      [{}, /expected at least one window/],
      [{ limit: null }, /expected at least one window/],
      [{ limit, keys: [key] }, /at most 6 shares/],
      [{ limit, worker: 5 }, /worker/],
    ] as const) {
      const problems: string[] = [];
      assert.equal(read(more, problems), undefined);
      assert.match(problems.join('; '), expected);
    }
  });

  test('the input of the workflow is read the same way', () => {
    const limit = { concurrency: 5 } as never;
    const change = { limit, since: 0, more: 1 };
    const input = {
      ...{ v: 1, name: 'crm', limit, configuredAt, more: 1 },
      ...{ changed: change, changedKeys: [['a', change]] },
    } as unknown as LimitWorkflowInput;
    assert.equal(limitInputProblem(input), undefined);
    const expected = { windows: [], concurrency: 5 };
    assert.deepEqual(asLimitInput(input), {
      ...{ v: 1, name: 'crm', limit: expected, configuredAt },
      ...{ changed: { limit: expected, since: 0 }, changedKeys: [['a', { limit: expected, since: 0 }]] },
    });
  });

  test('what accepted signals have set is never refused at the start of the next run', () => {
    const limit = { windows: [{ calls: 3, perMs: 1_000 }] };
    const rules = new LimitRules({ limit, configuredAt });
    const reason = 'password=a '.repeat(45);
    const wide = '\u4e2d'.repeat(200);
    for (let at = 0; at < 300; at++) {
      const key = at === 0 ? undefined : `${at}${wide}`.slice(0, 200);
      const order = {
        windows: [{ calls: 5, per: 1_500.5 }],
        by: wide.repeat(3),
        reason,
        key,
        expiresIn: '3650 days',
      };
      const parsed = parseLimitOrder('setLimit', order);
      const why = defaultRedactor.text(parsed.reason ?? '');
      assert.ok(why.length > 500);
      const since = 1_700_000_000_000;
      const change = { limit: parsed.limit as Limit, by: 'x'.repeat(5_000), why, since };
      rules.set(parsed.key, { ...change, expiresAt: since + (parsed.expiresInMs ?? 0) });
      rules.takeStated(key, { limit, since, expiresAt: since + 1 });
      rules.takeStated(key, {
        limit: { windows: [{ calls: 1, perMs: 1_000 }] },
        since,
        expiresAt: since + 1,
      });
    }
    const input = JSON.stringify({ v: 1, name: 'crm', ...rules.state });
    assert.equal(limitInputProblem(JSON.parse(input)), undefined);
    assert.ok(Buffer.byteLength(input) < 1_000_000, `${Buffer.byteLength(input)} bytes`);
    assert.deepEqual(new LimitRules(asLimitInput(JSON.parse(input))).shown, rules.shown);
  });
});
