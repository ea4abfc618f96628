// The bounds of a quota's decisions, with virtual time: what holds one millisecond before, at and after each of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { describeThrottles } from '../../common/quota/describe.js';
import { KeyQuota, type QuotaCall } from '../../common/quota/key-quota.js';
import { ReleasePace } from '../../common/quota/release-pace.js';
import { SuccessMeter } from '../../common/quota/success-meter.js';
import {
  firstEnd,
  reportedThrottle,
  type Throttle,
  throttleOfAll,
  withoutEnded,
  withThrottle,
} from '../../common/quota/throttles.js';

const KEYED: QuotaCall = { hasKey: true, mayBeTrial: true, hadTurn: false };
const PLAIN: QuotaCall = { ...KEYED, hasKey: false };
const alone = () => 1;

function usedUp(waitMs: number, hasKey: boolean, workers = alone): KeyQuota {
  const quota = new KeyQuota(hasKey ? 'a' : '', workers);
  quota.refused({ waitMs }, { hasKey }, 0, 0);
  return quota;
}

describe('the wait of a quota', () => {
  test('is over at its end, and not a millisecond before', () => {
    for (const hasKey of [true, false]) {
      const quota = usedUp(10_000, hasKey);
      assert.equal(quota.usedUpUntil(9_999), 10_000);
      assert.equal(quota.usedUpUntil(10_000), undefined);
      assert.equal(quota.admit({ ...KEYED, hasKey, hadTurn: true, mayBeTrial: false }, 9_999).passes, false);
      assert.equal(quota.admit({ ...KEYED, hasKey, hadTurn: true, mayBeTrial: false }, 10_000).passes, true);
      assert.equal(quota.isFree, false);
    }
  });

  test('a quota that was never used up is free, has nothing to say and lets all pass', () => {
    const quota = new KeyQuota('a', alone);
    assert.equal(quota.isFree, true);
    assert.equal(quota.said, undefined);
    assert.equal(quota.usedUpUntil(0), undefined);
    assert.equal(quota.isKnownToFleet, false);
    assert.equal(quota.succeeded(true, 0), false);
    assert.equal(quota.adopt(undefined, 0, 0, 0), false);
    assert.deepEqual(quota.admit(KEYED, 0), { passes: true });
  });

  test('a call with two seconds left is made, one with a millisecond more waits', () => {
    const quota = usedUp(60_000, true);
    assert.equal(quota.admit({ ...KEYED, timeLeftMs: 2_000 }, 0).passes, true);
    assert.equal(quota.admit({ ...KEYED, timeLeftMs: 2_001 }, 0).passes, false);
  });

  test('after it new calls queue behind those that wait, and pass once no one has come for a second', () => {
    const quota = usedUp(10_000, true);
    // The refused call has the turn at 10,000, the next ones have 11,000 and, as the rate grows, a little less each.
    assert.deepEqual(quota.admit(KEYED, 9_000), { passes: false, comesAt: 11_000 });
    const later = quota.admit(KEYED, 10_500);
    assert.ok(!later.passes && later.comesAt > 11_000 && later.comesAt < 12_000);
    const next = later.comesAt + 1_000 / 2 ** ((later.comesAt - 10_000) / 5_000);
    assert.equal(quota.admit(KEYED, next).passes, true);
    assert.equal(quota.isFree, false);
  });

  test('news is a first refusal, and one that ends more than a second later than what is known', () => {
    const quota = new KeyQuota('a', alone);
    const refuse = (waitMs: number, at: number) =>
      quota.refused({ waitMs, perSecond: 7 }, { hasKey: true, said: '429' }, at, 0).news;
    assert.deepEqual(refuse(10_000, 0), { key: 'a', since: 0, until: 10_000, said: '429', perSecond: 7 });
    assert.equal(refuse(10_000, 1_000), undefined);
    assert.equal(refuse(5_000, 1_000), undefined);
    assert.equal(refuse(10_001, 1_000)?.until, 11_001);
    // At its end it is over: the next refusal is news again.
    assert.equal(refuse(100, 11_000), undefined);
    assert.equal(refuse(100, 11_001)?.until, 11_101);
  });

  test('says nothing of what the service has not said', () => {
    const { news } = new KeyQuota('a', alone).refused({ waitMs: 5_000 }, { hasKey: true }, 0, 0);
    assert.deepEqual(Object.keys(news ?? {}).sort(), ['key', 'since', 'until']);
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 5_000 }, { hasKey: true, said: 'slow down' }, 0, 0);
    assert.equal(quota.said, 'slow down');
  });

  test('a refused call has its turn after those that wait, at the rate that successes have shown', () => {
    const quota = new KeyQuota('a', alone);
    const turns = Array.from(
      { length: 3 },
      () => quota.refused({ waitMs: 10_000 }, { hasKey: true }, 0, 0).comesAt,
    );
    assert.equal(turns[0], 10_000);
    assert.equal(turns[1], 11_000);
    assert.ok((turns[2] as number) > 11_500 && (turns[2] as number) < 12_000);
  });

  test('successes that are seen while calls are refused make the turns come faster', () => {
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 10_000 }, { hasKey: true }, 0, 0);
    for (let n = 0; n < 10; n++) quota.succeeded(false, 100);
    // 10 a second, begun at 80 %: 125 ms between two calls.
    assert.equal(quota.refused({ waitMs: 9_900 }, { hasKey: true }, 100, 0).comesAt, 11_000);
    assert.equal(quota.refused({ waitMs: 9_900 }, { hasKey: true }, 100, 0).comesAt < 11_126, true);
  });

  test('without a key a call whose own wait is more than a second shorter waits for that', () => {
    const quota = usedUp(10_000, false);
    assert.equal(quota.refused({ waitMs: 8_999 }, { hasKey: false }, 0, 0).comesAt, 8_999);
    assert.ok(quota.refused({ waitMs: 9_000 }, { hasKey: false }, 0, 0).comesAt > 10_000);
    // With a key all calls have the same quota.
    const keyed = usedUp(10_000, true);
    assert.ok(keyed.refused({ waitMs: 1_000 }, { hasKey: true }, 0, 0).comesAt > 10_000);
  });
});

