import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromApiLinkerConfig, InvalidOptionsError, RecoveryPlugin } from 'temporal-recovery';
import { parseOptions } from '../../worker/options/options.js';
import cases from './apilinker-cases.json';

const DOCUMENTED = `
error_handling:
  circuit_breakers:
    source_list_items:
      failure_threshold: 5
      reset_timeout_seconds: 60
      half_open_max_calls: 1
    target_create_item:
      failure_threshold: 3
      reset_timeout_seconds: 30
  recovery_strategies:
    network:
      - exponential_backoff
    server:
      - circuit_breaker
      - exponential_backoff
    authentication: [fail_fast]
    client: [fail_fast]
`;

function refused(yaml: string): string {
  try {
    fromApiLinkerConfig(yaml);
  } catch (error) {
    assert.ok(error instanceof InvalidOptionsError);
    return error.message;
  }
  return assert.fail('accepted');
}

const CHECKS: Readonly<Record<string, () => void>> = {
  'cfg-01': () => {
    const options = fromApiLinkerConfig(DOCUMENTED);
    assert.deepEqual(options.breakers, {
      source_list_items: { consecutiveFailures: 5, openTime: 60_000, halfOpen: { permittedTrials: 1 } },
      target_create_item: { consecutiveFailures: 3, openTime: 30_000, halfOpen: { permittedTrials: 1 } },
    });
    assert.deepEqual(options.categories?.SERVER, ['CIRCUIT_BREAKER', 'EXPONENTIAL_BACKOFF']);
    assert.deepEqual(options.categories?.CLIENT, ['FAIL_FAST']);
    assert.deepEqual(options.categories?.UNKNOWN, ['RETRY']);
    new RecoveryPlugin(options);
    const { breakers, rulebook } = parseOptions(options);
    const call = { activityType: 'x', operation: 'target_create_item', taskQueue: 'q' };
    assert.equal(
      breakers.breakerOf(call, undefined, [], () => undefined),
      'target_create_item',
    );
    assert.equal(breakers.configOf('target_create_item').consecutiveFailures, 3);
    assert.equal(rulebook.plan(call, 'NETWORK').maxRetries, 3);
    assert.deepEqual(
      fromApiLinkerConfig(DOCUMENTED.replace('error_handling:', '').replaceAll('\n  ', '\n')),
      options,
    );
  },
  'cfg-03': () => {
    const message = refused('recovery_strategies:\n  network: [retry, typo]\n');
    assert.match(
      message,
      /error_handling\.recovery_strategies\.network\[1\] \(line 2\): expected one of retry, .*"typo"/,
    );
  },
  'cfg-04': () => {
    const { categories } = fromApiLinkerConfig('recovery_strategies: {network: skip}');
    assert.deepEqual(categories?.NETWORK, ['SKIP']);
  },
  'cfg-06': () => {
    const message = refused(
      "error_handling:\n  circuit_breakers:\n    b:\n      failure_threshold: 'five'\n      colour: red\n",
    );
    assert.match(
      message,
      /error_handling\.circuit_breakers\.b\.failure_threshold \(line 4\): expected a whole number .*"five"/,
    );
    assert.match(
      message,
      /error_handling\.circuit_breakers\.b\.colour \(line 5\): unknown key; known here are failure_threshold/,
    );
  },
  'cfg-07': () => {
    assert.match(
      refused('dlq:\n  directory: ./dlq\n'),
      /error_handling\.dlq\.directory \(line 2\): dead letters are workflows/,
    );
  },
};

for (const { id, given, when } of cases.filter(({ area }) => area === 'config')) {
  test(`${id}: ${given}; ${when}`, () => {
    const check = CHECKS[id];
    assert.ok(check, `no check for ${id}`);
    check();
  });
}

test('what is no section, no category and no YAML is refused with its line', () => {
  assert.match(refused('error_handling: 7'), /error_handling \(line 1\): expected a section/);
  assert.match(
    refused('recovery_strategies:\n  netwrok: [retry]'),
    /netwrok \(line 2\): expected one of network, authentication/,
  );
  assert.match(refused('circuit_breakers:\n  b: 5'), /circuit_breakers\.b \(line 2\): expected settings/);
  assert.match(
    refused('strategies: {}'),
    /strategies \(line 1\): unknown key; known here are recovery_strategies/,
  );
  assert.match(refused('a: [1\nb: 2'), /line 2/);
});

test('aliases and merge keys are read as PyYAML reads them', () => {
  const options = fromApiLinkerConfig(`
defaults: &breaker
  failure_threshold: 7
  reset_timeout_seconds: &wait 20
careful: &careful {half_open_max_calls: 2, reset_timeout_seconds: 10}
retries: &retries [&first exponential_backoff, fail_fast]
error_handling:
  circuit_breakers:
    a: *breaker
    b: {<<: *breaker, failure_threshold: 2}
    c:
      <<: [*careful, *breaker]
    d: {reset_timeout_seconds: *wait}
  recovery_strategies: &strategies
    network: *retries
    server: [circuit_breaker, *first]
    timeout: *first
`);
  const breaker = (consecutiveFailures: number, seconds: number, permittedTrials = 1) => ({
    consecutiveFailures,
    openTime: seconds * 1_000,
    halfOpen: { permittedTrials },
  });
  assert.deepEqual(options.breakers, {
    ...{ a: breaker(7, 20), b: breaker(2, 20), c: breaker(7, 10, 2), d: breaker(5, 20) },
  });
  assert.deepEqual(options.categories?.NETWORK, ['EXPONENTIAL_BACKOFF', 'FAIL_FAST']);
  assert.deepEqual(options.categories?.SERVER, ['CIRCUIT_BREAKER', 'EXPONENTIAL_BACKOFF']);
  assert.deepEqual(options.categories?.TIMEOUT, ['EXPONENTIAL_BACKOFF']);
  const section = 'common: &s\n  recovery_strategies: {client: [skip]}\nerror_handling:\n  <<: *s\n';
  assert.deepEqual(fromApiLinkerConfig(section).categories?.CLIENT, ['SKIP']);
  // An anchor that stands within itself ends.
  assert.match(refused('error_handling: &a\n  <<: *a\n  typo: *a\n'), /typo \(line 3\): unknown key/);
  assert.match(refused('error_handling: {circuit_breakers: {b: {"<<": 1}}}'), /b\.<<.*unknown key/);
});

test('a whole file without the section means what APILinker does', () => {
  const file = 'source: {type: rest, base_url: "https://x"}\nmapping: []\nlogging: {level: INFO}\n';
  assert.deepEqual(fromApiLinkerConfig(file), fromApiLinkerConfig('error_handling: {}'));
  assert.equal(fromApiLinkerConfig(file).maxRetries, 3);
  const misplaced = refused(`${file}recovery_strategies: {client: [skip]}\n`);
  assert.match(misplaced, /source \(line 1\): unknown key/);
});

test('an empty section keeps what APILinker does', () => {
  const { maxRetries, retryDelay, backoffFactor, categories } = fromApiLinkerConfig('circuit_breakers: {}');
  assert.deepEqual([maxRetries, retryDelay, backoffFactor], [3, 1000, 2]);
  assert.deepEqual(categories?.UNKNOWN, ['RETRY']);
  assert.deepEqual(fromApiLinkerConfig(''), {});
});
