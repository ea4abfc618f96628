// What APILinker's recovery manager does, case by case, and what ours does instead where the cases say so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ApiLinkerError,
  type ErrorCategory,
  ErrorRecoveryManager,
  type RecoveryStrategy,
} from 'temporal-recovery';
import type { HandleErrorOptions } from '../../apilinker/types.js';
import { ApiLinkerError as Failure } from '../../common/errors/index.js';
import cases from './apilinker-cases.json';

const AREAS = ['strategies', 'backoff', 'retry', 'fail_fast', 'skip', 'fallback', 'breaker-strategy'];

interface Letter {
  error: ApiLinkerError;
  payload: unknown;
  metadata: Record<string, unknown>;
}

/** One run with virtual time. */
class Run {
  now = Date.parse('2024-01-01T00:00:00Z');
  readonly sleeps: number[] = [];
  readonly letters: Letter[] = [];
  readonly logged: string[] = [];
  readonly attributes: Record<string, unknown>[] = [];
  calls = 0;
  readonly manager = new ErrorRecoveryManager({
    clock: () => this.now,
    random: () => 0,
    sleep: async (ms) => {
      this.sleeps.push(ms);
      this.now += ms;
    },
    log: (message, attributes) => {
      this.logged.push(message);
      this.attributes.push(attributes);
    },
    dlq: {
      addItem: async (error, payload, metadata) => {
        this.letters.push({ error, payload, metadata });
        return `item-${this.letters.length}`;
      },
    },
  });

  static of(category: ErrorCategory, strategies?: RecoveryStrategy[]): Run {
    const run = new Run();
    if (strategies) run.manager.setStrategy(category, strategies);
    return run;
  }