describe('trials', () => {
  test('one may come half a second early; of several workers the next is as much later as there are workers', () => {
    for (const workers of [1, 4]) {
      const quota = usedUp(3_600_000, false, () => workers);
      assert.equal(quota.admit({ ...PLAIN, mayBeTrial: false }, 1_999).passes, false);
      assert.equal(quota.admit(PLAIN, 1_499).passes, false);
      const first = 1_500;
      assert.deepEqual(quota.admit(PLAIN, first), { passes: true, isTrial: true });
      // 2 s, longer by half each time, and shared by the workers.
      const next = first + 3_000 * workers;
      assert.equal(quota.admit(PLAIN, next - 501).passes, false);
      assert.deepEqual(quota.admit(PLAIN, next - 500), { passes: true, isTrial: true });
    }
  });

  test('calls that wait for them come one after the other', () => {
    for (const workers of [1, 3]) {
      const quota = usedUp(3_600_000, false, () => workers);
      const times = Array.from({ length: 4 }, () => {
        const answer = quota.admit(PLAIN, 0);
        return answer.passes ? Number.NaN : answer.comesAt;
      });
      const gaps = times.slice(1).map((at, n) => at - (times[n] as number));
      assert.equal(times[0], 2_000);
      assert.deepEqual(gaps, [3_000 * workers, 4_500 * workers, 6_750 * workers]);
    }
  });

  test('a slot is never before the next trial', () => {
    const quota = usedUp(3_600_000, false);
    quota.admit(PLAIN, 2_000);
    const held = quota.admit(PLAIN, 2_000);
    assert.deepEqual(held, { passes: false, comesAt: 5_000 });
  });

  test('no gap is longer than thirty seconds', () => {
    const quota = usedUp(3_600_000, false);
    const times: number[] = [];
    for (let n = 0; n < 30; n++) {
      const answer = quota.admit(PLAIN, 0);
      if (!answer.passes) times.push(answer.comesAt);
    }
    const gaps = times.slice(1).map((at, n) => at - (times[n] as number));
    assert.equal(Math.max(...gaps), 30_000);
    assert.equal(gaps.at(-1), 30_000);
  });

  test('a call that would come for a trial at the end of the wait or later takes a turn after it', () => {
    const quota = usedUp(2_000, false);
    // The refused call has the turn at 2,000.
    assert.deepEqual(quota.admit(PLAIN, 0), { passes: false, comesAt: 3_000 });
  });

  test('a longer wait of the same quota leaves the trials as they are', () => {
    const quota = usedUp(60_000, false);
    assert.equal(quota.admit(PLAIN, 2_000).passes, true);
    quota.refused({ waitMs: 600_000 }, { hasKey: false }, 2_100, 0);
    assert.equal(quota.admit(PLAIN, 4_100).passes, false);
    assert.equal(quota.admit(PLAIN, 4_500).passes, true);
  });

  test('a call that waits for long looks again after one to two minutes, as soon as more than two are left', () => {
    const call = { ...PLAIN, mayBeTrial: false };
    const short = usedUp(120_000, false).admit(call, 0);
    assert.deepEqual(short, { passes: false, comesAt: 121_000 });
    const long = usedUp(120_001, false).admit(call, 0);
    assert.ok(!long.passes && long.comesAt >= 60_000 && long.comesAt <= 120_000);
  });

  test('only a success of a trial, while the wait lasts, frees the others', () => {
    const free = (isTrial: boolean, at: number) => {
      const quota = usedUp(10_000, false);
      quota.admit(PLAIN, 2_000);
      return [quota.succeeded(isTrial, at), quota.succeeded(isTrial, at)];
    };
    assert.deepEqual(free(false, 3_000), [false, false]);
    assert.deepEqual(free(true, 9_999), [true, false]);
    assert.deepEqual(free(true, 10_000), [false, false]);
  });
});

