import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryPlugin } from 'temporal-recovery';
import { readFloods } from '../../worker/options/flood-options.js';

const DAY_MS = 24 * 3_600_000;

describe('the option flood', () => {
  test('an alarm by default; an operation changes what it says; false switches it off', () => {
    const problems: string[] = [];
    const floodOf = readFloods(
      { minimumCalls: 20 },
      new Map<string, unknown>([
        ['crm.*', { then: 'hold', patience: '2 hours' }],
        ['crm.validate', false],
        ['other', undefined],
      ]),
      problems,
    );
    assert.deepEqual(problems, []);
    const base = { share: 0.5, minimumCalls: 20, action: 'alarm', patienceMs: DAY_MS };
    assert.deepEqual(floodOf({ activityType: 'other' }), base);
    const held = { ...base, action: 'hold', patienceMs: 7_200_000 };
    assert.deepEqual(floodOf({ activityType: 'a', operation: 'crm.push' }), held);
    assert.deepEqual(floodOf({ activityType: 'crm.pull', operation: 'x' }), held);
    assert.equal(floodOf({ activityType: 'a', operation: 'crm.validate' }), undefined);
    assert.deepEqual(readFloods(undefined, new Map(), [])({ activityType: 'a' }), {
      ...base,
      minimumCalls: 50,
    });
    const off = readFloods(false, new Map<string, unknown>([['on', { then: 'hold' }]]), []);
    assert.equal(off({ activityType: 'a' }), undefined);
    assert.equal(off({ activityType: 'on' })?.action, 'hold');
  });

  test('each problem names path, value and what is expected', () => {
    const problemsOf = (flood: unknown) => {
      try {
        new RecoveryPlugin({ flood, operations: { push: { flood } } } as never);
        return [];
      } catch (error) {
        return (error as { problems: string[] }).problems;
      }
    };
    assert.deepEqual(problemsOf({ share: 1.5 }), [
      'flood.share: expected a number above 0 and at most 1, got 1.5',
      'operations.push.flood.share: expected a number above 0 and at most 1, got 1.5',
    ]);
    for (const [flood, problem] of [
      [
        true,
        /^flood: expected an object with any of share, minimumCalls, then, patience, or false, got true$/,
      ],
      [{ share: 0 }, /^flood\.share: .* got 0$/],
      [{ minimumCalls: 2.5 }, /^flood\.minimumCalls: expected a whole number from 1 to 10000, got 2\.5$/],
      [{ then: 'off' }, /^flood\.then: expected "hold" or "alarm", got "off"$/],
      [{ patience: 'long' }, /^flood\.patience: expected a duration above 0 .* got "long"$/],
      [{ patience: 0 }, /^flood\.patience: /],
      [{ when: 1 }, /^flood\.when: unknown option; known here are share, minimumCalls, then, patience$/],
    ] as const) {
      assert.match(problemsOf(flood)[0] ?? '', problem);
    }
    assert.deepEqual(problemsOf({ share: 1, minimumCalls: 1, then: 'hold', patience: 1 }), []);
  });
});
