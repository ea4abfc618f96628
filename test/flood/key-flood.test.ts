import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ReportedFlood } from '../../common/flood/floods.js';
import { ALARM_MS, FIRST_TRIAL_MS, type FloodRules, KeyFlood } from '../../common/flood/key-flood.js';

const KEY = { operation: 'push', quotaKey: 'tenant-7' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOLD: FloodRules = { share: 0.5, minimumCalls: 4, action: 'hold', patienceMs: DAY_MS };
const ALARM: FloodRules = { ...HOLD, action: 'alarm' };
const CAUSE = { group: 'g', said: 'VALIDATION field is missing' };
const NEW = { patienceMs: DAY_MS };

function flooded(rules = HOLD, workers = 1, now = 0, random = 0): KeyFlood {
  const calls = new KeyFlood(KEY, () => workers);
  for (let i = 0; i < rules.minimumCalls; i++) calls.endedAsLetter(CAUSE, rules, now, random);
  return calls;
}

const reported = (more: Partial<ReportedFlood> = {}): ReportedFlood => ({
  ...{ ...KEY, ...CAUSE, state: 'held', waitMs: DAY_MS, agoMs: 0, letters: 4, calls: 4 },
  ...more,
});

describe('the calls of one operation, as one worker sees them', () => {
  test('they are held from the last letter of the sample on, and what is said of it is the count', () => {
    const calls = new KeyFlood(KEY, () => 1);
    for (let i = 0; i < 3; i++) assert.equal(calls.endedAsLetter(CAUSE, HOLD, i, 0), undefined);
    assert.ok(calls.admit(NEW, 3).passes);
    assert.deepEqual(calls.endedAsLetter(CAUSE, HOLD, 4, 0), {
      flood: { ...KEY, ...CAUSE, state: 'held', since: 4, until: 4 + DAY_MS, letters: 4, calls: 4 },
      isFirst: true,
    });
    const answer = calls.admit(NEW, 5);
    assert.equal(answer.passes, false);
    // Calls that were on their way are no news.
    assert.equal(calls.endedAsLetter(CAUSE, HOLD, 6, 0), undefined);
  });

  test('a success of a trial lets all go on; any other success does not', () => {
    const calls = flooded();
    assert.equal(calls.endedOtherwise(false, 1), undefined);
    assert.equal(calls.admit(NEW, 2).passes, false);
    assert.deepEqual(calls.admit(NEW, FIRST_TRIAL_MS), { passes: true, isTrial: true });
    assert.equal(calls.admit(NEW, FIRST_TRIAL_MS).passes, false);
    assert.equal(calls.endedOtherwise(true, FIRST_TRIAL_MS + 1)?.state, 'held');
    assert.deepEqual(calls.admit(NEW, FIRST_TRIAL_MS + 2), { passes: true });
    assert.ok(calls.isFree);
    // They are counted from zero.
    for (let i = 0; i < 3; i++)
      assert.equal(calls.endedAsLetter(CAUSE, HOLD, FIRST_TRIAL_MS + 3, 0), undefined);
    assert.equal(calls.endedAsLetter(CAUSE, HOLD, FIRST_TRIAL_MS + 4, 0)?.flood.state, 'held');
  });

  test('there is always a next trial, they become rarer, and a day of trials that fail is some 200 letters', () => {
    const calls = flooded({ ...HOLD, patienceMs: 2 * DAY_MS });
    let trials = 0;
    let last = 0;
    let longest = 0;
    let heldForMs: number | undefined;
    // One call that waits and comes when it is asked to.
    for (let now = 0; now < DAY_MS; ) {
      const answer = calls.admit({ patienceMs: 2 * DAY_MS, heldForMs }, now);
      if (answer.passes) {
        assert.ok(answer.isTrial);
        trials++;
        longest = Math.max(longest, now - last);
        last = now;
        calls.endedAsLetter(CAUSE, HOLD, now, 0);
        heldForMs = undefined;
        now++;
      } else {
        assert.ok(answer.comesAt > now);
        now = answer.comesAt;
        heldForMs = 0;
      }
    }
    assert.ok(trials > 100 && trials < 300, `${trials} trials`);
    assert.ok(longest <= 11 * 60_000, `${longest} ms`);
  });

  test('of calls that wait, a few come for the next trials, the others look again, five a second, at most after 20 minutes', () => {
    const calls = flooded();
    const comesAt = (now: number) => {
      const answer = calls.admit({ ...NEW, heldForMs: 1 }, now);
      return answer.passes ? undefined : answer.comesAt;
    };
    const first = Array.from({ length: 5_000 }, () => comesAt(1) ?? 0).sort((a, b) => a - b);
    const soon = first.filter((at) => at < 60_000).length;
    assert.ok(soon > 3 && soon < 15, `${soon} calls`);
    assert.ok(first.every((at, i) => i < soon + 5 || at - (first[i - 5] ?? 0) >= 999));
    assert.ok((first.at(-1) ?? 0) < 20 * 60_000);
    const second = Array.from({ length: 5_000 }, () => comesAt(1) ?? 0);
    assert.ok(second.every((at) => at > 59_000 && at <= 20 * 60_000 + 1));
    assert.ok(new Set(second.map((at) => Math.round(at / 1_000))).size > 500);
    // Few calls look again after a minute, however long they are held.
    assert.equal(comesAt(10 * HOUR_MS), undefined);
    const late = Array.from({ length: 100 }, () => (comesAt(10 * HOUR_MS) ?? 0) - 10 * HOUR_MS);
    assert.ok(late.every((ms) => ms >= 60_000 && ms <= 81_000));
  });

  test('a new call comes before those that wait, at the same pace of trials', () => {
    const calls = flooded();
    let trials = 0;
    for (let now = 0; now < 100_000; now += 100) {
      const waiting = calls.admit({ ...NEW, heldForMs: 1 }, now);
      const fresh = calls.admit(NEW, now);
      assert.ok(!waiting.passes, `at ${now}`);
      if (fresh.passes) trials++;
    }
    assert.ok(trials >= 18 && trials <= 21, `${trials} trials`);
  });

  test('many workers share the trials, and do not all begin in one moment', () => {
    const workers = Array.from({ length: 20 }, (_, i) => flooded(HOLD, 20, 0, i / 20));
    let trials = 0;
    for (let now = 0; now < 60_000; now += 50) {
      // Each call reaches any of them.
      const answer = workers[(now / 50) % 20]?.admit({ ...NEW, heldForMs: 1 }, now);
      if (answer?.passes) trials++;
    }
    assert.ok(trials >= 5 && trials <= 15, `${trials} trials in a minute`);
  });

  test('no call waits longer than its patience, and none that would run out of time waits', () => {
    const calls = flooded();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: DAY_MS - 1 }), fc.nat(DAY_MS - 1), (heldForMs, now) => {
        const answer = calls.admit({ ...NEW, heldForMs }, now);
        if (!answer.passes) assert.ok(answer.comesAt <= now + DAY_MS - heldForMs);
      }),
    );
    const other = flooded();
    assert.deepEqual(other.admit({ ...NEW, heldForMs: DAY_MS }, 1), { passes: true, isTrial: true });
    assert.deepEqual(other.admit({ ...NEW, timeLeftMs: 1_500 }, 1), { passes: true, isTrial: true });
    assert.equal(other.admit({ ...NEW, timeLeftMs: 10_000 }, 1).passes, false);
  });

  test('the hold ends by time, and what comes then is counted again', () => {
    const calls = flooded();
    assert.equal(calls.admit(NEW, FIRST_TRIAL_MS).passes, true);
    assert.equal(calls.admit(NEW, FIRST_TRIAL_MS + 1).passes, false);
    assert.deepEqual(calls.admit(NEW, DAY_MS), { passes: true });
    assert.ok(calls.isFree);
  });

  test('an alarm holds nothing, is raised once, and again when it goes on for half an hour', () => {
    const calls = new KeyFlood(KEY, () => 1);
    const news: { now: number; isFirst: boolean; since: number }[] = [];
    for (let now = 0; now < 2 * HOUR_MS; now += 1_000) {
      const found = calls.endedAsLetter(CAUSE, ALARM, now, 0);
      if (found !== undefined) news.push({ now, isFirst: found.isFirst, since: found.flood.since });
      assert.deepEqual(calls.admit(NEW, now), { passes: true });
    }
    assert.deepEqual(
      news.map(({ isFirst }) => isFirst),
      [true, false, false, false],
    );
    assert.ok(news.every(({ since }) => since === 3_000));
    assert.ok(news.slice(1).every(({ now }, i) => now - (news[i]?.now ?? 0) >= ALARM_MS / 2));
  });

  test('what the fleet says holds here too; what it takes back, or a person resumes, frees the calls', () => {
    const calls = new KeyFlood(KEY, () => 1);
    assert.equal(calls.adopt(reported({ agoMs: 1_000 }), 0, 0, 0), false);
    const answer = calls.admit(NEW, 1);
    assert.ok(!answer.passes);
    assert.equal(answer.flood.since, -1_000);
    assert.equal(calls.adopt(undefined, 0, 2, 0), true);
    assert.deepEqual(calls.admit(NEW, 3), { passes: true });
    calls.adopt(reported(), 0, 4, 0);
    assert.equal(calls.adopt(reported({ state: 'resumed', waitMs: HOUR_MS }), 0, 5, 0), true);
    assert.deepEqual(calls.admit(NEW, 6), { passes: true });
    // For this time nothing is held, whatever fails.
    for (let i = 0; i < 20; i++) assert.equal(calls.endedAsLetter(CAUSE, HOLD, 7, 0), undefined);
    for (let i = 0; i < 20; i++) calls.endedAsLetter(CAUSE, HOLD, HOUR_MS + 6, 0);
    assert.equal(calls.admit(NEW, HOUR_MS + 7).passes, false);
  });

  test('a flood that only this worker knows is not taken back by the fleet, nor made an alarm by another', () => {
    const calls = flooded();
    assert.equal(calls.adopt(undefined, 0, 1, 0), false);
    assert.equal(calls.adopt(reported({ state: 'alarm' }), 0, 1, 0), false);
    assert.equal(calls.admit(NEW, 2).passes, false);
  });

  test('whatever comes in whatever order: a call is held only while the calls are, and never without an end', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('letter' as const),
        group: fc.constantFrom('g', 'h'),
        hold: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('end' as const), isTrialSuccess: fc.boolean() }),
      fc.record({
        kind: fc.constant('call' as const),
        heldForMs: fc.option(fc.nat(2 * DAY_MS), { nil: undefined }),
      }),
      fc.record({
        kind: fc.constant('fleet' as const),
        state: fc.constantFrom(
          'held' as const,
          'alarm' as const,
          'resumed' as const,
          'over' as const,
          undefined,
        ),
        waitMs: fc.nat(2 * HOUR_MS),
        ageMs: fc.integer({ min: -1_000, max: 3 * HOUR_MS }),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(HOUR_MS)), { maxLength: 80 }), (steps) => {
        const calls = new KeyFlood(KEY, () => 2);
        let now = 0;
        for (const [each, afterMs] of steps) {
          now += afterMs;
          if (each.kind === 'letter')
            calls.endedAsLetter({ group: each.group }, each.hold ? HOLD : ALARM, now, 0.5);
          if (each.kind === 'end') calls.endedOtherwise(each.isTrialSuccess, now);
          if (each.kind === 'fleet') {
            const { state, waitMs, ageMs } = each;
            calls.adopt(state && reported({ state, waitMs }), ageMs, now, 0.5);
          }
          if (each.kind !== 'call') continue;
          const answer = calls.admit({ ...NEW, heldForMs: each.heldForMs }, now);
          const state = calls.at(now)?.state;
          if (answer.passes) assert.ok(state === 'held' || answer.isTrial === undefined);
          else {
            assert.equal(state, 'held');
            assert.ok(answer.comesAt > now && answer.comesAt <= now + 20 * 60_000 * 2);
            assert.ok(answer.comesAt <= answer.flood.until);
          }
        }
        // Where nothing comes any more, it is over after a time.
        calls.at(now + 2 * DAY_MS);
        assert.equal(calls.at(now + 2 * DAY_MS), undefined);
      }),
    );
  });
});