describe('a narrowed quota', () => {
  const narrowed = () => {
    const quota = usedUp(10_000, false);
    quota.admit(PLAIN, 2_000);
    quota.succeeded(true, 2_000);
    return quota;
  };

  test('lets calls pass, and is forgotten at its end', () => {
    const quota = narrowed();
    assert.equal(quota.usedUpUntil(3_000), undefined);
    assert.equal(quota.admit(PLAIN, 9_999).passes, true);
    assert.equal(quota.isFree, false);
    assert.equal(quota.admit(PLAIN, 10_000).passes, true);
    assert.equal(quota.isFree, true);
  });

  test('a refusal at its end is a new quota, one before it prolongs it', () => {
    const before = narrowed();
    assert.equal(before.refused({ waitMs: 60_000 }, { hasKey: false }, 9_999, 0).news, undefined);
    assert.equal(before.admit(PLAIN, 69_998).passes, true);
    assert.equal(before.isFree, false);
    const after = narrowed();
    assert.equal(after.refused({ waitMs: 60_000 }, { hasKey: false }, 10_000, 0).news?.until, 70_000);
  });
});

describe('what the fleet says', () => {
  const adopted = (ageMs: number, waitMs = 60_000) => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs }, ageMs, 0, 0);
    return quota.usedUpUntil(0);
  };

  test('its age is taken off, unless it cannot be', () => {
    assert.equal(adopted(0), 60_000);
    assert.equal(adopted(1), 59_999);
    assert.equal(adopted(59_999), 1);
    assert.equal(adopted(60_000), 60_000);
    assert.equal(adopted(-5_000), 60_000);
    assert.equal(adopted(3_600_000), 60_000);
  });

  test('a wait of nothing changes nothing', () => {
    const quota = new KeyQuota('a', alone);
    assert.equal(quota.adopt({ key: 'a', waitMs: 0 }, 0, 0, 0), false);
    assert.equal(quota.adopt({ key: 'a', waitMs: 0, narrowed: true }, 0, 0, 0), false);
    assert.equal(quota.isFree, true);
    assert.equal(quota.isKnownToFleet, false);
  });

  test('its rate and words hold here', () => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs: 10_000, said: 'slow', perSecond: 4 }, 0, 0, 0);
    assert.equal(quota.said, 'slow');
    assert.equal(quota.isKnownToFleet, true);
    const turns = [0, 0].map((at) => quota.admit(KEYED, at));
    assert.deepEqual(turns, [
      { passes: false, comesAt: 10_000 },
      { passes: false, comesAt: 10_250 },
    ]);
  });

  test('an end that is more than a second later holds; an earlier one shortens nothing', () => {
    const until = (waitMs: number) => {
      const quota = usedUp(60_000, true);
      quota.adopt({ key: 'a', waitMs }, 0, 0, 0);
      return quota.usedUpUntil(0);
    };
    assert.equal(until(61_000), 60_000);
    assert.equal(until(61_001), 61_001);
    assert.equal(until(30_000), 60_000);
  });

  test('the same again leaves the turns as they are', () => {
    const quota = usedUp(60_000, true);
    quota.adopt({ key: 'a', waitMs: 60_000 }, 0, 0, 0);
    assert.deepEqual(quota.admit(KEYED, 0), { passes: false, comesAt: 61_000 });
  });

  test('that it is narrowed frees those that wait, once', () => {
    const quota = usedUp(60_000, true);
    const report = { key: 'a', waitMs: 60_000, narrowed: true } as const;
    assert.equal(quota.adopt(report, 0, 0, 0), true);
    assert.equal(quota.adopt(report, 0, 0, 0), false);
    const fresh = new KeyQuota('a', alone);
    assert.equal(fresh.adopt(report, 0, 0, 0), false);
    assert.deepEqual(fresh.admit(KEYED, 1), { passes: true });
  });

  test('what it takes back two seconds before the end or earlier is a reset; later it is the end', () => {
    const takenBack = (at: number) => {
      const quota = new KeyQuota('a', alone);
      quota.adopt({ key: 'a', waitMs: 10_000 }, 0, 0, 0);
      return [quota.adopt(undefined, 0, at, 0), quota.isFree];
    };
    assert.deepEqual(takenBack(8_000), [true, true]);
    assert.deepEqual(takenBack(8_001), [false, false]);
  });

  test('what it takes back of a quota that holds no one frees no one', () => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs: 10_000, narrowed: true }, 0, 0, 0);
    assert.equal(quota.adopt(undefined, 0, 1_000, 0), false);
    assert.equal(quota.isFree, true);
  });

  test('a refusal that is news is not known to it', () => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs: 10_000 }, 0, 0, 0);
    quota.refused({ waitMs: 5_000 }, { hasKey: true }, 0, 0);
    assert.equal(quota.isKnownToFleet, true);
    quota.refused({ waitMs: 60_000 }, { hasKey: true }, 0, 0);
    assert.equal(quota.isKnownToFleet, false);
  });
});

