import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidOptionsError, RecoveryPlugin } from 'temporal-recovery';
import { fairShares } from '../../common/limit/fair-shares.js';
import { describeLimit, readLimit } from '../../common/limit/limit.js';
import { randomOf } from '../faults/random.js';

describe('the option limits', () => {
  test('takes one window, several, and concurrency', () => {
    const read = (input: unknown) => {
      const problems: string[] = [];
      const limit = readLimit(input, 'limits.crm', problems);
      assert.deepEqual(problems, []);
      return limit && describeLimit(limit);
    };
    assert.equal(read({ calls: 10, per: '1s' }), '10 calls per second');
    assert.equal(
      read([
        { calls: 10_000, per: '1 day' },
        { calls: 1, per: 250 },
      ]),
      '1 call per 250 ms, 10,000 calls per day',
    );
    assert.equal(
      read({ windows: [{ calls: 90, per: '90s' }], concurrency: 5 }),
      '90 calls per 90 seconds, 5 at the same time',
    );
  });

  test('says what is wrong with which field, and what is expected', () => {
    const wrong: [unknown, RegExp][] = [
      [7, /^limits\.crm: expected \{ calls, per \}, a list of these, or \{ windows, concurrency \}, got 7/],
      [{}, /limits\.crm: expected at least one window/],
      [[], /limits\.crm: expected at least one window/],
      [{ calls: 0, per: '1s' }, /limits\.crm\[0\]\.calls: expected a whole number from 1 to 100,000, got 0/],
      [{ calls: 1, per: 'soon' }, /limits\.crm\[0\]\.per: expected a duration from 100 ms to 31 days/],
      [{ calls: 1, per: '1ms' }, /limits\.crm\[0\]\.per: expected/],
      [{ calls: 1, per: '1s', burst: 3 }, /limits\.crm\[0\]\.burst: unknown field/],
      [{ concurrency: 0 }, /limits\.crm\.concurrency: expected a whole number from 1/],
      [
        { windows: [{ calls: 1, per: '1s' }], rate: 3 },
        /limits\.crm\.rate: unknown field; known here are windows, concurrency/,
      ],
      [
        [
          { calls: 1, per: '1s' },
          { calls: 2, per: 1_000 },
        ],
        /two windows are 1000 ms long/,
      ],
    ];
    for (const [input, expected] of wrong) {
      assert.throws(
        () => new RecoveryPlugin({ limits: { crm: input as never } }),
        (error) => error instanceof InvalidOptionsError && expected.test(error.problems[0] ?? ''),
        JSON.stringify(input),
      );
    }
    assert.throws(
      () => new RecoveryPlugin({ limits: [] as never }),
      /limits: expected an object of limits by the name/,
    );
    assert.throws(
      () => new RecoveryPlugin({ breaker: false, limits: { crm: { calls: 1, per: '1s' } } }),
      /limits: expected no limits where breaker is false/,
    );
  });
});

describe('fair shares', () => {
  test('add up to the total; none has less than another that wants no more', () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = randomOf(seed);
      const total = Math.floor(random() * 200);
      const wants = Array.from({ length: 1 + Math.floor(random() * 12) }, () => Math.floor(random() * 60));
      const shares = fairShares(total, wants, seed);
      assert.equal(
        shares.reduce((sum, each) => sum + each, 0),
        total,
        `seed ${seed}`,
      );
      for (const [a, want] of wants.entries()) {
        for (const [b, other] of wants.entries()) {
          const [mine, theirs] = [shares[a] as number, shares[b] as number];
          // One call cannot be divided.
          if (mine < want) assert.ok(theirs <= mine + 1, `seed ${seed}: ${shares} of ${wants}`);
          if (want >= other) assert.ok(mine >= Math.min(theirs, want) - 1, `seed ${seed}`);
        }
      }
    }
  });
});
