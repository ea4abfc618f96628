// What the page keeps and shows of a breaker's transitions.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CircuitBreakerState,
  foldTrials,
  keepTransitions,
  outageBegan,
  type Transition,
  type TransitionCause,
} from '../../common/circuit-breaker/index.js';

let at = 0;
const move = (from: CircuitBreakerState, to: CircuitBreakerState, cause: TransitionCause): Transition => ({
  ...{ from, to, at: ++at, epoch: at },
  reason: { cause },
});
const opened = () => move('CLOSED', 'OPEN', 'consecutive-failures');
const round = () => [move('OPEN', 'HALF_OPEN', 'open-time-over'), move('HALF_OPEN', 'OPEN', 'trial-failed')];
const closed = () => move('HALF_OPEN', 'CLOSED', 'trials-succeeded');

describe('transitions that are kept', () => {
  test('at most 20, the current one among them; of an outage the oldest failed trials go first', () => {
    const before = [opened(), move('OPEN', 'HALF_OPEN', 'open-time-over'), closed()];
    const opening = opened();
    let kept: readonly Transition[] = [...before, opening];
    for (let n = 0; n < 100; n++) {
      for (const transition of round()) {
        kept = keepTransitions([...kept, transition]);
        assert.equal(kept.at(-1), transition);
      }
    }
    assert.equal(kept.length, 20);
    assert.ok(kept.includes(opening));
    assert.ok(kept.includes(before[2] as Transition));
    assert.deepEqual(
      kept,
      [...kept].sort((a, b) => a.at - b.at),
    );
  });

  test('of many others the newest', () => {
    const all = Array.from({ length: 30 }, () => move('OPEN', 'CLOSED', 'reset'));
    assert.deepEqual(keepTransitions(all), all.slice(10));
  });
});

describe('when an outage began', () => {
  test('at the transition that ended the time in which calls passed', () => {
    const first = opened();
    assert.equal(outageBegan([first]), first);
    assert.equal(outageBegan([first, ...round(), ...round()]), first);
    const second = opened();
    assert.equal(outageBegan([first, closed(), second, ...round()]), second);
  });

  test('it is not known where the breaker is closed, was set by a person, or has lost that transition', () => {
    const reset = move('OPEN', 'CLOSED', 'reset');
    const forced = move('OPEN', 'FORCED_OPEN', 'forced');
    for (const each of [[], [opened(), closed()], [opened(), reset], [opened(), forced], round()])
      assert.equal(outageBegan(each), undefined);
  });
});

describe('rows of failed trials are one line', () => {
  test('with the number, the first and the last', () => {
    const first = opened();
    const rounds = [...round(), ...round(), ...round()];
    const [one, row, last, more] = foldTrials([first, ...rounds, closed()]);
    assert.equal(one, first);
    assert.deepEqual(row, {
      ...{ failed: 3, first: rounds[1]?.at, last: rounds[5]?.at },
      reason: { cause: 'trial-failed' },
    });
    assert.equal((last as Transition).to, 'CLOSED');
    assert.equal(more, undefined);
  });

  test('a trial under way, and a single one that failed, stand as they are', () => {
    const single = [opened(), ...round(), closed()];
    assert.deepEqual(foldTrials(single), single);
    const underWay = move('OPEN', 'HALF_OPEN', 'open-time-over');
    assert.equal(foldTrials([opened(), ...round(), ...round(), underWay]).at(-1), underWay);
  });
});