describe('the turns after a wait', () => {
  test('the first is at most a second, or one turn, after the end, by the random number', () => {
    const first = (seen: number, random: number) => new ReleasePace(10_000, { seen }, alone, random).take(0);
    assert.equal(first(0, 0), 10_000);
    assert.equal(first(0, 0.5), 10_500);
    assert.equal(first(10, 0.5), 10_062.5);
    assert.equal(new ReleasePace(10_000, { seen: 0, stated: 0.1 }, alone, 0.5).take(0), 10_500);
  });

  test('a rate that is seen later counts if it is higher', () => {
    const gap = (seen: number, later: number) => {
      const pace = new ReleasePace(0, { seen }, alone, 0);
      pace.saw(later);
      return pace.take(0) - pace.take(0);
    };
    assert.equal(gap(0, 10), -125);
    assert.equal(gap(20, 10), -62.5);
  });

  test('are over when the next one has not been used for more than a second', () => {
    const pace = new ReleasePace(0, { seen: 0 }, alone, 0);
    pace.take(0);
    assert.equal(pace.isOver(2_000), false);
    assert.equal(pace.isOver(2_001), true);
  });
});

test('successes: those of the last full second, or of this one if these are more', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6_000 }), { maxLength: 60 }), (times) => {
      const meter = new SuccessMeter();
      const sorted = [...times].sort((a, b) => a - b);
      for (const at of sorted) meter.add(at);
      const now = sorted.at(-1) ?? 0;
      for (const at of [now, now + 1_000, now + 2_000]) {
        const within = (second: number) =>
          sorted.filter((time) => Math.floor(time / 1_000) === second).length;
        const second = Math.floor(at / 1_000);
        assert.equal(meter.perSecond(at), Math.max(within(second), within(second - 1)));
      }
    }),
  );
});

