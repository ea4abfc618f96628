import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { ApiLinkerError } from '../../common/errors/index.js';
import { throttleOf } from '../../common/errors/throttle.js';
import { describeThrottles } from '../../common/quota/describe.js';
import {
  firstEnd,
  MAX_THROTTLES,
  type Throttle,
  throttleOfAll,
  withoutEnded,
  withThrottle,
} from '../../common/quota/throttles.js';

describe('what a service asks for', () => {
  const asks = (error: object, now = 0) => throttleOf(error, ApiLinkerError.fromException(error), now);
  const answer = (status: number, headers: Record<string, string>) =>
    Object.assign(new Error(`HTTP ${status}`), { response: { status, headers } });

  test('429, and 403 of a quota, with a wait', () => {
    assert.deepEqual(asks(answer(429, { 'Retry-After': '30' })), { waitMs: 30_000 });
    assert.deepEqual(asks(answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' })), {
      waitMs: 60_000,
    });
  });

  test('not a 429 without a wait, not an outage, and not a lock or conflict of one record', () => {
    for (const error of [
      answer(429, {}),
      answer(429, { 'retry-after': '0' }),
      answer(503, { 'retry-after': '30' }),
      answer(423, { 'retry-after': '30' }),
      answer(409, { 'retry-after': '30' }),
      answer(404, { 'retry-after': '30' }),
    ]) {
      assert.equal(asks(error), undefined, error.message);
    }
  });

  test('the rate that it states, of windows up to a minute; of several the lowest', () => {
    const rate = (headers: Record<string, string>) =>
      asks(answer(429, { 'retry-after': '1', ...headers }))?.perSecond;
    assert.equal(rate({ 'ratelimit-policy': '"default";q=100;w=10' }), 10);
    assert.equal(rate({ 'ratelimit-policy': '"burst";q=10;w=1, "minute";q=120;w=60' }), 2);
    assert.equal(rate({ 'ratelimit-policy': '"burst";q=10;w=1, "day";q=1000;w=86400' }), 10);
    assert.equal(rate({ 'ratelimit-limit': '100, 100;w=50' }), 2);
    assert.equal(rate({ 'ratelimit-limit': '100' }), undefined);
    assert.equal(rate({ 'ratelimit-policy': 'q=;w=,;;w=9999999999999' }), undefined);
  });
});

describe('the throttles of the fleet', () => {
  const reports = fc.array(
    fc.record({
      key: fc.constantFrom(undefined, 'a', 'b', 'c'),
      waitMs: fc.integer({ min: 0, max: 100_000 }),
      narrowed: fc.constantFrom(undefined, true as const),
      after: fc.integer({ min: 0, max: 30_000 }),
    }),
  );

  test('one of each key, no end earlier than what was said, and all of them end', () => {
    fc.assert(
      fc.property(reports, (all) => {
        let list: readonly Throttle[] = [];
        let now = 0;
        for (const { after, ...report } of all) {
          now += after;
          list = withoutEnded(list, now);
          const before = list.find(({ key }) => key === (report.key ?? ''));
          list = withThrottle(list, report, now);
          const known = list.find(({ key }) => key === (report.key ?? ''));
          if (before !== undefined) assert.ok((known?.until ?? 0) >= before.until);
          if (!report.narrowed) {
            const slack = Math.max(1_000, (known?.until ?? 0) - now);
            assert.ok((known?.until ?? 0) + slack >= now + report.waitMs);
            assert.equal(known?.narrowed, undefined);
          }
          assert.equal(new Set(list.map(({ key }) => key)).size, list.length);
        }
        const end = firstEnd(list);
        if (end !== undefined) assert.equal(withoutEnded(list, end).length < list.length, true);
        assert.deepEqual(withoutEnded(list, now + 200_000), []);
      }),
    );
  });

  test('the same news again is no news', () => {
    const list = withThrottle([], { waitMs: 60_000, said: 'no' }, 0);
    assert.equal(withThrottle(list, { waitMs: 60_000 }, 500), list);
    assert.equal(withThrottle(list, { waitMs: 20_000 }, 30_000), list);
    assert.equal(withoutEnded(list, 59_999), list);
    assert.notEqual(withThrottle(list, { waitMs: 90_000 }, 500), list);
  });

  test('there are only so many', () => {
    let list: readonly Throttle[] = [];
    for (let n = 0; n < 200; n++) list = withThrottle(list, { key: `${n}`, waitMs: 1_000 }, 0);
    assert.equal(list.length, MAX_THROTTLES);
  });

  test('in words', () => {
    const all = withThrottle([], { waitMs: 60_000, said: '429 slow down' }, 0);
    assert.equal(
      describeThrottles(all),
      'quota used up, goes on at 1970-01-01T00:01:00.000Z · the service said: 429 slow down',
    );
    const narrowed = withThrottle(all, { waitMs: 0, narrowed: true }, 1);
    assert.equal(throttleOfAll(narrowed), undefined);
    assert.match(
      describeThrottles(narrowed) ?? '',
      /^quota used up for some calls, while others succeed, goes on at/,
    );
    const keys = withThrottle(
      withThrottle([], { key: 'a', waitMs: 60_000 }, 0),
      { key: 'b', waitMs: 9_000 },
      0,
    );
    assert.equal(
      describeThrottles(keys),
      '2 quotas used up, the first calls go on at 1970-01-01T00:00:09.000Z',
    );
    assert.equal(describeThrottles([]), undefined);
  });
});
