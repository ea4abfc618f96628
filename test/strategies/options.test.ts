import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  RecoveryPlugin,
  type RecoveryPluginOptions,
  RecoveryStrategy,
  toRetryPolicy,
} from 'temporal-recovery';
import { InvalidRecoveryError } from '../../common/strategies/index.js';
import { proxyRecoverableLocalActivities } from '../../workflows/index.js';

const make = (options: object) => () => new RecoveryPlugin(options as RecoveryPluginOptions);

describe('bad options are refused when the plugin is made', () => {
  const cases: [string, object, RegExp[]][] = [
    [
      'an unknown strategy',
      { strategies: 'RETRI' },
      [/^RecoveryPlugin: strategies: /, /"RETRI"/, /RETRY, EXPONENTIAL/],
    ],
    ['one in a list', { strategies: ['RETRY', 'typo'] }, [/strategies\[1\]: expected one of/, /"typo"/]],
    [
      'an unknown category',
      { categories: { NETWROK: 'RETRY' } },
      [/categories\.NETWROK: unknown category/, /NETWORK, AUTH/],
    ],
    ['a strategy of a category', { categories: { SERVER: ['NO'] } }, [/categories\.SERVER\[0\]: /]],
    [
      'an option of a category',
      { categories: { SERVER: { max: 1 } } },
      [/categories\.SERVER\.max: unknown option/, /maxRetries/],
    ],
    ['a negative delay', { retryDelay: -1 }, [/retryDelay: expected a duration of 0 or more/, /got -1/]],
    ['a delay that is no duration', { maxRetryDelay: 'soon' }, [/maxRetryDelay: /, /"5 minutes"/, /"soon"/]],
    ['half a retry', { maxRetries: 1.5 }, [/maxRetries: expected a whole number/, /1\.5/]],
    ['a shrinking backoff', { backoffFactor: 0.5 }, [/backoffFactor: expected a number of at least 1/]],
    ['an unknown jitter', { jitter: 'some' }, [/jitter: expected one of none, equal, full/]],
    ['an unknown end', { onExhausted: 'retry' }, [/onExhausted: expected one of deadLetter, /, /"retry"/]],
    [
      'a fallback that is nothing',
      { fallback: 7 },
      [/fallback: expected \{ value \} or \{ activity: "name" \}/, /got 7/],
    ],
    ['a fallback function', { fallback: () => 1 }, [/fallback: a function works only in workflow code/]],
    ['a fallback without a name', { fallback: { activity: '' } }, [/fallback\.activity: expected a name/]],
    [
      'FALLBACK without a fallback',
      { categories: { SERVER: ['RETRY', 'FALLBACK'] } },
      [/fallback: .*SERVER/],
    ],
    [
      'the same in an operation',
      { operations: { 'a*': { strategies: 'FALLBACK' } } },
      [/operations\.a\*\.fallback: /],
    ],
    [
      'an option of an operation',
      { operations: { a: { queu: 'x' } } },
      [/operations\.a\.queu: unknown option/, /queue/],
    ],
    [
      'a queue of an operation',
      { operations: { a: { queue: 7 } } },
      [/operations\.a\.queue: expected the name/, /got 7/],
    ],
    ['an operation without a name', { operations: { '': {} } }, [/operations/]],
    ['classify', { classify: 'CLIENT' }, [/classify: expected a function/]],
    ['secret names', { secretNames: 'token' }, [/secretNames: /]],
    ['a cap of waits', { maxRetryAfter: 0 }, [/maxRetryAfter: /]],
  ];
  for (const [name, options, patterns] of cases) {
    test(name, () => {
      assert.throws(make(options), (error: unknown) => {
        assert.ok(error instanceof InvalidRecoveryError);
        for (const pattern of patterns) assert.match(error.message, pattern);
        return true;
      });
    });
  }

  test('all problems at once', () => {
    assert.throws(make({ maxRetries: -1, operations: { a: { jitter: 1 } }, mode: 'x' }), (error: unknown) => {
      assert.ok(error instanceof InvalidRecoveryError);
      assert.equal(error.problems.length, 3);
      return true;
    });
  });

  test('good ones are not refused', () => {
    make({
      strategies: [
        'RETRY',
        { strategy: 'EXPONENTIAL_BACKOFF', maxRetries: 2, jitter: 'full', retryDelay: '1s' },
      ],
      categories: { AUTH: 'FAIL_FAST', SERVER: { strategies: RecoveryStrategy.SKIP, skipValue: null } },
      operations: { 'get*': { fallback: { value: [] }, queue: 'reads' }, put: { onExhausted: 'fail' } },
      maxRetries: 0,
      retryDelay: 0,
    })();
  });
});

describe('toRetryPolicy', () => {
  test('one strategy', () => {
    assert.deepEqual(toRetryPolicy('RETRY', { maxRetries: 2, retryDelay: '3s' }), {
      maximumAttempts: 3,
      initialInterval: 3000,
      backoffCoefficient: 1,
      maximumInterval: 100_000,
    });
    assert.deepEqual(toRetryPolicy('EXPONENTIAL_BACKOFF'), {
      maximumAttempts: 11,
      initialInterval: 1000,
      backoffCoefficient: 2,
      maximumInterval: 100_000,
    });
  });

  test('several: attempts add up, the shortest interval, the greatest coefficient', () => {
    assert.deepEqual(
      toRetryPolicy([
        'CIRCUIT_BREAKER',
        { strategy: 'RETRY', retryDelay: 10, maxRetries: 1 },
        'EXPONENTIAL_BACKOFF',
      ]),
      { maximumAttempts: 12, initialInterval: 10, backoffCoefficient: 2, maximumInterval: 100_000 },
    );
  });

  test('none that retries: one attempt', () => {
    for (const strategies of ['FAIL_FAST', 'SKIP', [], ['FAIL_FAST', 'RETRY']] as const) {
      assert.deepEqual(toRetryPolicy(strategies as never), { maximumAttempts: 1 });
    }
  });

  test('a cap below the first interval is the interval', () => {
    const policy = toRetryPolicy('RETRY', { retryDelay: '1s', maxRetryDelay: 10 });
    assert.deepEqual([policy.initialInterval, policy.maximumInterval], [10, 10]);
  });

  test('bad input is refused', () => {
    assert.throws(() => toRetryPolicy('NO' as never), /toRetryPolicy: strategies: expected one of/);
    assert.throws(() => toRetryPolicy('RETRY', { maxRetries: -1 }), /options\.maxRetries/);
  });
});

test('a circuit breaker for local activities is refused with an explanation', () => {
  assert.throws(
    () =>
      proxyRecoverableLocalActivities({
        startToCloseTimeout: 1,
        recovery: { breaker: 'prices' } as object,
      }),
    /recovery\.breaker: local activities have no circuit breaker.*use proxyRecoverableActivities/,
  );
});
