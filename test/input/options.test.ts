import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecoveryPlugin } from '../../worker/index.js';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';

const ring: Record<string, unknown> = {};
ring.self = ring;
const hostile = {
  toJSON() {
    throw new Error('no');
  },
};
const OPTIONS = [
  ...[
    'mode',
    'taskQueue',
    'queue',
    'runRecoveryWorker',
    'replay',
    'classify',
    'secretNames',
    'redactPersonalData',
    'maxRetryAfter',
  ],
  ...['operations', 'queues', 'breaker', 'breakers', 'strategies', 'maxRetries', 'onExhausted', 'patience'],
  ...['categories', 'fallback', 'initialInterval', 'parkTimeout'],
];

describe('options of any shape', () => {
  const problemsOf = (options: unknown) => {
    try {
      new RecoveryPlugin(options as RecoveryPluginOptions);
      return undefined;
    } catch (error) {
      assert.equal((error as Error).name, 'InvalidOptionsError', String(error));
      return (error as Error).message;
    }
  };

  test('are an object or nothing', () => {
    assert.equal(problemsOf(undefined), undefined);
    assert.equal(problemsOf({}), undefined);
    for (const wrong of [null, 5n, 7, 'text', [], true, Symbol('s'), () => 1]) {
      assert.match(problemsOf(wrong) ?? '', /options: expected an object of options/);
    }
  });

  test('name what is wrong, whatever stands there', () => {
    for (const option of OPTIONS) {
      for (const value of [
        5n,
        Symbol('s'),
        ring,
        hostile,
        Object.create(null),
        null,
        Number.NaN,
        [5n],
        { a: 5n },
      ]) {
        const problem = problemsOf({ [option]: value });
        if (problem !== undefined) assert.match(problem, new RegExp(`RecoveryPlugin: .*\\b${option}\\b`));
      }
    }
    assert.match(problemsOf({ maxRetryAfter: 5n }) ?? '', /maxRetryAfter: .*5n?/);
    assert.match(problemsOf({ queues: 5n }) ?? '', /queues: expected .* got 5n?/);
    assert.match(problemsOf({ operations: { a: null } }) ?? '', /operations/);
    assert.match(problemsOf({ operations: { a: { breaker: 5n } } }) ?? '', /operations\.a\.breaker/);
    assert.match(problemsOf({ queues: { a: { retention: 5n } } }) ?? '', /queues\.a\.retention/);
    assert.match(problemsOf({ breakers: { a: { openTime: 5n } } }) ?? '', /breakers\.a\.openTime/);
    assert.match(problemsOf({ categories: { SERVER: { maxRetries: 5n } } }) ?? '', /categories\.SERVER/);
  });
});
