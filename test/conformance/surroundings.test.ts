// What surrounds the faces of APILinker: names that nobody set, observers and queues that fail, numbers that are none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiLinkerError, ErrorCategory, ErrorRecoveryManager, fromApiLinkerConfig } from 'temporal-recovery';
import type { ErrorRecoveryManagerOptions, HandleErrorOptions } from '../../apilinker/types.js';

const failure = (errorCategory: ErrorCategory) => new ApiLinkerError('the first', { errorCategory });
const reset = () => Object.assign(new Error('x'), { code: 'ECONNRESET' });

function managed(options: ErrorRecoveryManagerOptions = {}) {
  const sleeps: number[] = [];
  const logged: [string, Record<string, unknown>][] = [];
  const manager = new ErrorRecoveryManager({
    sleep: async (ms) => void sleeps.push(ms),
    log: (message, attributes) => logged.push([message, attributes]),
    random: () => 0.5,
    ...options,
  });
  return { manager, sleeps, logged };
}

describe('strategies', () => {
  test('of an operation without a name are those of every operation', () => {
    const { manager } = managed();
    manager.setStrategy('SERVER', ['RETRY'], '');
    assert.deepEqual(manager.getStrategies('SERVER'), ['RETRY']);
    assert.deepEqual(manager.getStrategies('SERVER', 'read'), ['RETRY']);
  });

  test('of a category that nobody knows are RETRY', () => {
    assert.deepEqual(managed().manager.getStrategies('NONE' as ErrorCategory), ['RETRY']);
  });

  test('a list that was read changes nothing', () => {
    const { manager } = managed();
    manager.getStrategies('SERVER').push('SKIP');
    assert.deepEqual(manager.getStrategies('SERVER'), ['CIRCUIT_BREAKER', 'EXPONENTIAL_BACKOFF']);
  });
});

describe('the work goes on, whoever watches it fails', () => {
  const broken = () => {
    throw new Error('broken');
  };

  test('a log', async () => {
    const { manager } = managed({ log: broken });
    const { success, error } = await manager.handleError(failure('NETWORK'), () => Promise.reject(reset()), {
      operationType: 'read',
    });
    assert.deepEqual([success, error?.errorCategory], [false, 'NETWORK']);
  });

  test('analytics', async () => {
    const { manager } = managed({ analytics: { recordError: broken } });
    const { result } = await manager.handleError(failure('NETWORK'), () => 7, { operationType: 'read' });
    assert.equal(result, 7);
  });
});

test('a queue that fails is an error, and the log has the error of the work', async () => {
  const { manager, logged } = managed({ dlq: { addItem: () => Promise.reject(new Error('no server')) } });
  await assert.rejects(
    manager.handleError(failure('CLIENT'), () => 1, { operationType: 'read' }),
    /no server/,
  );
  const [[message, attributes] = []] = logged;
  assert.equal(message, 'temporal-recovery: a dead letter could not be kept');
  assert.equal((attributes?.error as ApiLinkerError | undefined)?.message, 'the first');
  assert.equal(attributes?.because, 'no server');
});

describe('numbers that cannot be used mean the defaults, and never a loop without waits', () => {
  const bad: readonly object[] = [
    { maxRetries: -1 },
    { maxRetries: Number.NaN },
    { maxRetries: '3' },
    { retryDelay: '1s' },
    { retryDelay: -5 },
    { retryDelay: Number.POSITIVE_INFINITY },
    { backoffFactor: 0 },
    { backoffFactor: Number.NaN },
  ];
  for (const options of bad) {
    test(Object.entries(options).join(), async () => {
      const { manager, sleeps } = managed();
      const given: HandleErrorOptions = { operationType: 'read', ...options };
      await manager.handleError(failure('NETWORK'), () => Promise.reject(reset()), given);
      assert.deepEqual(sleeps, [1_000, 2_000, 4_000]);
    });
  }
});

test('results that are nothing are results', async () => {
  for (const value of [0, false, '', null, undefined]) {
    const { manager } = managed();
    const outcome = await manager.handleError(failure('UNKNOWN'), () => value, { operationType: 'read' });
    assert.deepEqual(outcome, { success: true, result: value });
  }
});

test('statuses at the edges of the categories', () => {
  const edges: readonly (readonly [number, ErrorCategory])[] = [
    ...([
      [200, 'UNKNOWN'],
      [400, 'CLIENT'],
      [499, 'CLIENT'],
      [500, 'SERVER'],
      [599, 'SERVER'],
      [600, 'UNKNOWN'],
      [0, 'UNKNOWN'],
    ] as const),
  ];
  for (const [status_code, category] of edges) {
    const { errorCategory } = ApiLinkerError.fromException(Object.assign(new Error('x'), { status_code }));
    assert.equal(errorCategory, category, String(status_code));
  }
});

describe('a configuration', () => {
  const defaults = fromApiLinkerConfig('source: {type: rest}\n');

  test('whose section is empty means the defaults, as one without it', () => {
    assert.deepEqual(fromApiLinkerConfig('source: {type: rest}\nerror_handling:\n'), defaults);
    assert.deepEqual(
      fromApiLinkerConfig('error_handling:\n  recovery_strategies:\n  circuit_breakers:\n'),
      defaults,
    );
  });

  test('as JSON, with a byte order mark, with a document marker, with CRLF', () => {
    for (const text of [
      '{"error_handling":{"recovery_strategies":{"client":["skip"]}}}',
      '\ufefferror_handling:\r\n  recovery_strategies:\r\n    client: [skip]\r\n',
      '---\nerror_handling:\n  recovery_strategies:\n    Client: Skip\n',
    ]) {
      assert.deepEqual(fromApiLinkerConfig(text).categories?.[ErrorCategory.CLIENT], ['SKIP'], text);
    }
  });

  test('with aliases that grow or refer to themselves ends at once', () => {
    const lines = ['a0: &a0 [x, x]'];
    for (let i = 1; i < 30; i++) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
    const started = process.cpuUsage();
    assert.deepEqual(fromApiLinkerConfig(`${lines.join('\n')}\nsource: {}\nerror_handling:\n`), defaults);
    assert.throws(() => fromApiLinkerConfig('error_handling: &a\n  recovery_strategies: *a\n'));
    assert.ok(process.cpuUsage(started).user < 2_000_000);
  });
});
