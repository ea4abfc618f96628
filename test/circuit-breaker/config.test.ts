import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  BreakerConfigError,
  type BreakerConfigInput,
  DEFAULT_BREAKER_CONFIG,
  outcomeOf,
  parseBreakerConfig,
} from '../../common/circuit-breaker/index.js';
import { configs } from './commands.js';

const problemsOf = (input: unknown): readonly string[] => {
  try {
    parseBreakerConfig(input as BreakerConfigInput, 'breakers.crm');
  } catch (error) {
    assert.ok(error instanceof BreakerConfigError);
    return error.problems;
  }
  return assert.fail('no error');
};

test('the defaults are those of the documentation', () => {
  assert.deepEqual(DEFAULT_BREAKER_CONFIG, {
    consecutiveFailures: 5,
    failureRate: false,
    slowCallRate: false,
    window: { type: 'count', size: 100 },
    halfOpen: {
      permittedTrials: 1,
      successesToClose: 1,
      maxHalfOpenTime: 0,
      trialLease: 60_000,
      trialInterval: 100,
    },
    openTime: { initialInterval: 60_000, backoffCoefficient: 1, maximumInterval: 60_000, jitter: 'none' },
    retryAfterCap: 3_600_000,
    countedCategories: ['NETWORK', 'TIMEOUT', 'RATE_LIMIT', 'SERVER', 'UNKNOWN', 'AUTH:401'],
    minimumReporters: 1,
  });
});

test('a part is completed with the rest, and what is complete stays as it is', () => {
  const { failureRate, openTime, window } = parseBreakerConfig({
    failureRate: {},
    openTime: { initialInterval: 1_000_000 },
    window: { type: 'time' },
  });
  assert.deepEqual(failureRate, { threshold: 0.5, minimumCalls: 10 });
  assert.deepEqual(openTime, {
    initialInterval: 1_000_000,
    backoffCoefficient: 2,
    maximumInterval: 1_000_000,
    jitter: 'none',
  });
  assert.deepEqual(window, { type: 'time', duration: 60_000, buckets: 10 });
  fc.assert(fc.property(configs, (config) => assert.deepEqual(parseBreakerConfig(config), config)));
});

const WRONG: readonly [input: unknown, ...problems: string[]][] = [
  [
    7,
    'breakers.crm: expected an object with any of consecutiveFailures, failureRate, slowCallRate, window, halfOpen, openTime, retryAfterCap, countedCategories, minimumReporters, got 7',
  ],
  [
    { consecutiveFailures: 2.5 },
    'breakers.crm.consecutiveFailures: expected a whole number from 0 to 1000, or false, got 2.5',
  ],
  [
    { consecutiveFailures: Number.NaN },
    'breakers.crm.consecutiveFailures: expected a whole number from 0 to 1000, or false, got NaN',
  ],
  [
    { failureRate: { threshold: 50 } },
    'breakers.crm.failureRate.threshold: expected a number above 0 and at most 1, got 50',
  ],
  [
    { failureRate: true },
    'breakers.crm.failureRate: expected an object with any of threshold, minimumCalls, got true',
  ],
  [
    { failureRate: { minimumCalls: 101 } },
    'breakers.crm.failureRate.minimumCalls: expected at most the 100 calls of the window, got 101',
  ],
  [
    { slowCallRate: {} },
    'breakers.crm.slowCallRate.slowCallDuration: expected a number of milliseconds from 0 to 2592000000, got undefined',
  ],
  [
    { window: { type: 'sliding' } },
    `breakers.crm.window: expected { type: 'count', size } or { type: 'time', duration, buckets }, got {"type":"sliding"}`,
  ],
  [
    { window: { type: 'count', duration: 5 } },
    'breakers.crm.window.duration: unknown option 5; known here are type, size',
  ],
  [
    { openTime: '60s' },
    'breakers.crm.openTime: expected a number of milliseconds from 0 to 2592000000, got "60s"',
  ],
  [
    { openTime: { jitter: 'some' } },
    'breakers.crm.openTime.jitter: expected one of none, full, equal, got "some"',
  ],
  [
    { openTime: { initialInterval: 10, maximumInterval: 5 } },
    'breakers.crm.openTime.maximumInterval: expected at least initialInterval (10), got 5',
  ],
  [
    { halfOpen: { permittedTrials: 0, trials: 1 } },
    'breakers.crm.halfOpen.trials: unknown option 1; known here are permittedTrials, successesToClose, maxHalfOpenTime, trialLease, trialInterval',
    'breakers.crm.halfOpen.permittedTrials: expected a whole number from 1 to 100, got 0',
  ],
  [
    { countedCategories: ['SERVER', 'AUTHENTICATION', 'AUTH:4'] },
    'breakers.crm.countedCategories[1]: expected one of NETWORK, AUTH, VALIDATION, TIMEOUT, RATE_LIMIT, SERVER, CLIENT, MAPPING, PLUGIN, UNKNOWN, each also with a status, such as AUTH:401, got "AUTHENTICATION"',
    'breakers.crm.countedCategories[2]: expected one of NETWORK, AUTH, VALIDATION, TIMEOUT, RATE_LIMIT, SERVER, CLIENT, MAPPING, PLUGIN, UNKNOWN, each also with a status, such as AUTH:401, got "AUTH:4"',
  ],
];

for (const [input, ...problems] of WRONG) {
  test(`what is wrong is named with its path, its value and what is allowed: ${JSON.stringify(input)}`, () => {
    assert.deepEqual(problemsOf(input), problems);
  });
}

test('anything at all is read or refused, never half read', () => {
  const almost = fc.record(
    Object.fromEntries(Object.keys(DEFAULT_BREAKER_CONFIG).map((key) => [key, fc.anything()])),
    { requiredKeys: [] },
  );
  const property = fc.property(fc.oneof(fc.anything(), almost), (input) => {
    let config: unknown;
    try {
      config = parseBreakerConfig(input as BreakerConfigInput);
    } catch (error) {
      assert.ok(error instanceof BreakerConfigError, String(error));
      return;
    }
    assert.deepEqual(parseBreakerConfig(config as BreakerConfigInput), config);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('which categories count is configurable, as a whole or for one status', () => {
  const config = parseBreakerConfig({ countedCategories: ['CLIENT', 'SERVER:503'] });
  assert.equal(outcomeOf('CLIENT', 404, config), 'failure');
  assert.equal(outcomeOf('SERVER', 503, config), 'failure');
  assert.equal(outcomeOf('SERVER', 500, config), 'ignored');
  assert.equal(outcomeOf('SERVER', undefined, config), 'ignored');
  assert.equal(outcomeOf('AUTH', 401, config), 'ignored');
});
