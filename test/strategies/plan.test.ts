import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ErrorCategory } from '../../common/errors/index.js';
import {
  DEFAULT_LIMITS,
  decideRetry,
  delayAfter,
  PLUGIN_DEFAULTS,
  planOf,
  type RecoveryPlan,
  type RecoveryRules,
  RecoveryStrategy,
  Rulebook,
  resolvePlan,
  type Step,
} from '../../common/strategies/index.js';

const limits = { ...DEFAULT_LIMITS, maxRetries: 3 };
const plan = (...steps: (RecoveryStrategy | Step)[]): RecoveryPlan =>
  planOf({
    steps: steps.map((step) => (typeof step === 'string' ? { strategy: step } : step)),
    limits,
    onExhausted: 'deadLetter',
    fallback: { kind: 'value', value: 1 },
  });
const waits = (of: RecoveryPlan): number[] => {
  const found: number[] = [];
  for (let attempts = 1; ; attempts++) {
    const delay = delayAfter(of, attempts, 0.5);
    if (delay === undefined) return found;
    found.push(delay);
  }
};
const actions = (of: RecoveryPlan) => of.ends.map(({ action }) => action);

describe('strategies in sequence', () => {
  const cases: [string, RecoveryPlan, number[], string[]][] = [
    ['RETRY: a fixed interval', plan('RETRY'), [1000, 1000, 1000], ['deadLetter']],
    ['EXPONENTIAL_BACKOFF: growing', plan('EXPONENTIAL_BACKOFF'), [1000, 2000, 4000], ['deadLetter']],
    [
      'their retries add up',
      plan('RETRY', 'EXPONENTIAL_BACKOFF'),
      [1000, 1000, 1000, 1000, 2000, 4000],
      ['deadLetter'],
    ],
    ['FAIL_FAST ends them', plan('RETRY', 'FAIL_FAST', 'RETRY'), [1000, 1000, 1000], ['deadLetter']],
    ['FAIL_FAST first: no retry', plan('FAIL_FAST', 'RETRY'), [], ['deadLetter']],
    ['SKIP first: no retry', plan('SKIP', 'RETRY'), [], ['skip']],
    ['SKIP after retries', plan('RETRY', 'SKIP'), [1000, 1000, 1000], ['skip']],
    ['SKIP behind FAIL_FAST is not reached', plan('FAIL_FAST', 'SKIP'), [], ['deadLetter']],
    [
      'FALLBACK is the last resort',
      plan('FALLBACK', 'RETRY'),
      [1000, 1000, 1000],
      ['fallback', 'deadLetter'],
    ],
    ['also behind FAIL_FAST', plan('FAIL_FAST', 'FALLBACK'), [], ['fallback', 'deadLetter']],
    ['SKIP where the fallback fails', plan('FALLBACK', 'SKIP'), [], ['fallback', 'skip']],
    ['CIRCUIT_BREAKER alone retries nothing', plan('CIRCUIT_BREAKER'), [], ['deadLetter']],
    ['none: no retry', plan(), [], ['deadLetter']],
    [
      'limits of one strategy',
      plan({ strategy: 'RETRY', maxRetries: 1, retryDelay: 50 }, 'EXPONENTIAL_BACKOFF'),
      [50, 1000, 2000, 4000],
      ['deadLetter'],
    ],
    [
      'a cap',
      plan({ strategy: 'EXPONENTIAL_BACKOFF', maxRetries: 4, maxRetryDelay: 2500 }),
      [1000, 2000, 2500, 2500],
      ['deadLetter'],
    ],
    [
      'equal jitter: from half of the interval',
      plan({ strategy: 'RETRY', maxRetries: 1, jitter: 'equal' }),
      [750],
      ['deadLetter'],
    ],
    ['full jitter', plan({ strategy: 'RETRY', maxRetries: 1, jitter: 'full' }), [500], ['deadLetter']],
  ];
  for (const [name, of, expectedWaits, ends] of cases) {
    test(name, () => {
      assert.deepEqual(waits(of), expectedWaits);
      assert.equal(of.maxRetries, expectedWaits.length);
      assert.deepEqual(actions(of), ends);
    });
  }

  test('waits are never negative, never above the cap, and as many as retries', () => {
    const step = fc.record(
      {
        strategy: fc.constantFrom(...Object.values(RecoveryStrategy)),
        maxRetries: fc.nat(30),
        retryDelay: fc.nat(10_000),
        backoffFactor: fc.double({ min: 1, max: 1e9, noNaN: true }),
        maxRetryDelay: fc.integer({ min: 1, max: 100_000 }),
        jitter: fc.constantFrom('none' as const, 'equal' as const, 'full' as const),
      },
      { requiredKeys: ['strategy'] },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (steps, random) => {
          const of = plan(...steps);
          for (let attempts = 1; attempts <= of.maxRetries; attempts++) {
            const delay = delayAfter(of, attempts, random);
            assert.ok(delay !== undefined && delay >= 0 && delay <= 100_000, `${delay}`);
          }
          assert.equal(delayAfter(of, of.maxRetries + 1, random), undefined);
          assert.ok(['deadLetter', 'skip', 'fail'].includes(of.ends.at(-1)?.action ?? ''));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('which rules hold', () => {
  const resolve = (...layers: RecoveryRules[]) => resolvePlan(layers, 'SERVER', PLUGIN_DEFAULTS);

  test('without any: the defaults of the category', () => {
    const retries = Object.fromEntries(
      Object.values(ErrorCategory).map((category) => [
        category,
        resolvePlan([], category, PLUGIN_DEFAULTS).maxRetries,
      ]),
    );
    const transient = { NETWORK: 10, TIMEOUT: 10, RATE_LIMIT: 10, SERVER: 10, UNKNOWN: 10 };
    assert.deepEqual(retries, { ...transient, AUTH: 0, VALIDATION: 0, CLIENT: 0, MAPPING: 0, PLUGIN: 0 });
    assert.deepEqual(waits(resolve()).slice(5), [32_000, 64_000, 100_000, 100_000, 100_000]);
  });

  test('each setting comes from the most specific rules that have it, categories first', () => {
    const call: RecoveryRules = { maxRetries: 1 };
    const operation: RecoveryRules = { retryDelay: 10, categories: { SERVER: { backoffFactor: 3 } } };
    const all: RecoveryRules = { maxRetries: 9, retryDelay: 99, backoffFactor: 9, onExhausted: 'fail' };
    assert.deepEqual(waits(resolve(call, operation, all)), [10]);
    assert.deepEqual(waits(resolve({ ...call, maxRetries: 3 }, operation, all)), [10, 30, 90]);
    assert.deepEqual(actions(resolve(call, operation, all)), ['fail']);
    assert.deepEqual(actions(resolve({ categories: { CLIENT: { onExhausted: 'skip' } } }, all)), ['fail']);
  });

  test('of an operation: its name, then its activity type, then the pattern with the most text', () => {
    const queue = (name: string) => ({ rules: {}, queue: name });
    const book = new Rulebook(
      {},
      new Map([
        ['*', queue('all')],
        ['get*', queue('get')],
        ['get*Price', queue('price')],
        ['getPrice', queue('type')],
        ['prices', queue('name')],
        ['*a*b*', queue('ab')],
      ]),
    );
    const found = (activityType: string, operation?: string) =>
      book.operation({ activityType, operation })?.queue;
    assert.equal(found('getPrice', 'prices'), 'name');
    assert.equal(found('getPrice', 'other'), 'type');
    assert.equal(found('getNetPrice'), 'price');
    assert.equal(found('getName'), 'get');
    assert.equal(found('x'), 'all');
    assert.equal(found('xaxxbx'), 'ab');
    assert.equal(found('xbxxax'), 'all');
  });

  test('patterns: `*` is any text, everything else stands for itself', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    fc.assert(
      fc.property(
        part,
        fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }),
        (pattern, name) => {
          const source = pattern
            .split('*')
            .map((text) => text.replaceAll('.', '\\.'))
            .join('.*');
          const book = new Rulebook({}, new Map([[pattern, { rules: {}, queue: 'q' }]]));
          assert.equal(
            book.operation({ activityType: name })?.queue === 'q',
            new RegExp(`^${source}$`).test(name),
            `${pattern} ${name}`,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the decision after a failed attempt', () => {
  const failed = { attempts: 1, now: 1_000_000, plan: plan('RETRY'), callSetsIntervals: false, random: 0 };

  test('a wait the service asks for comes first, within the cap, and is never none', () => {
    assert.deepEqual(decideRetry({ ...failed, retryAfterMs: 7_000 }), { retry: true, delayMs: 7_000 });
    assert.deepEqual(decideRetry({ ...failed, retryAfterMs: 0 }), { retry: true, delayMs: 1 });
    assert.deepEqual(decideRetry({ ...failed, retryAfterMs: 9e9 }), { retry: true, delayMs: 3_600_000 });
    assert.deepEqual(decideRetry({ ...failed, retryAfterMs: 9_000, retryAfterCapMs: 5_000 }), {
      retry: true,
      delayMs: 5_000,
    });
  });

  test('a wait that does not fit ends it now; the last that fits does not', () => {
    const until = (scheduleToCloseAt: number) => decideRetry({ ...failed, scheduleToCloseAt });
    assert.deepEqual(until(1_001_000), { retry: false, because: 'no time left' });
    assert.deepEqual(until(1_001_001), { retry: true, delayMs: 1000 });
  });

  test('a change of category gives no attempts back', () => {
    const backoff = { ...failed, plan: plan('EXPONENTIAL_BACKOFF') };
    assert.equal(decideRetry({ ...failed, attempts: 3 }).retry, true);
    assert.deepEqual(decideRetry({ ...backoff, attempts: 4 }), { retry: false, because: 'used up' });
    assert.deepEqual(decideRetry({ ...failed, attempts: 1, plan: plan('FAIL_FAST') }), {
      retry: false,
      because: 'used up',
    });
  });

  test('intervals of the call itself are left to the server', () => {
    assert.deepEqual(decideRetry({ ...failed, callSetsIntervals: true }), { retry: true });
  });
});
