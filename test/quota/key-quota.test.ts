// The quota of one worker, with virtual time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { FIRST_TRIAL_MS, KeyQuota, MANY_REFUSED, type QuotaCall } from '../../common/quota/key-quota.js';

const CALL: QuotaCall = { hasKey: true, mayBeTrial: true, hadTurn: false };
const KEYED = { executionId: 'x', hasKey: true, calls: 1 };
const alone = () => 1;
let executions = 0;
/** A call without a key, of an execution that was not refused before. */
const another = () => ({ executionId: `${executions++}`, hasKey: false, calls: 1 });
/** So many refusals that it is the quota of all calls. */
function useUp(
  quota: KeyQuota,
  waitMs: number,
  { at = 0, random = 0, perSecond = undefined as number | undefined, many = MANY_REFUSED } = {},
) {
  const asked = { waitMs, ...(perSecond === undefined ? {} : { perSecond }) };
  for (let n = 1; n < many; n++)
    assert.deepEqual(quota.refused(asked, another(), at, random), { comesAt: at + waitMs });
  const last = quota.refused(asked, another(), at, random);
  assert.equal(last.news?.until, at + waitMs);
  return last;
}
const waits = fc.integer({ min: 100, max: 3_600_000 });
const randoms = fc.double({ min: 0, max: 0.999, noNaN: true });

