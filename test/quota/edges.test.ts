// The bounds of a quota's decisions, with virtual time: what holds one millisecond before, at and after each of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { describeThrottles } from '../../common/quota/describe.js';
import { KeyQuota, MANY_REFUSED, type QuotaCall } from '../../common/quota/key-quota.js';
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

const refusedCall = { executionId: 'x', hasKey: true, calls: 1 };
let executions = 0;
/** Of an execution that was not refused before, without a key. */
const another = () => ({ executionId: `${executions++}`, hasKey: false, calls: 1 });

/** Without a key it takes many refusals. */
function usedUp(waitMs: number, hasKey: boolean, workers = alone): KeyQuota {
  const quota = new KeyQuota(hasKey ? 'a' : '', workers);
  if (hasKey) quota.refused({ waitMs }, refusedCall, 0, 0);
  else for (let n = 0; n < MANY_REFUSED; n++) quota.refused({ waitMs }, another(), 0, 0);
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
      quota.refused({ waitMs, perSecond: 7 }, { ...refusedCall, said: '429' }, at, 0).news;
    assert.deepEqual(refuse(10_000, 0), { key: 'a', since: 0, until: 10_000, said: '429', perSecond: 7 });
    assert.equal(refuse(10_000, 1_000), undefined);
    assert.equal(refuse(5_000, 1_000), undefined);
    assert.equal(refuse(10_001, 1_000)?.until, 11_001);
    // At its end it is over: the next refusal is news again.
    assert.equal(refuse(100, 11_000), undefined);
    assert.equal(refuse(100, 11_001)?.until, 11_101);
  });

  test('says nothing of what the service has not said', () => {
    const { news } = new KeyQuota('a', alone).refused({ waitMs: 5_000 }, refusedCall, 0, 0);
    assert.deepEqual(Object.keys(news ?? {}).sort(), ['key', 'since', 'until']);
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 5_000 }, { ...refusedCall, said: 'slow down' }, 0, 0);
    assert.equal(quota.said, 'slow down');
  });

  test('a refused call has its turn after those that wait, at the rate that successes have shown', () => {
    const quota = new KeyQuota('a', alone);
    const turns = Array.from(
      { length: 3 },
      () => quota.refused({ waitMs: 10_000 }, refusedCall, 0, 0).comesAt,
    );
    assert.equal(turns[0], 10_000);
    assert.equal(turns[1], 11_000);
    assert.ok((turns[2] as number) > 11_500 && (turns[2] as number) < 12_000);
  });

  test('successes that are seen while calls are refused make the turns come faster', () => {
    const quota = new KeyQuota('a', alone);
    quota.refused({ waitMs: 10_000 }, refusedCall, 0, 0);
    for (let n = 0; n < 10; n++) quota.succeeded(false, 100);
    // 10 a second, begun at 80 %: 125 ms between two calls.
    assert.equal(quota.refused({ waitMs: 9_900 }, refusedCall, 100, 0).comesAt, 11_000);
    assert.equal(quota.refused({ waitMs: 9_900 }, refusedCall, 100, 0).comesAt < 11_126, true);
  });

  test('without a key a call whose own wait is more than a second shorter waits for that', () => {
    const quota = usedUp(10_000, false);
    assert.equal(quota.refused({ waitMs: 8_999 }, another(), 0, 0).comesAt, 8_999);
    assert.ok(quota.refused({ waitMs: 9_000 }, another(), 0, 0).comesAt > 10_000);
    // With a key all calls have the same quota.
    const keyed = usedUp(10_000, true);
    assert.ok(keyed.refused({ waitMs: 1_000 }, refusedCall, 0, 0).comesAt > 10_000);
  });
});

