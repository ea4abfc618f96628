import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { throttleOf } from '../../common/errors/throttle.js';
import { describeLimit, type Limit, readLimit, type Share } from '../../common/limit/limit.js';
import { limitDetails } from '../../common/limit/markdown.js';
import { LimitRules } from '../../common/limit/rules.js';
import { lowerWindows, withinStated } from '../../common/limit/stated.js';
import { OnceIn } from '../../worker/limit/once-in.js';

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

  const configuredAt = '2026-11-27T00:00:00.000Z';
  const perSecond = (calls: number): Limit => ({ windows: [{ calls, perMs: 1_000 }] });
  const states = (rules: LimitRules, calls: number, key?: string, expiresAt = 1_000) =>
    rules.takeStated(key, { limit: perSecond(calls), since: 0, expiresAt });

  test('what a person has set for the key, or for all, is law', () => {
    const rules = new LimitRules({ limit: perSecond(10), configuredAt });
    states(rules, 8, 'a');
    assert.deepEqual([rules.of('a'), rules.of('b')], [perSecond(8), perSecond(10)]);
    rules.set(undefined, { limit: perSecond(1), by: 'ada', since: 0 });
    assert.deepEqual([rules.of('a'), rules.of('b')], [perSecond(1), perSecond(1)]);
    assert.deepEqual([...rules.keysChanged.keys()], []);
    rules.set('a', { limit: perSecond(40), by: 'ada', since: 0 });
    assert.deepEqual([rules.of('a'), rules.of('b')], [perSecond(40), perSecond(1)]);
    rules.clear('a', { why: 'expired' }, 0);
    rules.clear(undefined, {}, 0);
    assert.deepEqual(rules.of('a'), perSecond(8));
    rules.clear('a', { by: 'ada' }, 0);
    assert.deepEqual(rules.of('a'), perSecond(10));
  });

  test('a lower limit that is configured meanwhile holds, and a higher one does not', () => {
    const rules = new LimitRules({ limit: perSecond(10), configuredAt });
    states(rules, 8);
    states(rules, 7, 'a');
    assert.deepEqual([rules.ofAll, rules.of('a'), rules.of('b')], [perSecond(8), perSecond(7), perSecond(8)]);
    rules.configure(perSecond(5), '2026-11-27T01:00:00.000Z', 0);
    assert.deepEqual([rules.ofAll, rules.of('a')], [perSecond(5), perSecond(5)]);
    rules.configure(perSecond(50), '2026-11-27T02:00:00.000Z', 0);
    assert.deepEqual([rules.ofAll, rules.of('a')], [perSecond(8), perSecond(7)]);
    assert.ok(rules.nextEnd === 1_000 && !rules.hasChanges);
    assert.ok(rules.tick(1_000));
    assert.deepEqual([rules.ofAll, rules.of('a')], [perSecond(50), perSecond(50)]);
  });

  test('what all workers state changes something once, and no line of what people have changed', () => {
    const rules = new LimitRules({ limit: perSecond(10), configuredAt });
    rules.set('b', { limit: perSecond(3), by: 'ada', since: 0 });
    assert.ok(states(rules, 8));
    for (let worker = 0; worker < 30; worker++) assert.ok(!states(rules, 8));
    assert.ok(!states(rules, 9, 'a'));
    assert.ok(states(rules, 6, 'a'));
    assert.equal(rules.shown.changes.length, 1);
    assert.equal(rules.shown.stated.length, 2);
    const again = new LimitRules(JSON.parse(JSON.stringify(rules.state)));
    assert.deepEqual(again.shown, rules.shown);
    assert.deepEqual(again.of('a'), perSecond(6));
    assert.match(
      limitDetails(
        { name: 'crm', ...again.shown, workers: 0, keys: [] },
        { namespace: 'default', notes: [] },
      ),
      /The service states\*\*: 8 calls per second; counts until 1970.*\n.*for key `a`: 6 calls per second/,
    );
  });

  test('very many keys for which the service states a limit do not crowd out what a person sets; the oldest ends', () => {
    const rules = new LimitRules({ limit: perSecond(10), configuredAt });
    for (let n = 0; n < 500; n++) assert.ok(states(rules, 8, `key-${n}`));
    assert.equal(rules.shown.stated.length, 200);
    assert.deepEqual([rules.of('key-0'), rules.of('key-499')], [perSecond(10), perSecond(8)]);
    assert.ok(rules.set('vip', { limit: perSecond(2), by: 'ada', since: 0 }));
    assert.deepEqual(rules.of('vip'), perSecond(2));
  });

  test('a worker passes on only what is lower', () => {
    const limit = { windows: [second, day] };
    assert.deepEqual(lowerWindows(limit, [{ calls: 5, perMs: 1_000 }, day]), [{ calls: 5, perMs: 1_000 }]);
    assert.deepEqual(lowerWindows(limit, [second, day]), []);
  });

  test('a worker passes it on once a minute for each key, also of very many', () => {
    let now = 0;
    const stated = new OnceIn(60_000, 1_000, () => now);
    for (let n = 0; n < 900; n++) assert.ok(stated.isDue(`key-${n}`));
    for (let n = 0; n < 900; n++) assert.ok(!stated.isDue(`key-${n}`));
    for (let n = 900; n < 1_001; n++) assert.ok(stated.isDue(`key-${n}`));
    assert.ok(!stated.isDue('key-1') && stated.isDue('key-0'));
    now = 60_000;
    assert.ok(stated.isDue('key-500'));
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
    const policy = (text: string) => asked({ 'ratelimit-policy': text })?.stated;
    assert.equal(policy('"up to q=5;w=1 calls"'), undefined);
    assert.equal(policy('"fraction";q=1.5;w=60'), undefined);
    assert.equal(policy('"text";q="5";w=60'), undefined);
    assert.deepEqual(policy('"a, 5;w=1";q=100;w=60;note="q=1;w=1"'), [{ calls: 100, perMs: 60_000 }]);
    assert.deepEqual(asked({ 'ratelimit-policy': '"size";q=5000;w=60;qu="content-bytes"' }), {
      waitMs: 7_000,
    });
    assert.deepEqual(asked({ 'ratelimit-policy': 'none', 'ratelimit-limit': '100' }), { waitMs: 7_000 });
  });
});
