import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import type { ReportedFlood } from '../../common/flood/floods.js';
import type { FloodRules } from '../../common/flood/key-flood.js';
import { FloodGate } from '../../worker/circuit-breaker/flood-gate.js';

const RULES: FloodRules = { share: 0.5, minimumCalls: 3, action: 'hold', patienceMs: 3_600_000 };

const call = (quotaKey?: string, rules = RULES): GuardedCall => ({
  ...{ breaker: 'crm', taskQueue: 'q', executionId: 'w/r/1', isFresh: true },
  ...(quotaKey === undefined ? {} : { quotaKey }),
  flood: { operation: 'push', rules },
});

const reported = (more: Partial<ReportedFlood> = {}): ReportedFlood => ({
  ...{ operation: 'push', state: 'held', waitMs: 3_600_000, agoMs: 0, group: 'g', letters: 3, calls: 3 },
  ...more,
});

function flooded(quotaKey?: string, rules = RULES): FloodGate {
  const gate = new FloodGate(() => 1);
  for (let i = 0; i < 3; i++) gate.endedAsLetter(call(quotaKey, rules), { group: 'g' }, 0, 0);
  return gate;
}

describe('the floods behind one circuit breaker, as one worker sees them', () => {
  test('what was found is reported until it was sent; what comes meanwhile is sent next', () => {
    const gate = flooded();
    const first = gate.toReport(1_000);
    assert.deepEqual(
      first.map(({ operation, state, agoMs }) => [operation, state, agoMs]),
      [['push', 'held', 1_000]],
    );
    assert.equal(gate.endedOtherwise(call(), true, 2_000), true);
    gate.sent(first);
    const second = gate.toReport(3_000);
    assert.deepEqual(
      second.map(({ state }) => state),
      ['over'],
    );
    gate.sent(second);
    assert.deepEqual(gate.toReport(4_000), []);
  });

  test('calls of another key, of another operation, and of an operation that only alarms are not held', () => {
    const gate = flooded('a');
    assert.equal(gate.admit(call('a'), 1)?.passes, false);
    assert.ok(gate.holds(call('a'), 1));
    for (const other of [call('b'), call(), call('a', { ...RULES, action: 'alarm' })]) {
      assert.notEqual(gate.admit(other, 1)?.passes, false);
      assert.ok(!gate.holds(other, 1));
    }
    const { flood: _, ...unguarded } = call('a');
    assert.equal(gate.admit(unguarded, 1), undefined);
  });

  test('a hold that the fleet does not know yet stays, and is reported, though others have raised an alarm', () => {
    const gate = flooded();
    assert.equal(gate.adopt([reported({ state: 'alarm' })], 0, 1), false);
    assert.ok(gate.holds(call(), 2));
    assert.equal(gate.toReport(2)[0]?.state, 'held');
    gate.adopt([reported()], 0, 3);
    assert.deepEqual(gate.toReport(4), []);
  });

  test("after the success of a trial the fleet's older word does not hold the calls again", () => {
    const gate = flooded();
    gate.adopt([reported()], 0, 1);
    assert.ok(gate.endedOtherwise(call(), true, 2));
    assert.equal(gate.adopt([reported()], 0, 3), false);
    assert.ok(!gate.holds(call(), 4));
    gate.sent(gate.toReport(5));
    gate.adopt([reported({ group: 'h' })], 0, 6);
    assert.ok(gate.holds(call(), 7));
  });

  test('what the fleet takes back frees the calls; what is over leaves nothing behind', () => {
    const gate = new FloodGate(() => 1);
    gate.adopt([reported(), reported({ quotaKey: 'a' })], 0, 0);
    assert.deepEqual(gate.count(1), { held: 2, alarm: 0 });
    assert.equal(gate.adopt([reported({ quotaKey: 'a' })], 0, 2), true);
    assert.ok(!gate.holds(call(), 3));
    assert.ok(gate.holds(call('a'), 3));
    assert.equal(gate.adopt([], 0, 4), true);
    assert.deepEqual(gate.count(5), { held: 0, alarm: 0 });
    assert.equal(gate.admit(call(), 6), undefined);
  });

  test('of thousands of keys the ones that hold calls are kept', () => {
    const gate = flooded('first');
    for (let i = 0; i < 3_000; i++) gate.endedAsLetter(call(`${i}`), { group: 'g' }, 1, 0);
    assert.ok(gate.holds(call('first'), 2));
  });
});