describe('a quota that is used up', () => {
  test('with a key no call passes before its time, and one that comes late passes at once', () => {
    fc.assert(
      fc.property(
        waits,
        randoms,
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (waitMs, random, ats) => {
          const quota = new KeyQuota('a', alone);
          quota.refused({ waitMs }, KEYED, 0, random);
          for (const at of [...ats].sort()) {
            const answer = quota.admit(CALL, at * waitMs);
            assert.ok(!answer.passes && answer.comesAt >= waitMs);
          }
          assert.ok(quota.admit({ ...CALL, hadTurn: true }, waitMs + 1).passes);
          // Whatever was queued is over some day.
          assert.ok(quota.admit(CALL, waitMs + 3_600_000).passes);
          assert.ok(quota.isFree);
        },
      ),
    );
  });

  test('calls that wait come one after the other, at the stated rate of all workers', () => {
    fc.assert(
      fc.property(
        waits,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (waitMs, rate, workers) => {
          const quota = new KeyQuota('a', () => workers);
          quota.refused({ waitMs, perSecond: rate }, KEYED, 0, 0.5);
          const turns = Array.from({ length: 100 }, () => {
            const answer = quota.admit(CALL, 0);
            return answer.passes ? Number.NaN : answer.comesAt;
          });
          turns.reduce((before, turn) => {
            assert.ok(Math.abs(turn - before - (1_000 / rate) * workers) < 1e-3);
            return turn;
          });
        },
      ),
    );
  });

  test('at a rate that is not stated they begin at what was served before, and get faster', () => {
    const quota = new KeyQuota('a', alone);
    for (let n = 0; n < 10; n++) quota.succeeded(false, 500);
    quota.refused({ waitMs: 1_000 }, KEYED, 900, 0);
    const turns = Array.from({ length: 200 }, () => {
      const answer = quota.admit(CALL, 1_000);
      return answer.passes ? Number.NaN : answer.comesAt;
    });
    const within = (from: number, to: number) =>
      turns.filter((at) => at >= 1_900 + from && at < 1_900 + to).length;
    assert.ok(within(0, 1_000) >= 7 && within(0, 1_000) <= 10, `${within(0, 1_000)}`);
    assert.ok(within(5_000, 6_000) >= 14, `${within(5_000, 6_000)}`);
    assert.ok(Math.max(...turns) < 1_900 + 20_000);
  });

  test('without a key a call is tried after a second; a success lets all others pass, those that were refused wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * FIRST_TRIAL_MS, max: 3_600_000 }), randoms, (waitMs, random) => {
        const quota = new KeyQuota('', alone);
        const call = { ...CALL, hasKey: false };
        assert.ok(useUp(quota, waitMs, { random }).comesAt >= waitMs);
        const held = quota.admit(call, 1);
        assert.ok(!held.passes && held.comesAt <= FIRST_TRIAL_MS);
        assert.deepEqual(quota.admit(call, FIRST_TRIAL_MS), { passes: true, isTrial: true });
        assert.equal(quota.admit(call, FIRST_TRIAL_MS).passes, false);
        assert.equal(quota.succeeded(true, FIRST_TRIAL_MS), true);
        assert.ok(quota.admit(call, FIRST_TRIAL_MS).passes);
        assert.equal(
          quota.refused({ waitMs: 500 }, another(), FIRST_TRIAL_MS, random).comesAt,
          FIRST_TRIAL_MS + 500,
        );
        assert.ok(quota.admit(call, FIRST_TRIAL_MS).passes);
        assert.ok(quota.admit(call, waitMs + FIRST_TRIAL_MS).passes);
      }),
    );
  });

  test('without a key a refused call waits alone, as often as it is refused, until many others are refused with no success between them', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false };
    for (let n = 0; n < 100; n++) {
      const again = quota.refused({ waitMs: 60_000 }, { executionId: 'same', hasKey: false, calls: 1 }, n, 0);
      assert.deepEqual(again, { comesAt: n + 60_000 });
    }
    for (let round = 0; round < 10; round++) {
      quota.succeeded(false, 1_000);
      for (let n = 1; n < MANY_REFUSED; n++) quota.refused({ waitMs: 60_000 }, another(), 1_000, 0);
      assert.ok(quota.admit(call, 1_000).passes && quota.isFree);
    }
    assert.equal(quota.refused({ waitMs: 60_000 }, another(), 2_000, 0).news?.until, 62_000);
    assert.equal(quota.admit(call, 2_001).passes, false);
  });

  test('a call that is refused again and again alone comes ever later, as by the retry policy of the server', () => {
    const quota = new KeyQuota('', alone);
    const waits = [1, 2, 3, 8, 50].map(
      (calls) =>
        quota.refused({ waitMs: 2_500 }, { executionId: 'same', hasKey: false, calls }, 0, 0).comesAt,
    );
    assert.deepEqual(waits, [2_500, 2_500, 4_000, 16_000, 16_000]);
  });

  test('where a trial has shown that others succeed, it takes many more refusals; where the time has ended it, no more', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false };
    useUp(quota, 60_000);
    assert.deepEqual(quota.admit(call, 1_000), { passes: true, isTrial: true });
    assert.equal(quota.succeeded(true, 1_500), true);
    useUp(quota, 60_000, { at: 2_000, many: 16 * MANY_REFUSED });
    // New calls queue behind the waiting ones, until there are none.
    assert.ok(quota.admit(call, 200_000).passes && quota.isFree);
    useUp(quota, 60_000, { at: 201_000 });
  });

  test('a new call is tried before those that wait', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false };
    useUp(quota, 3_600_000);
    for (let n = 0; n < 1_000; n++) assert.equal(quota.admit(call, 1).passes, false);
    assert.equal(quota.admit({ ...call, hadTurn: true }, FIRST_TRIAL_MS - 400).passes, false);
    assert.deepEqual(quota.admit(call, FIRST_TRIAL_MS - 400), { passes: true, isTrial: true });
  });

  test('the calls of a tenant whose wait is short do not wait for that of another one', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false };
    useUp(quota, 3_600_000);
    assert.equal(quota.refused({ waitMs: 3_000 }, another(), 0, 0).comesAt, 3_000);
    assert.ok(quota.admit({ ...call, hadTurn: true }, 3_000).passes);
  });

  test('trials become rarer, and there is always a next one', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false };
    useUp(quota, 3_600_000);
    const trials: number[] = [];
    for (let at = 0; at < 3_600_000; at += 500) {
      const answer = quota.admit(call, at);
      if (answer.passes) trials.push(at);
      if (answer.passes) quota.refused({ waitMs: 3_600_000 - at }, another(), at, 0);
    }
    const gaps = trials.slice(1).map((at, n) => at - (trials[n] ?? 0));
    assert.ok(
      gaps.every((gap) => gap <= 30_500),
      `${Math.max(...gaps)}`,
    );
    assert.ok(trials.length < 600, `${trials.length} trials in an hour`);
  });

  test('without a key calls look again every minute or two, and take a turn only then', () => {
    const quota = new KeyQuota('', alone);
    const call = { ...CALL, hasKey: false, mayBeTrial: false };
    useUp(quota, 3_600_000, { perSecond: 1 });
    for (let n = 0; n < 1_000; n++) {
      const answer = quota.admit(call, 0);
      assert.ok(!answer.passes && answer.comesAt >= 60_000 && answer.comesAt <= 120_000);
    }
    const turn = quota.admit(call, 3_500_000);
    // The call that was refused has the first one.
    assert.deepEqual(turn, { passes: false, comesAt: 3_601_000 });
  });

  test('of many workers the first trials are spread over as many seconds as they share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), randoms, (workers, random) => {
        const quota = new KeyQuota('', () => workers);
        useUp(quota, 3_600_000, { random });
        const held = quota.admit({ ...CALL, hasKey: false }, 0);
        const expected = FIRST_TRIAL_MS * (1 + random * (workers - 1));
        assert.ok(!held.passes && Math.abs(held.comesAt - expected) < 1);
      }),
    );
  });

  test('a call whose time ends is made, however long the quota is used up', () => {
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 60_000 }, KEYED, 0, 0);
    assert.equal(quota.admit({ ...CALL, timeLeftMs: 10_000 }, 1).passes, false);
    assert.equal(quota.admit({ ...CALL, timeLeftMs: 1_000 }, 2).passes, true);
  });

  test('what the fleet says holds here too; what it takes back frees the calls', () => {
    const quota = new KeyQuota('a', alone);
    assert.equal(quota.adopt({ key: 'a', waitMs: 60_000, said: '429' }, 1_000, 0, 0), false);
    assert.equal(quota.usedUpUntil(0), 59_000);
    assert.equal(quota.said, '429');
    assert.equal(quota.adopt({ key: 'a', waitMs: 60_000, narrowed: true }, 2_000, 1_000, 0), true);
    assert.ok(quota.admit(CALL, 1_000).passes);
    assert.equal(quota.adopt({ key: 'a', waitMs: 60_000 }, 3_000, 2_000, 0), false);
    assert.equal(quota.admit(CALL, 2_000).passes, false);
    assert.equal(quota.adopt(undefined, 0, 3_000, 0), true);
    assert.ok(quota.isFree);
  });

  test('the end of a wait, as the fleet notices it a moment before or after, does not end the turns', () => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs: 10_000 }, 0, 0, 0);
    assert.equal(quota.adopt(undefined, 0, 9_900, 0), false);
    for (let n = 0; n < 5; n++) assert.equal(quota.admit(CALL, 9_950).passes, false);
    quota.adopt(undefined, 0, 10_300, 0);
    assert.equal(quota.admit(CALL, 10_400).passes, false);
  });

  test('the call whose time ends shows, if it succeeds, that others need not wait', () => {
    const quota = new KeyQuota('', alone);
    useUp(quota, 60_000);
    assert.deepEqual(quota.admit({ ...CALL, hasKey: false, timeLeftMs: 1_000 }, 1), {
      passes: true,
      isTrial: true,
    });
    assert.equal(quota.succeeded(true, 2), true);
    assert.ok(quota.admit({ ...CALL, hasKey: false }, 3).passes);
  });

  test('what the fleet says is used up holds as long as that, however long what was narrowed here', () => {
    const quota = new KeyQuota('', alone);
    useUp(quota, 3_600_000);
    quota.adopt({ waitMs: 3_600_000, narrowed: true }, 0, 10, 0);
    quota.adopt({ waitMs: 5_000 }, 0, 20, 0);
    assert.equal(quota.usedUpUntil(20), 5_020);
  });

  test('a wait that only this worker knows is not taken back by the fleet', () => {
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 60_000 }, KEYED, 0, 0);
    assert.equal(quota.adopt(undefined, 0, 100, 0), false);
    assert.equal(quota.usedUpUntil(100), 60_000);
  });
});
