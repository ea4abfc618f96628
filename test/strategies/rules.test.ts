// From options to rules, and from rules to the plan of a call.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ErrorCategory } from '../../common/errors/category.js';
import { DEFAULT_LIMITS, PLUGIN_DEFAULTS } from '../../common/strategies/defaults.js';
import { findOperation, findOperations } from '../../common/strategies/operation-pattern.js';
import { defaultPatience, type UsedUpCall, whenUsedUp } from '../../common/strategies/patience.js';
import { Problems } from '../../common/strategies/problems.js';
import { type KeptAnswers, readRules, readStrategies } from '../../common/strategies/read.js';
import { resolvePlan, setsAttempts, setsIntervals } from '../../common/strategies/resolve.js';
import { Rulebook } from '../../common/strategies/rulebook.js';
import { fallbackActivities, type RecoveryRules } from '../../common/strategies/rules.js';

const { NETWORK, SERVER, RATE_LIMIT, TIMEOUT, UNKNOWN, AUTHENTICATION } = ErrorCategory;
const DAY = 24 * 3_600_000;
const QUARTER = 15 * 60_000;

describe('options are read into rules', () => {
  const read = (input: unknown, kept?: KeptAnswers) => {
    const problems = new Problems('test');
    return { rules: readRules(input, '', problems, kept), problems: [...problems.all] };
  };
  const cases: [string, object, RecoveryRules][] = [
    ['nothing', {}, {}],
    [
      'limits, with durations in words',
      { maxRetries: 0, retryDelay: '1s', backoffFactor: 1, maxRetryDelay: 1, jitter: 'full' },
      { maxRetries: 0, retryDelay: 1_000, backoffFactor: 1, maxRetryDelay: 1, jitter: 'full' },
    ],
    ['patience without an end', { patience: false }, { patience: false }],
    ['no patience', { patience: 0 }, { patience: 0 }],
    ['patience', { patience: '2 minutes' }, { patience: 120_000 }],
    ['what is released', { autoRelease: false }, { autoRelease: false }],
    ['lost workers', { maxWorkerLosses: 1 }, { maxWorkerLosses: 1 }],
    ['a limit of parking', { onExhausted: 'park', parkTimeout: 1 }, { onExhausted: 'park', parkTimeout: 1 }],
    ['one strategy', { strategies: 'RETRY' }, { strategies: [{ strategy: 'RETRY' }] }],
    [
      'strategies with limits of their own',
      { strategies: ['CIRCUIT_BREAKER', { strategy: 'RETRY', maxRetries: 1 }] },
      { strategies: [{ strategy: 'CIRCUIT_BREAKER' }, { strategy: 'RETRY', maxRetries: 1 }] },
    ],
    [
      'a fallback implies that it is used',
      { fallback: { value: 0 } },
      { onExhausted: 'fallback', fallback: { kind: 'value', value: 0 } },
    ],
    [
      'so does a value to skip with, though it is undefined',
      { skipValue: undefined },
      { onExhausted: 'skip', skipValue: { kind: 'value', value: undefined } },
    ],
    [
      'unless the end is said',
      { onExhausted: 'fail', fallback: { activity: 'a' }, skipValue: 1 },
      {
        onExhausted: 'fail',
        fallback: { kind: 'activity', activity: 'a' },
        skipValue: { kind: 'value', value: 1 },
      },
    ],
    [
      'an activity as fallback',
      { fallback: { activity: 'a', taskQueue: 'q', startToCloseTimeout: '1s' } },
      {
        onExhausted: 'fallback',
        fallback: { kind: 'activity', activity: 'a', taskQueue: 'q', startToCloseTimeout: 1_000 },
      },
    ],
    [
      'categories: options, a strategy or several',
      {
        categories: {
          SERVER: { maxRetries: 1 },
          NETWORK: 'RETRY',
          TIMEOUT: { strategy: 'RETRY', maxRetries: 2 },
          UNKNOWN: ['SKIP'],
          AUTH: undefined,
        },
      },
      {
        categories: {
          SERVER: { maxRetries: 1 },
          NETWORK: { strategies: [{ strategy: 'RETRY' }] },
          TIMEOUT: { strategies: [{ strategy: 'RETRY', maxRetries: 2 }] },
          UNKNOWN: { strategies: [{ strategy: 'SKIP' }] },
        },
      },
    ],
  ];
  for (const [name, input, rules] of cases) {
    test(name, () => assert.deepEqual(read(input), { rules, problems: [] }));
  }

  const refused: [object, RegExp][] = [
    [{ patience: true }, /^patience: expected a duration of 0 or more .*true/],
    [{ patience: -1 }, /^patience: expected a duration of 0 or more/],
    [{ parkTimeout: 0 }, /^parkTimeout: expected a duration above 0/],
    [{ maxRetryDelay: 0 }, /^maxRetryDelay: expected a duration above 0/],
    [{ autoRelease: 'yes' }, /^autoRelease: expected true or false/],
    [{ maxWorkerLosses: 0 }, /^maxWorkerLosses: expected a whole number of 1 or more/],
    [{ maxWorkerLosses: 1.5 }, /^maxWorkerLosses: expected a whole number of 1 or more/],
    [{ maxRetries: '3' }, /^maxRetries: expected a whole number of retries, 0 or more/],
    [{ backoffFactor: Number.POSITIVE_INFINITY }, /^backoffFactor: expected a number of at least 1/],
    [{ fallback: { activity: 'a', taskQueue: 7 } }, /^fallback\.taskQueue: expected a name/],
    [{ fallback: { activity: 'a', startToCloseTimeout: 0 } }, /^fallback\.startToCloseTimeout: /],
    [{ fallback: { value: 1, activity: 'a' } }, /^fallback\.activity: unknown option; known here are value/],
    [{ strategies: [null] }, /^strategies\[0\]: expected one of RETRY, /],
    [{ strategies: [{ maxRetries: 1 }] }, /^strategies\[0\]\.strategy: expected one of/],
    [{ strategies: [[]] }, /^strategies\[0\]: expected an object/],
    [{ categories: { SERVER: null } }, /^categories\.SERVER: expected one of RETRY/],
    [{ nothing: 1 }, /^nothing: unknown option; known here are maxRetries, retryDelay, backoffFactor/],
  ];
  for (const [input, message] of refused) {
    test(`refused: ${JSON.stringify(input)}`, () => {
      const { problems } = read(input);
      assert.match(problems[0] ?? '', message);
    });
  }

  test('that is no object', () => {
    assert.match(read(7).problems[0] ?? '', /^options: expected an object with any of maxRetries, .*got 7/);
    assert.deepEqual(read(7).rules, {});
  });

  test('a strategy that is wrong is left out, the others stay', () => {
    const problems = new Problems('test');
    assert.deepEqual(readStrategies(['NO', 'RETRY', { strategy: 'NO' }, [], null], 'at', problems), [
      { strategy: 'RETRY' },
    ]);
    // The list within the list is wrong twice: it is no object, and has no strategy.
    assert.equal(problems.all.length, 5);
  });

  test('in workflow code answers stay there, by their path', () => {
    const kept: KeptAnswers = new Map();
    const answer = () => 1;
    const { rules, problems } = read({ fallback: answer, categories: { SERVER: { skipValue: 5 } } }, kept);
    assert.deepEqual(problems, []);
    assert.deepEqual(rules.fallback, { kind: 'call', at: 'fallback' });
    assert.deepEqual(rules.categories?.SERVER, {
      onExhausted: 'skip',
      skipValue: { kind: 'call', at: 'categories.SERVER.skipValue' },
    });
    assert.deepEqual(
      [...kept],
      [
        ['fallback', answer],
        ['categories.SERVER.skipValue', { value: 5 }],
      ],
    );
    assert.match(read({ fallback: 7 }, new Map()).problems[0] ?? '', /expected a function, \{ value \} or/);
  });

  test('the error names all problems, and is one of its kind', () => {
    const problems = new Problems('Here');
    readRules({ maxRetries: -1, jitter: 'some' }, '', problems);
    assert.throws(
      () => problems.throwIfAny(),
      (error: Error & { problems?: string[] }) => {
        assert.equal(error.name, 'InvalidRecoveryError');
        assert.match(error.message, /^Here: maxRetries: .*; jitter: /);
        assert.equal(error.problems?.length, 2);
        return true;
      },
    );
    new Problems('Here').throwIfAny();
  });
});