  /** `answers` are what the calls do, the last one for all that follow. */
  handle(category: ErrorCategory, answers: unknown[], options: Partial<HandleErrorOptions> = {}) {
    const error = new Failure('orig', { errorCategory: category, correlationId: 'cid' });
    return this.manager.handleError(
      error,
      () => {
        const answer = answers[Math.min(this.calls, answers.length - 1)];
        this.calls++;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      { operationType: 'op', payload: { p: 1 }, correlationId: 'cid', ...options },
    );
  }
}

const failing = (category: ErrorCategory) => [new Failure('again', { errorCategory: category })];

const CHECKS: Readonly<Record<string, (expected: never) => unknown>> = {
  'str-01': (expected: Record<ErrorCategory, string[]>) => {
    const { manager } = new Run();
    for (const [category, strategies] of Object.entries(expected)) {
      assert.deepEqual(manager.getStrategies(category as ErrorCategory), strategies, category);
    }
  },
  'str-02': (expected: unknown) => {
    const { manager } = new Run();
    manager.setStrategy('SERVER', ['SKIP'], 'op1');
    assert.deepEqual(
      [
        manager.getStrategies('SERVER', 'op1'),
        manager.getStrategies('SERVER', 'op2'),
        manager.getStrategies('SERVER'),
        manager.getStrategies('NETWORK', 'op1'),
      ],
      expected,
    );
  },
  'st-01': async () => {
    const run = Run.of('NETWORK', []);
    assert.equal((await run.handle('NETWORK', ['never'])).success, false);
    assert.deepEqual([run.calls, run.letters.length], [0, 1]);
  },
  'bo-01': async () => {
    const run = new Run();
    assert.equal((await run.handle('NETWORK', failing('NETWORK'))).success, false);
    assert.deepEqual([run.calls, run.sleeps, run.letters.length], [4, [1000, 2000, 4000], 1]);
  },
  'bo-03': async () => {
    const run = new Run();
    const result = await run.handle('NETWORK', [...failing('NETWORK'), 'ok2']);
    assert.deepEqual(result, { success: true, result: 'ok2' });
    assert.deepEqual([run.calls, run.sleeps, run.letters.length], [2, [1000], 0]);
  },
  'bo-04': async () => {
    const run = new Run();
    assert.deepEqual(await run.handle('NETWORK', ['ok1']), { success: true, result: 'ok1' });
    assert.deepEqual([run.calls, run.sleeps], [1, []]);
  },
  'bo-07': async () => {
    const run = new Run();
    assert.equal((await run.handle('NETWORK', failing('NETWORK'), { maxRetries: 0 })).success, false);
    assert.deepEqual([run.calls, run.sleeps, run.letters.length], [1, [], 1]);
  },
  'bo-08': async () => {
    const date = new Date(Date.parse('2024-01-01T00:00:00Z') + 7_000 + 30_000).toUTCString();
    const answer = (headers: object) =>
      Object.assign(new Error('slow down'), { status: 429, response: { status: 429, headers } });
    const run = new Run();
    await run.handle('RATE_LIMIT', [
      answer({ 'retry-after': '7' }),
      answer({ 'retry-after': date }),
      answer({ 'ratelimit-remaining': '0', 'ratelimit-reset': '9' }),
      'ok',
    ]);
    assert.deepEqual(run.sleeps, [7_000, 30_000, 9_000]);
    const capped = new Run();
    await capped.handle('RATE_LIMIT', [answer({ 'retry-after': '999999' }), 'ok']);
    assert.deepEqual(capped.sleeps, [3_600_000]);
    const inContext = new Run();
    const given = new Failure('429', {
      errorCategory: 'RATE_LIMIT',
      additionalContext: { 'Retry-After': '5' },
    });
    await inContext.manager.handleError(given, () => 'ok', { operationType: 'op' });
    assert.deepEqual(inContext.sleeps, [5_000]);
  },
  'rt-01': async () => {
    const run = new Run();
    await run.handle('UNKNOWN', failing('UNKNOWN'));
    assert.deepEqual([run.calls, run.sleeps, run.letters.length], [4, [1000, 1000, 1000], 1]);
  },
  'rt-03': async () => {
    const run = new Run();
    const answers = [1, 2, 3, 4].map((n) => new Failure(`fail${n}`));
    const { error } = await run.handle('UNKNOWN', answers);
    assert.equal(error?.message, 'fail4');
    assert.equal(error?.operationId, 'op_retry_4');
    assert.equal(error?.correlationId, 'cid');
    assert.equal(error?.additionalContext.dlqId, 'item-1');
  },
  'rt-04': async () => {
    const run = Run.of('UNKNOWN', ['RETRY', 'EXPONENTIAL_BACKOFF']);
    await run.handle('UNKNOWN', failing('UNKNOWN'));
    assert.deepEqual(run.sleeps, [1000, 1000, 1000, 1000, 2000, 4000]);
  },
  'ff-01': async () => {
    const run = new Run();
    assert.equal((await run.handle('CLIENT', ['never'])).error?.message, 'orig');
    assert.deepEqual([run.calls, run.letters.length], [0, 1]);
  },
  'ff-02': async () => {
    const run = Run.of('CLIENT', ['FAIL_FAST', 'RETRY']);
    await run.handle('CLIENT', ['never']);
    assert.deepEqual([run.calls, run.letters.length], [0, 1]);
  },
  'sk-01': async () => {
    const run = Run.of('CLIENT', ['SKIP']);
    assert.deepEqual(await run.handle('CLIENT', ['never']), { success: true, result: undefined, by: 'skip' });
    assert.deepEqual(await run.handle('CLIENT', ['never'], { skipValue: 0 }), {
      success: true,
      result: 0,
      by: 'skip',
    });
    assert.equal(run.letters.length, 0);
    assert.equal(run.logged.length, 2);
  },
  'fb-01': async () => {
    const run = Run.of('CLIENT', ['FALLBACK']);
    const fallback = (payload: unknown, error: ApiLinkerError) => [payload, error.message];
    assert.deepEqual((await run.handle('CLIENT', ['never'], { fallback })).result, [{ p: 1 }, 'orig']);
    assert.deepEqual((await run.handle('CLIENT', ['never'], { fallback: { value: 3 } })).result, 3);
    const broken = () => {
      throw new Failure('fallback down', { errorCategory: 'NETWORK' });
    };
    assert.equal((await run.handle('CLIENT', ['never'], { fallback: broken })).success, false);
    const { error, metadata } = run.letters[0] as Letter;
    assert.equal(error.message, 'orig');
    assert.equal((metadata.fallbackError as { message: string }).message, 'fallback down');
  },
  'fb-02': async () => {
    const run = Run.of('UNKNOWN', ['FALLBACK', 'RETRY']);
    assert.deepEqual(await run.handle('UNKNOWN', ['ok1'], { fallback: { value: 0 } }), {
      success: true,
      result: 'ok1',
    });
    const result = await run.handle('UNKNOWN', failing('UNKNOWN'), { fallback: { value: 0 } });
    assert.deepEqual(result, { success: true, result: 0, by: 'fallback' });
  },
  'cbs-01': async () => {
    const run = new Run();
    await run.handle('SERVER', failing('SERVER'));
    assert.deepEqual([run.calls, run.sleeps, run.letters.length], [4, [1000, 2000, 4000], 1]);
    assert.equal(run.manager.getCircuitBreaker('op').failureCount, 4);
  },
  'cbs-02': async () => {
    assert.deepEqual(await new Run().handle('SERVER', ['ok1']), { success: true, result: 'ok1' });
  },
  'cbs-04': async () => {
    const run = Run.of('SERVER', ['CIRCUIT_BREAKER']);
    assert.deepEqual(await run.handle('SERVER', [undefined]), { success: true, result: undefined });
    assert.deepEqual(await run.handle('SERVER', [null]), { success: true, result: null });
    assert.equal(run.letters.length, 0);
  },
  'cbs-05': async () => {
    // In a worker it is rejected without being counted: test/breakers. Here the wait is the caller's.
    const run = Run.of('SERVER', ['CIRCUIT_BREAKER']);
    run.manager.getCircuitBreaker('op').forceOpen();
    const { error } = await run.handle('SERVER', ['never']);
    assert.equal(run.calls, 0);
    assert.match(error?.message ?? '', /Circuit breaker 'op' is forced open/);
  },
  'cbs-07': async () => {
    const run = Run.of('SERVER', ['EXPONENTIAL_BACKOFF', 'CIRCUIT_BREAKER']);
    await run.handle('SERVER', failing('SERVER'));
    assert.equal(run.letters.length, 1);
    assert.deepEqual(run.letters[0]?.payload, { p: 1 });
    assert.equal(run.letters[0]?.metadata.operationType, 'op');
  },
};

for (const { id, given, when, expect } of cases.filter(({ area }) => AREAS.includes(area))) {
  test(`${id}: ${given}; ${when}`, async () => {
    const check = CHECKS[id];
    assert.ok(check, `no check for ${id}`);
    await check(expect as never);
  });
}

test('a category that changes on the way goes on with its own strategies, and gives no attempts back', async () => {
  const run = new Run();
  const { error } = await run.handle('NETWORK', [...failing('NETWORK'), ...failing('VALIDATION')]);
  assert.equal(error?.errorCategory, 'VALIDATION');
  assert.deepEqual([run.calls, run.sleeps], [2, [1000]]);
});

test('the correlation id of the given error is that of every error after it, and of the dead letter', async () => {
  const run = new Run();
  const answer = Object.assign(new Error('down'), {
    response: { status: 503, headers: { 'x-request-id': 'of-the-answer' } },
  });
  const given = new Failure('down', { errorCategory: 'SERVER', correlationId: 'sync-7' });
  const recorded: (string | undefined)[] = [];
  const manager = new ErrorRecoveryManager({
    ...{ sleep: async () => {}, log: () => {} },
    analytics: { recordError: ({ correlationId }) => recorded.push(correlationId) },
    dlq: { addItem: async (error) => `item of ${error.correlationId}` },
  });
  const operation = () => Promise.reject(answer);
  const { error } = await manager.handleError(given, operation, { operationType: 'op' });
  assert.equal(error?.correlationId, 'sync-7');
  assert.equal(error?.additionalContext.dlqId, 'item of sync-7');
  assert.deepEqual(new Set(recorded), new Set(['sync-7']));
  const own = await manager.handleError(given, operation, { operationType: 'op', correlationId: 'mine' });
  assert.equal(own.error?.correlationId, 'mine');
  const without = await run.handle('CLIENT', ['never'], { correlationId: undefined });
  assert.equal(without.error?.correlationId, 'cid');
});

test('an error that ends at once keeps its time and its operation id, unless one is given', async () => {
  const given = new Failure('bad', {
    ...{ errorCategory: 'CLIENT', operationId: 'fetch-1', timestamp: '2020-01-01T00:00:00.000Z' },
  });
  const { manager } = new Run();
  const { error } = await manager.handleError(given, () => 1, { operationType: 'op' });
  assert.deepEqual([error?.operationId, error?.timestamp], ['fetch-1', '2020-01-01T00:00:00.000Z']);
  const named = await manager.handleError(given, () => 1, { operationType: 'op', operationId: 'mine' });
  assert.equal(named.error?.operationId, 'mine');
});

test('retries and waits are logged, without secrets', async () => {
  const run = new Run();
  await run.handle('NETWORK', [
    new Failure('no route, token=hunter2hunter2', { errorCategory: 'NETWORK' }),
    'ok',
  ]);
  assert.deepEqual(run.logged, [
    'temporal-recovery: an attempt failed',
    'temporal-recovery: waiting before the next attempt',
  ]);
  const common = { operationType: 'op', correlationId: 'cid', maxRetries: 3 };
  const { message, ...failed } = run.attributes[0] ?? {};
  assert.deepEqual(failed, { ...common, attempt: 1, category: 'NETWORK', statusCode: undefined });
  assert.match(String(message), /no route/);
  assert.ok(!String(message).includes('hunter2'));
  assert.deepEqual(run.attributes[1], { ...common, attempt: 2, delayMs: 1_000 });
});

test('bad strategies are refused, with what is allowed', () => {
  const { manager } = new Run();
  assert.throws(
    () => manager.setStrategy('SERVER', ['TYPO' as never]),
    /strategies\[0\]: expected one of RETRY/,
  );
  assert.throws(() => manager.setStrategy('NOPE' as never, ['RETRY']), /category: expected one of NETWORK/);
});
