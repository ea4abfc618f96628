// What the entity reads of a message: what can be used, and what is wrong with the rest.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  breakerInputProblem,
  readBreakerReport,
  trialRequestProblem,
} from '../../common/circuit-breaker/check-input.js';
import { DEFAULT_BREAKER_CONFIG, parseBreakerConfig } from '../../common/circuit-breaker/index.js';

const at = '2026-01-01T00:00:00.000Z';
const current = parseBreakerConfig({ openTime: 7_000 });

describe('a report', () => {
  const result = { outcome: 'failure', execution: 'a', category: 'SERVER', statusCode: 503, message: 'm' };
  const report = {
    ...{ v: 1, worker: 'w', sequence: 1, epoch: 0, results: [result] },
    ...{ config: DEFAULT_BREAKER_CONFIG, configuredAt: at },
  };
  const read = (changes: object) => readBreakerReport({ ...report, ...changes }, current);

  test('that is right is taken as it is', () => {
    assert.deepEqual(read({}), { report, problems: [] });
    const trip = { cause: 'exhausted', failures: 5 };
    const throttles = [{ waitMs: 5, key: 'a', said: 's', perSecond: 1, narrowed: true }];
    assert.deepEqual(read({ trip, throttles }).report, { ...report, trip, throttles });
    assert.deepEqual(read({ trip: null, throttles: null }).problems, []);
    assert.equal('trip' in (read({ trip: null }).report ?? {}), false);
    assert.equal('throttles' in (read({ throttles: [] }).report ?? {}), false);
  });

  const refused: [string, object, RegExp][] = [
    ['of another version', { v: 2 }, /report\.v/],
    ['of nobody', { worker: '' }, /report\.worker/],
    ['without its number', { sequence: undefined }, /report\.sequence/],
    ['with half a number', { sequence: 0.5 }, /report\.sequence/],
    ['with an epoch below 0', { epoch: -1 }, /report\.epoch/],
    ['of an entity that is none', { entity: 7 }, /report\.entity/],
  ];
  for (const [name, changes, problem] of refused) {
    test(`${name} is refused`, () => {
      const { report: none, problems } = read(changes);
      assert.equal(none, undefined);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', problem);
    });
  }

  const leftOut: [string, object, object, RegExp][] = [
    [
      'results that are no list',
      { results: 7 },
      { results: [] },
      /report\.results must be a list; none was counted/,
    ],
    [
      'a result',
      { results: [{ outcome: 'maybe' }, result] },
      { results: [result] },
      /report\.results\[0\]\.outcome.*; of worker w$/,
    ],
    [
      'a result with a duration of minus one',
      { results: [result, { ...result, durationMs: -1 }] },
      { results: [result] },
      /report\.results\[1\]\.durationMs/,
    ],
    ['a trip', { trip: { cause: 7 } }, { trip: undefined }, /report\.trip\.cause/],
    ['a share above one', { trip: { cause: 'x', rate: 2 } }, { trip: undefined }, /report\.trip\.rate/],
    [
      'throttles that are no list',
      { throttles: 7 },
      { throttles: undefined },
      /report\.throttles must be a list/,
    ],
    [
      'a throttle',
      { throttles: [{ waitMs: -1 }, { waitMs: 1 }] },
      { throttles: [{ waitMs: 1 }] },
      /report\.throttles\[0\]\.waitMs/,
    ],
    ['a date', { configuredAt: 'soon' }, { config: current, configuredAt: '' }, /report\.configuredAt/],
    [
      'settings that are none',
      { config: 7 },
      { config: current, configuredAt: '' },
      /config must be the settings of a circuit breaker/,
    ],
    [
      'settings with a wrong value',
      { config: { ...DEFAULT_BREAKER_CONFIG, consecutiveFailures: -1 } },
      { config: current, configuredAt: '' },
      /config.*consecutiveFailures/,
    ],
  ];
  for (const [name, changes, expected, problem] of leftOut) {
    test(`${name} is left out, the rest is used`, () => {
      const { report: used, problems } = read(changes);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual((used as unknown as Record<string, unknown>)[key], value);
      }
      assert.equal(used?.sequence, 1);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  test('settings of a later version are used as far as they are known', () => {
    const { report: used, problems } = read({ config: { ...DEFAULT_BREAKER_CONFIG, later: 1 } });
    assert.deepEqual(problems, []);
    assert.deepEqual(used?.config, DEFAULT_BREAKER_CONFIG);
  });

  test('of many results the first 10,000 count, of many throttles the first 100', () => {
    const many = read({ results: Array.from({ length: 10_001 }, () => result) });
    assert.equal(many.report?.results.length, 10_000);
    assert.match(many.problems[0] ?? '', /of 10001 the first 10000 were counted/);
    assert.deepEqual(read({ results: Array.from({ length: 10_000 }, () => result) }).problems, []);
    const throttles = Array.from({ length: 101 }, (_, index) => ({ waitMs: 1, key: `${index}` }));
    assert.equal(read({ throttles }).report?.throttles?.length, 100);
  });

  test('the name of a worker is cut in a problem', () => {
    const { problems } = read({ worker: 'w'.repeat(500), results: [7] });
    assert.match(problems[0] ?? '', /; of worker w{90,100}…?$/);
  });
});

describe('the input of a circuit breaker', () => {
  const input = {
    ...{
      v: 1,
      name: 'x',
      config: DEFAULT_BREAKER_CONFIG,
      configuredAt: at,
      searchAttributes: ['RecoveryStatus'],
    },
    ...{ workers: { w: 1 }, permanent: true, idleMs: 1, conflictAt: at },
    throttles: [{ key: 'a', since: 0, until: 5 }],
    state: {
      ...{ status: 'CLOSED', epoch: 2, since: 1_767_225_600_000 },
      health: { failuresInARow: 1, failed: ['a'], failedBefore: 0 },
    },
    transitions: [{ from: 'CLOSED', to: 'OPEN', at: 0, epoch: 1, reason: { cause: 'forced', by: 'ada' } }],
  };
  const problem = (changes: object) => breakerInputProblem({ ...input, ...changes });

  test('that is right has no problem', () => {
    assert.equal(problem({}), undefined);
    assert.equal(problem({ state: null, transitions: undefined, workers: undefined }), undefined);
    assert.equal(
      problem({ state: { status: 'OPEN', epoch: 1, since: 0, until: 5, openings: 1 } }),
      undefined,
    );
  });

  const wrong: [object, RegExp][] = [
    [{ v: 2 }, /^input\.v/],
    [{ name: '' }, /^input\.name/],
    [{ configuredAt: 'soon' }, /^input\.configuredAt/],
    [{ conflictAt: 5 }, /^input\.conflictAt/],
    [{ searchAttributes: 'all' }, /^input\.searchAttributes/],
    [{ searchAttributes: [7] }, /^input\.searchAttributes\[0\]/],
    [{ workers: { w: 'x' } }, /^input\.workers/],
    [{ permanent: 1 }, /^input\.permanent/],
    [{ idleMs: 0 }, /^input\.idleMs/],
    [{ throttles: [{ key: 'a', since: 0 }] }, /^input\.throttles\[0\]\.until/],
    [{ transitions: [{ from: 'CLOSED' }] }, /^input\.transitions\[0\]/],
    [{ config: 7 }, /^config must be the settings/],
    [{ config: { openTime: 'never' } }, /^config.*openTime/],
    [{ state: 7 }, /^input\.state is no state of a circuit breaker/],
    [{ state: { ...input.state, status: 'AJAR' } }, /^input\.state is no state/],
    [{ state: { ...input.state, epoch: -1 } }, /^input\.state is no state/],
    [{ state: { ...input.state, since: 'now' } }, /^input\.state is no state/],
    [{ state: { status: 'CLOSED', epoch: 1, since: 0 } }, /^input\.state is no state/],
    [
      { transitions: [{ ...input.transitions[0], reason: { cause: 'mood' } }] },
      /^input\.transitions are not those/,
    ],
  ];
  for (const [changes, expected] of wrong) {
    test(JSON.stringify(changes).slice(0, 80), () => assert.match(problem(changes) ?? '', expected));
  }
});

test('a request for a trial', () => {
  const request = { v: 1, worker: 'w', execution: 'e', leaseMs: 1 };
  assert.equal(trialRequestProblem(request), undefined);
  assert.equal(trialRequestProblem({ v: 1, worker: 'w' }), undefined);
  for (const [changes, field] of [
    [{ v: 0 }, 'v'],
    [{ worker: '' }, 'worker'],
    [{ execution: 7 }, 'execution'],
    [{ leaseMs: 0 }, 'leaseMs'],
    [{ leaseMs: 1e15 }, 'leaseMs'],
  ] as const) {
    assert.match(trialRequestProblem({ ...request, ...changes }) ?? '', new RegExp(`\\.?${field}`));
  }
  assert.match(trialRequestProblem(null) ?? '', /acquireTrial \(for workers\)/);
});