describe('rules of several layers', () => {
  const settings = {
    maxRetries: fc.nat(20),
    retryDelay: fc.nat(10_000),
    backoffFactor: fc.integer({ min: 1, max: 9 }),
    maxRetryDelay: fc.integer({ min: 1, max: 100_000 }),
    jitter: fc.constantFrom('none', 'equal', 'full'),
    patience: fc.oneof(fc.nat(1_000_000), fc.constant(false)),
    autoRelease: fc.boolean(),
    maxWorkerLosses: fc.integer({ min: 1, max: 9 }),
    parkTimeout: fc.integer({ min: 1, max: 1_000 }),
    onExhausted: fc.constantFrom('deadLetter', 'fail', 'skip', 'park', 'fallback'),
    fallback: fc.record({ kind: fc.constant('value'), value: fc.nat() }),
    skipValue: fc.record({ kind: fc.constant('value'), value: fc.nat() }),
  };
  const special = fc.record(settings, { requiredKeys: [] });
  const layer = fc.record(
    { ...settings, categories: fc.record({ SERVER: special }, { requiredKeys: [] }) },
    {
      requiredKeys: [],
    },
  ) as fc.Arbitrary<RecoveryRules>;
  const layers = fc.array(fc.option(layer, { nil: undefined }), { maxLength: 3 });

  test('of each setting the most specific holds: what is said of the category, then of all, then the next layer', () => {
    fc.assert(
      fc.property(layers, (all) => {
        const flat = all.flatMap((rules) => (rules ? [rules.categories?.SERVER ?? {}, rules] : []));
        const first = (key: string) =>
          flat.map((rules) => (rules as Record<string, unknown>)[key]).find((value) => value !== undefined);
        const plan = resolvePlan(all, SERVER, PLUGIN_DEFAULTS);
        const or = (key: keyof typeof DEFAULT_LIMITS) => first(key) ?? DEFAULT_LIMITS[key];
        // SERVER: CIRCUIT_BREAKER, then EXPONENTIAL_BACKOFF.
        assert.deepEqual(plan.phases, [
          {
            ...{ retries: or('maxRetries'), delay: or('retryDelay'), factor: or('backoffFactor') },
            ...{ cap: or('maxRetryDelay'), jitter: or('jitter') },
          },
        ]);
        assert.equal(plan.guarded, true);
        assert.equal(plan.autoRelease, first('autoRelease') ?? false);
        assert.equal(plan.maxWorkerLosses, first('maxWorkerLosses') ?? 5);
        const end = (first('onExhausted') ?? 'deadLetter') as string;
        const patience = first('patience');
        const expected = patience === false ? Number.POSITIVE_INFINITY : patience;
        assert.equal(plan.patience, expected ?? (end === 'deadLetter' ? undefined : 0));
        const last = {
          deadLetter: { action: 'deadLetter' },
          fallback: { action: 'deadLetter' },
          fail: { action: 'fail' },
          skip: { action: 'skip', answer: first('skipValue') },
          park: { action: 'park', timeout: first('parkTimeout') },
        }[end];
        const fallback = end === 'fallback' ? [{ action: 'fallback', answer: first('fallback') }] : [];
        assert.deepEqual(plan.ends, [...fallback, last]);
        assert.equal(setsAttempts(all, SERVER), first('maxRetries') !== undefined);
        const intervals = ['retryDelay', 'backoffFactor', 'maxRetryDelay', 'jitter'];
        assert.equal(
          setsIntervals(all, SERVER),
          intervals.some((key) => first(key) !== undefined),
        );
      }),
    );
  });

  const plan = (rules: RecoveryRules) => resolvePlan([rules], SERVER, PLUGIN_DEFAULTS);

  test('strategies without a retry have no patience, unless it is said', () => {
    assert.equal(plan({ strategies: [{ strategy: 'FAIL_FAST' }] }).patience, 0);
    assert.equal(plan({ strategies: [{ strategy: 'CIRCUIT_BREAKER' }] }).patience, 0);
    assert.equal(plan({ strategies: [{ strategy: 'FAIL_FAST' }], patience: 5 }).patience, 5);
    for (const strategy of ['RETRY', 'EXPONENTIAL_BACKOFF'] as const) {
      assert.equal(plan({ strategies: [{ strategy: 'CIRCUIT_BREAKER' }, { strategy }] }).patience, undefined);
    }
    assert.equal(plan({ strategies: [{ strategy: 'RETRY' }, { strategy: 'FALLBACK' }] }).patience, 0);
  });

  test('only a plan with CIRCUIT_BREAKER is guarded', () => {
    assert.equal(plan({ strategies: [{ strategy: 'RETRY' }] }).guarded, false);
    assert.equal(
      plan({ strategies: [{ strategy: 'RETRY' }, { strategy: 'CIRCUIT_BREAKER' }] }).guarded,
      true,
    );
  });

  test('an interval or a number of attempts may also be set by a strategy', () => {
    const one: RecoveryRules = { strategies: [{ strategy: 'RETRY' }, { strategy: 'RETRY', retryDelay: 0 }] };
    assert.equal(setsIntervals([undefined, one], SERVER), true);
    assert.equal(setsIntervals([{ strategies: [{ strategy: 'RETRY', maxRetries: 1 }] }], SERVER), false);
    assert.equal(setsIntervals([{ categories: { NETWORK: { retryDelay: 1 } } }], SERVER), false);
    assert.equal(setsAttempts([one], SERVER), true);
    assert.equal(setsAttempts([{ retryDelay: 1 }], SERVER), false);
    assert.equal(setsAttempts([], SERVER), false);
  });

  test('the plugin retries ten times, after a second, then twice as long each time, up to 100 s', () => {
    const { phases, maxRetries } = resolvePlan([], NETWORK, PLUGIN_DEFAULTS);
    assert.deepEqual(phases, [{ retries: 10, delay: 1_000, factor: 2, cap: 100_000, jitter: 'none' }]);
    assert.equal(maxRetries, 10);
    const retried: ErrorCategory[] = [NETWORK, TIMEOUT, RATE_LIMIT, SERVER, UNKNOWN];
    for (const category of Object.values(ErrorCategory)) {
      const { maxRetries, guarded } = resolvePlan([], category, PLUGIN_DEFAULTS);
      assert.equal(maxRetries, retried.includes(category) ? 10 : 0, category);
      assert.equal(guarded, category === SERVER, category);
    }
  });

  test('of a call: its own rules, those of its operation, those for all', () => {
    const operations = new Map([
      ['get*', { rules: { maxRetries: 2, retryDelay: 20 }, queue: 'reads' }],
      ['put', { rules: { fallback: { kind: 'activity', activity: 'later', taskQueue: 'q' } as const } }],
    ]);
    const book = new Rulebook(
      { maxRetries: 3, retryDelay: 30, backoffFactor: 3, fallback: { kind: 'activity', activity: 'all' } },
      operations,
    );
    const call = { activityType: 'send', operation: 'getPrices', rules: { maxRetries: 1 } };
    const [phase] = book.plan(call, SERVER).phases;
    assert.deepEqual([phase?.retries, phase?.delay, phase?.factor], [1, 20, 3]);
    assert.equal(book.operation(call)?.queue, 'reads');
    assert.equal(book.setsIntervals(call, SERVER), true);
    assert.equal(book.setsAttempts(call, SERVER), true);
    const other = { activityType: 'other' };
    assert.equal(book.plan(other, SERVER).phases[0]?.retries, 3);
    assert.equal(book.operation(other), undefined);
    // Rules for all are not about this call.
    assert.equal(book.setsIntervals(other, SERVER), false);
    assert.equal(book.setsAttempts(other, SERVER), false);
    assert.deepEqual(book.fallbackActivities(), [
      { path: 'fallback', activity: 'all', taskQueue: undefined },
      { path: 'operations.put.fallback', activity: 'later', taskQueue: 'q' },
    ]);
    assert.deepEqual(new Rulebook().fallbackActivities(), []);
  });

  test('fallback activities of categories have their path; values are none', () => {
    const answer = { kind: 'activity', activity: 'a' } as const;
    const rules: RecoveryRules = {
      fallback: { kind: 'value', value: 1 },
      categories: { SERVER: { fallback: answer }, NETWORK: {} },
    };
    assert.deepEqual(fallbackActivities(rules, 'at'), [
      { path: 'at.categories.SERVER.fallback', activity: 'a', taskQueue: undefined },
    ]);
    assert.deepEqual(fallbackActivities({ fallback: answer }, 'at')[0]?.path, 'at.fallback');
    assert.deepEqual(fallbackActivities({}), []);
  });
});