describe('the list of the fleet', () => {
  const all = (waitMs: number, at = 0) => withThrottle([], { waitMs }, at);

  test('a wait that is a second and a tenth longer is news, and keeps the time when it began', () => {
    const list = all(100_000);
    // 90 s are left: a tenth of it is 9 s.
    assert.equal(withThrottle(list, { waitMs: 99_000 }, 10_000), list);
    const [longer] = withThrottle(list, { waitMs: 99_001 }, 10_000);
    assert.deepEqual(longer, { key: '', since: 0, until: 109_001 });
    // 5 s are left: at least a second.
    const short = all(5_000);
    assert.equal(withThrottle(short, { waitMs: 6_000 }, 0), short);
    assert.equal(withThrottle(short, { waitMs: 6_001 }, 0)[0]?.until, 6_001);
  });

  test('one that is over is replaced', () => {
    const [next] = withThrottle(all(1_000), { waitMs: 500 }, 1_000);
    assert.deepEqual(next, { key: '', since: 1_000, until: 1_500 });
  });

  test('a narrowed one that is used up again begins then, and does not end earlier', () => {
    const narrowed = withThrottle(all(100_000), { waitMs: 0, narrowed: true }, 0);
    assert.equal(narrowed[0]?.narrowed, true);
    assert.equal(withThrottle(narrowed, { waitMs: 0, narrowed: true }, 1), narrowed);
    assert.deepEqual(withThrottle(narrowed, { waitMs: 10 }, 5_000), [
      { key: '', since: 5_000, until: 100_000 },
    ]);
    assert.deepEqual(withThrottle([], { waitMs: 9_000, narrowed: true }, 0), []);
  });

  test('a known key changes also in a full list', () => {
    let list: readonly Throttle[] = [];
    for (let n = 0; n < 200; n++) list = withThrottle(list, { key: `${n}`, waitMs: 1_000 }, 0);
    assert.equal(
      withThrottle(list, { key: '50', waitMs: 60_000 }, 0).find(({ key }) => key === '50')?.until,
      60_000,
    );
  });

  test('the first end, and those that are left after it', () => {
    const list = withThrottle(all(5_000), { key: 'a', waitMs: 3_000 }, 0);
    assert.equal(firstEnd(list), 3_000);
    assert.equal(firstEnd([]), undefined);
    assert.deepEqual(
      withoutEnded(list, 3_000).map(({ key }) => key),
      [''],
    );
  });

  test('travels as durations, with what is known', () => {
    const full = { key: 'a', since: 0, until: 9_000, said: 'no', perSecond: 2, narrowed: true } as const;
    assert.deepEqual(reportedThrottle(full, 4_000), {
      ...{ key: 'a', waitMs: 5_000, said: 'no', perSecond: 2, narrowed: true },
    });
    assert.deepEqual(reportedThrottle({ key: '', since: 0, until: 9_000 }, 10_000), { waitMs: 0 });
    const [read] = withThrottle([], { key: 'a', waitMs: 1_000, said: 'no', perSecond: 2 }, 0);
    assert.deepEqual(read, { key: 'a', since: 0, until: 1_000, said: 'no', perSecond: 2 });
  });

  test('the quota of all calls is the one without a key that is not narrowed', () => {
    const list = withThrottle(all(5_000), { key: 'a', waitMs: 3_000 }, 0);
    assert.equal(throttleOfAll(list)?.until, 5_000);
    assert.equal(throttleOfAll(withThrottle([], { key: 'a', waitMs: 3_000 }, 0)), undefined);
    // In words it comes first, though another one ends earlier.
    assert.equal(describeThrottles(list), 'quota used up, goes on at 1970-01-01T00:00:05.000Z');
    assert.equal(
      describeThrottles(withThrottle([], { key: 'a', waitMs: 3_000 }, 0)),
      'quota of "a" used up, goes on at 1970-01-01T00:00:03.000Z',
    );
  });
});