describe('trials', () => {
  test('the first comes a second after the refusal, a new call half a second before that', () => {
    const later = { ...PLAIN, hadTurn: true };
    assert.equal(usedUp(60_000, false).admit(later, 999).passes, false);
    assert.deepEqual(usedUp(60_000, false).admit(later, 1_000), { passes: true, isTrial: true });
    assert.equal(usedUp(60_000, false).admit(PLAIN, 499).passes, false);
    assert.deepEqual(usedUp(60_000, false).admit(PLAIN, 500), { passes: true, isTrial: true });
    assert.equal(usedUp(60_000, false).admit({ ...PLAIN, mayBeTrial: false }, 1_000).passes, false);
    assert.equal(usedUp(60_000, true).admit(KEYED, 1_000).passes, false);
  });

  test('the next comes a second later for each worker, and after 100 seconds a hundredth of the time later', () => {
    for (const workers of [1, 3]) {
      const at = (first: number) => {
        const quota = usedUp(36_000_000, false, () => workers);
        assert.equal(quota.admit(PLAIN, first).passes, true);
        const held = quota.admit(PLAIN, first);
        return held.passes ? Number.NaN : held.comesAt - first;
      };
      assert.equal(at(50_000), 1_000 * workers);
      assert.equal(at(200_000), 2_000 * workers);
      assert.equal(at(2_999_000), 29_990 * workers);
      assert.equal(at(9_000_000), 30_000 * workers);
    }
  });

  test('that time begins with the refusal', () => {
    const quota = new KeyQuota('', alone);
    for (let n = 0; n < MANY_REFUSED; n++) quota.refused({ waitMs: 3_600_000 }, another(), 5_000_000, 0);
    assert.equal(quota.admit(PLAIN, 5_200_000).passes, true);
    assert.deepEqual(quota.admit({ ...PLAIN, hadTurn: true }, 5_200_000), {
      passes: false,
      comesAt: 5_202_000,
    });
  });

  test('calls that wait for them come one after the other', () => {
    for (const workers of [1, 3]) {
      const quota = usedUp(3_600_000, false, () => workers);
      const times = Array.from({ length: 4 }, () => {
        const answer = quota.admit(PLAIN, 0);
        return answer.passes ? Number.NaN : answer.comesAt;
      });
      const gap = 1_000 * workers;
      assert.deepEqual(times, [1_000, 1_000 + gap, 1_000 + 2 * gap, 1_000 + 3 * gap]);
    }
  });

  test('a call that would come for a trial at the end of the wait or later takes a turn after it', () => {
    // The refused call that has used it up has the turn at the end.
    assert.deepEqual(usedUp(1_000, false).admit(PLAIN, 0), { passes: false, comesAt: 2_000 });
    assert.deepEqual(usedUp(1_001, false).admit(PLAIN, 0), { passes: false, comesAt: 1_000 });
  });

  test('a longer wait of the same quota leaves the trials as they are', () => {
    const quota = usedUp(60_000, false);
    const call = { ...PLAIN, hadTurn: true };
    assert.equal(quota.admit(call, 50_000).passes, true);
    quota.refused({ waitMs: 600_000 }, another(), 50_100, 0);
    assert.equal(quota.admit(call, 50_999).passes, false);
    assert.equal(quota.admit(call, 51_000).passes, true);
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

  test('a call whose time ends is one while the wait lasts', () => {
    const call = { ...PLAIN, mayBeTrial: false, timeLeftMs: 2_000 };
    assert.deepEqual(usedUp(10_000, false).admit(call, 9_999), { passes: true, isTrial: true });
    assert.deepEqual(usedUp(10_000, false).admit(call, 10_000), { passes: true });
  });
});

describe('without a key', () => {
  const refuse = (quota: KeyQuota, executionId: string, calls = 1, at = 0, waitMs = 5_000) =>
    quota.refused({ waitMs }, { executionId, hasKey: false, calls }, at, 0);

  test('the same execution counts once, and any success begins the count again', () => {
    const quota = new KeyQuota('', alone);
    for (let n = 0; n < 20; n++) assert.equal(refuse(quota, 'same').news, undefined);
    for (let n = 0; n < MANY_REFUSED - 2; n++) assert.equal(refuse(quota, `${n}`).news, undefined);
    quota.succeeded(false, 0);
    for (let n = 0; n < MANY_REFUSED - 1; n++) assert.equal(refuse(quota, `${n}`).news, undefined);
    assert.equal(refuse(quota, 'last').news?.until, 5_000);
  });

  test('a call that waits alone comes when the service has said, and ever later if that is too short', () => {
    const quota = new KeyQuota('', alone);
    const waits = [1, 2, 3, 4, 5, 6, 20].map((calls) => refuse(quota, 'x', calls, 100, 50).comesAt - 100);
    assert.deepEqual(waits, [50, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    assert.equal(refuse(quota, 'x', 2, 100, 2_001).comesAt, 2_101);
  });

  test('after a trial that succeeded it takes sixteen times as many, up to 1,280', () => {
    const quota = usedUp(10_000, false);
    for (const many of [80, 1_280, 1_280]) {
      quota.succeeded(true, 0);
      for (let n = 1; n < many; n++) assert.equal(refuse(quota, `${many}/${n}`).news, undefined);
      assert.equal(refuse(quota, 'last').news?.until, 5_000);
    }
  });

  test('so it does where a trial of another worker succeeded, also after the end of the wait', () => {
    const quota = usedUp(10_000, false);
    assert.equal(quota.adopt({ waitMs: 10_000, narrowed: true }, 0, 0, 0), true);
    assert.equal(quota.admit(PLAIN, 10_000).passes, true);
    assert.equal(quota.isFree, true);
    for (let n = 1; n < 80; n++) assert.equal(refuse(quota, `${n}`, 1, 10_000).news, undefined);
    assert.equal(refuse(quota, 'last', 1, 10_000).news?.until, 15_000);
  });

  test('the end of a wait without such a trial is the end of a quota of all calls: it takes five again', () => {
    const quota = usedUp(10_000, false);
    quota.succeeded(true, 0);
    for (let n = 0; n < 80; n++) refuse(quota, `${n}`);
    assert.equal(quota.usedUpUntil(0), 5_000);
    assert.equal(quota.admit(PLAIN, 3_600_000).passes, true);
    assert.equal(quota.isFree, true);
    for (let n = 1; n < MANY_REFUSED; n++) refuse(quota, `${n}`, 1, 3_600_000);
    assert.equal(refuse(quota, 'last', 1, 3_600_000).news?.until, 3_605_000);
  });
});

test('a narrowed quota lets calls pass, and is forgotten at its end', () => {
  const quota = usedUp(10_000, false);
  quota.succeeded(true, 2_000);
  assert.equal(quota.usedUpUntil(3_000), undefined);
  assert.equal(quota.admit(PLAIN, 9_999).passes, true);
  assert.equal(quota.isFree, false);
  assert.equal(quota.admit(PLAIN, 10_000).passes, true);
  assert.equal(quota.isFree, true);
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
  });

  test('its rate and words hold here', () => {
    const quota = new KeyQuota('a', alone);
    quota.adopt({ key: 'a', waitMs: 10_000, said: 'slow', perSecond: 4 }, 0, 0, 0);
    assert.equal(quota.said, 'slow');
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

  test('it knows a wait that ends at most a second later than its own, as narrow as it is here', () => {
    const quota = new KeyQuota('a', alone);
    const known = (until: number, narrowed?: true) =>
      quota.fleetKnows({ key: 'a', since: 0, until, narrowed });
    assert.equal(known(1), false);
    quota.adopt({ key: 'a', waitMs: 10_000 }, 0, 0, 0);
    assert.equal(known(11_000), true);
    assert.equal(known(11_001), false);
    assert.equal(known(10_000, true), false);
    // A longer wait is news to it.
    quota.refused({ waitMs: 60_000 }, refusedCall, 0, 0);
    assert.equal(known(60_000), false);
    assert.equal(known(10_000), true);
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