describe('patterns of operations', () => {
  const text = fc.stringMatching(/^[ab]{0,3}$/);
  const pattern = fc.array(text, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('*'));

  test('* stands for any text, also none', () => {
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab]{0,8}$/), (of, name) => {
        const expected = new RegExp(`^${of.replaceAll('*', '.*')}$`).test(name);
        assert.equal(findOperation(new Map([[of, 1]]), [name]) !== undefined, expected, `${of} ${name}`);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a name comes before a pattern, of patterns the one with the most text, of equal ones the first', () => {
    const entries = new Map([
      ['*', 'any'],
      ['ge*', 'ge'],
      ['g*t', 'gt'],
      ['get*', 'get'],
      ['getAll', 'exact'],
      ['getAll*', 'longest'],
    ]);
    assert.equal(findOperation(entries, ['getAll']), 'exact');
    assert.deepEqual(findOperations(entries, ['getAll']), ['exact', 'longest', 'get', 'ge', 'any']);
    assert.deepEqual(findOperations(entries, ['get']), ['get', 'ge', 'gt', 'any']);
    assert.equal(findOperation(entries, ['other', 'getAll']), 'exact');
    assert.deepEqual(findOperations(entries, ['getX', 'x']), ['get', 'ge', 'any']);
    assert.deepEqual(findOperations(entries, []), []);
    // The star of an entry's own name is not a pattern twice.
    assert.deepEqual(findOperations(entries, ['get*']), ['get', 'ge', 'any']);
  });
});

