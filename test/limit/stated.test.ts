import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { throttleOf } from '../../common/errors/throttle.js';
import { describeLimit, type Limit, readLimit, type Share } from '../../common/limit/limit.js';
import { LimitRules } from '../../common/limit/rules.js';
import { withinStated } from '../../common/limit/stated.js';

const second = { calls: 20, perMs: 1_000 };
const minute = { calls: 300, perMs: 60_000 };
const day = { calls: 10_000, perMs: 86_400_000 };

describe('the limit that a service states', () => {
  test('a lower window replaces the configured one, a new one is added, a higher one changes nothing', () => {
    const lower = (limit: Limit, ...stated: Share[]) => {
      const found = withinStated(limit, stated);
      return found && describeLimit(found);
    };
    assert.equal(lower({ windows: [second] }, { calls: 5, perMs: 1_000 }), '5 calls per second');
    assert.equal(lower({ windows: [second] }, minute), '20 calls per second, 300 calls per minute');
    assert.equal(lower({ windows: [second] }, { calls: 2_000, perMs: 60_000 }), undefined);
    assert.equal(lower({ windows: [second] }, second), undefined);
    assert.equal(
      lower({ windows: [second, day], concurrency: 3 }, { calls: 1, perMs: 1_000 }, minute),
      '1 call per second, 10,000 calls per day, 3 at the same time',
    );
    assert.equal(lower({ windows: [], concurrency: 3 }, minute), '300 calls per minute, 3 at the same time');
  });

  test('property: within every stated window, never above the limit, and stable', () => {
    const window = fc.record({
      calls: fc.integer({ min: 1, max: 1_000 }),
      perMs: fc.constantFrom(1_000, 10_000, 60_000, 3_600_000),
    });
    const most = ({ windows }: Limit, perMs: number) =>
      Math.min(...windows.map((each) => each.calls * Math.ceil(perMs / each.perMs)));
    fc.assert(
      fc.property(
        fc.uniqueArray(window, { minLength: 1, maxLength: 3, selector: ({ perMs }) => perMs }),
        fc.array(window, { minLength: 1, maxLength: 4 }),
        (windows, stated) => {
          const limit = readLimit(
            windows.map(({ calls, perMs }) => ({ calls, per: perMs })),
            '',
            [],
          ) as Limit;
          const lower = withinStated(limit, stated);
          const holds = lower ?? limit;
          for (const { calls, perMs } of stated) assert.ok(most(holds, perMs) <= calls);
          for (const { calls, perMs } of limit.windows) assert.ok(most(holds, perMs) <= calls);
          assert.equal(withinStated(holds, stated), undefined);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('what a person has set for the key, or for all, stays', () => {
    const rules = new LimitRules({ limit: { windows: [second] }, configuredAt: '2026-11-27T00:00:00.000Z' });
    assert.ok(rules.mayState(undefined));
    rules.set('a', { limit: { windows: [minute] }, since: 0, isStated: true });
    assert.ok(rules.mayState('a'));
    rules.set('b', { limit: { windows: [minute] }, by: 'ada', since: 0 });
    assert.ok(!rules.mayState('b'));
    rules.set(undefined, { limit: { windows: [minute] }, by: 'ada', since: 0 });
    assert.ok(!rules.mayState('c'));
    rules.clear(undefined, {}, 0);
    assert.ok(rules.mayState('c'));
  });

  test('policies in headers: old and new form, several, of other units', () => {
    const asked = (headers: object) =>
      throttleOf(
        Object.assign(new Error('429'), { status: 429, headers: { 'retry-after': '7', ...headers } }),
        { errorCategory: 'RATE_LIMIT', statusCode: 429 },
        0,
      );
    assert.deepEqual(asked({ 'ratelimit-policy': '"burst";q=100;w=60,"daily";q=1000;w=86400' }), {
      ...{ waitMs: 7_000, perSecond: 100 / 60 },
      stated: [
        { calls: 100, perMs: 60_000 },
        { calls: 1_000, perMs: 86_400_000 },
      ],
    });
    assert.deepEqual(asked({ 'ratelimit-limit': '10, 10;w=1, 50;w=60' })?.stated, [
      { calls: 10, perMs: 1_000 },
      { calls: 50, perMs: 60_000 },
    ]);
    assert.deepEqual(asked({ 'ratelimit-policy': '"size";q=5000;w=60;qu="content-bytes"' }), {
      waitMs: 7_000,
    });
    assert.deepEqual(asked({ 'ratelimit-policy': 'none', 'ratelimit-limit': '100' }), { waitMs: 7_000 });
  });
});