describe('patience', () => {
  test('a day for an outage, a quarter of an hour for what may be the record, none for the record', () => {
    const expected: [ErrorCategory, number | undefined, number][] = [
      [NETWORK, undefined, DAY],
      [RATE_LIMIT, 429, DAY],
      [SERVER, 502, DAY],
      [SERVER, 503, DAY],
      [SERVER, 504, DAY],
      [SERVER, 500, QUARTER],
      [SERVER, undefined, QUARTER],
      [TIMEOUT, undefined, QUARTER],
      [UNKNOWN, undefined, QUARTER],
      [AUTHENTICATION, 401, DAY],
      [AUTHENTICATION, 400, DAY],
      [AUTHENTICATION, 403, 0],
      [ErrorCategory.VALIDATION, 422, 0],
      [ErrorCategory.CLIENT, 404, 0],
      [ErrorCategory.MAPPING, undefined, 0],
      [ErrorCategory.PLUGIN, undefined, 0],
    ];
    for (const [category, status, patience] of expected) {
      assert.equal(defaultPatience(category, status), patience, `${category} ${status}`);
    }
  });

  const calls = fc.record({
    now: fc.integer({ min: 0, max: 1_000 }),
    patienceMs: fc.integer({ min: -1, max: 500 }),
    usedUpAt: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
    othersSucceeded: fc.boolean(),
    mayRestart: fc.boolean(),
  }) as fc.Arbitrary<UsedUpCall>;

  test('an outage never ends a call, and it always ends', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const { now, patienceMs, usedUpAt = now, othersSucceeded, mayRestart } = call;
        const isOver = patienceMs <= 0 || now - usedUpAt >= patienceMs;
        const hasWaited = call.usedUpAt !== undefined;
        const then = isOver ? 'end' : !othersSucceeded ? 'wait' : hasWaited && mayRestart ? 'restart' : 'end';
        assert.equal(whenUsedUp(call), then);
      }),
      { numRuns: 1_000 },
    );
    const call = { now: 10, patienceMs: 10, othersSucceeded: false, mayRestart: true };
    assert.equal(whenUsedUp({ ...call, usedUpAt: 0 }), 'end');
    assert.equal(whenUsedUp({ ...call, usedUpAt: 1 }), 'wait');
    assert.equal(whenUsedUp({ ...call, patienceMs: 0 }), 'end');
  });
});
