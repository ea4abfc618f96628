import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CircuitBreaker as fromActivity } from '../../activities/index.js';
import { ApiLinkerError, type BreakerConfigError, CircuitBreaker } from '../../worker/index.js';

const failure = (fields: object = {}) => Object.assign(new Error('m'), { status: 500, ...fields });

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('undefined and null are successes, and whatever fn returns is what comes back', async () => {
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 2 });
  await assert.rejects(breaker.execute(thrower(failure())));
  assert.equal(await breaker.execute(() => undefined), undefined);
  assert.equal(breaker.failureCount, 0);
  await assert.rejects(breaker.execute(thrower(failure())));
  assert.equal(await breaker.execute(async () => null), null);
  assert.equal(breaker.failureCount, 0);
});

test('a synchronous throw counts like a rejection, and the original is the cause', async () => {
  const breaker = new CircuitBreaker('crm', { consecutiveFailures: 1 });
  const original = failure({ status: 503 });
  await assert.rejects(breaker.execute(thrower(original)), (error) => {
    assert.ok(error instanceof ApiLinkerError);
    assert.equal(error.cause, original);
    assert.equal(error.statusCode, 503);
    assert.deepEqual(error.additionalContext, { circuitBreaker: 'crm' });
    return true;
  });
  assert.equal(breaker.state, 'OPEN');
});

test('an ApiLinkerError keeps its fields and its context', async () => {
  const original = new ApiLinkerError('gone', {
    errorCategory: 'TIMEOUT',
    correlationId: 'c',
    additionalContext: { tenant: 7 },
  });
  const breaker = new CircuitBreaker('b');
  await assert.rejects(breaker.execute(thrower(original)), {
    message: 'gone',
    errorCategory: 'TIMEOUT',
    correlationId: 'c',
    additionalContext: { tenant: 7, circuitBreaker: 'b' },
  });
});

test('what is no error is classified too, and anything may be thrown', async () => {
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 100 });
  const odd = [
    null,
    undefined,
    0,
    'text',
    Symbol('s'),
    {},
    new Proxy({}, { get: thrower(new Error('trap')) }),
  ];
  for (const thrown of odd) await assert.rejects(breaker.execute(thrower(thrown)), ApiLinkerError);
  assert.equal(breaker.failureCount, odd.length);
});

test('retries of one execution count once', async () => {
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 2 });
  for (let i = 0; i < 10; i++) {
    await assert.rejects(breaker.execute(thrower(failure()), { executionId: 'a' }));
  }
  assert.equal(breaker.state, 'CLOSED');
  await assert.rejects(breaker.execute(thrower(failure()), { executionId: 'b' }));
  assert.equal(breaker.state, 'OPEN');
});

test('an abort ends the wait for a hanging trial and gives its place back', async () => {
  let now = 0;
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 1, openTime: 10, clock: () => now });
  await assert.rejects(breaker.execute(thrower(failure())));
  now = 10;
  const controller = new AbortController();
  const reason = new Error('no longer wanted');
  const hanging = breaker.execute(() => new Promise(() => {}), { signal: controller.signal });
  await assert.rejects(
    breaker.execute(() => 1),
    { errorType: 'CircuitOpen' },
  );
  controller.abort(reason);
  await assert.rejects(hanging, (error) => error === reason);
  assert.equal(breaker.state, 'HALF_OPEN');
  assert.equal(await breaker.execute(() => 1), 1);
  assert.equal(breaker.state, 'CLOSED');
});

test('a signal reaches fn; one that has aborted before makes no call', async () => {
  const breaker = new CircuitBreaker('b');
  const { signal } = new AbortController();
  assert.equal(await breaker.execute((given) => given, { signal }), signal);
  let calls = 0;
  await assert.rejects(
    breaker.execute(() => ++calls, { signal: AbortSignal.abort() }),
    { name: 'AbortError' },
  );
  assert.equal(calls, 0);
});

test('a time-out by signal is a failure of the service', async () => {
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 1 });
  const hanging = breaker.execute(() => new Promise(() => {}), { signal: AbortSignal.timeout(1) });
  // The time-out's own timer does not keep the process alive.
  const alive = setTimeout(() => {}, 10_000);
  await assert.rejects(hanging, { name: 'ApiLinkerError', errorCategory: 'TIMEOUT' });
  clearTimeout(alive);
  assert.equal(breaker.state, 'OPEN');
});

test("Temporal's cancellation passes as it is and counts for nothing", async () => {
  const breaker = new CircuitBreaker('b', { consecutiveFailures: 1 });
  const cancelled = new CancelledFailure('CANCELLED');
  await assert.rejects(breaker.execute(thrower(cancelled)), (error) => error === cancelled);
  assert.equal(breaker.state, 'CLOSED');
  await assert.rejects(breaker.execute(thrower(ApplicationFailure.create({ message: 'm' }))));
  assert.equal(breaker.state, 'OPEN');
});

test('overrides and reset, with every transition reported; a listener that throws disturbs no other', async () => {
  let now = 0;
  const seen: string[] = [];
  const breaker = new CircuitBreaker('b', {
    clock: () => now,
    onTransition: ({ from, to, reason }, name) => {
      seen.push(`${name} ${from}>${to} ${reason.cause} ${reason.by} ${reason.why}`);
      throw new Error('listener');
    },
  });
  breaker.forceOpen({ by: 'ann', reason: 'r', expiresIn: 10 });
  await assert.rejects(
    breaker.execute(() => 1),
    { message: "Circuit breaker 'b' is forced open" },
  );
  now = 10;
  assert.equal(breaker.state, 'HALF_OPEN');
  breaker.forceClosed();
  assert.equal(breaker.state, 'METRICS_ONLY');
  breaker.disable();
  assert.equal(breaker.state, 'DISABLED');
  breaker.reset({ by: 'bob' });
  assert.equal(breaker.state, 'CLOSED');
  assert.deepEqual(seen, [
    'b CLOSED>FORCED_OPEN forced ann r',
    'b FORCED_OPEN>HALF_OPEN override-expired undefined undefined',
    'b HALF_OPEN>METRICS_ONLY forced undefined undefined',
    'b METRICS_ONLY>DISABLED forced undefined undefined',
    'b DISABLED>CLOSED reset bob undefined',
  ]);
});

test('slow calls are measured on its clock', async () => {
  let now = 0;
  const slowCallRate = { slowCallDuration: 100, threshold: 1, minimumCalls: 1 };
  const afterCallOf = async (milliseconds: number) => {
    const breaker = new CircuitBreaker('b', { slowCallRate, clock: () => now });
    await breaker.execute(() => {
      now += milliseconds;
    });
    return breaker.state;
  };
  assert.equal(await afterCallOf(99), 'CLOSED');
  assert.equal(await afterCallOf(100), 'OPEN');
});

test('the default clock is close to the time of day, and wrong options are refused with their path', () => {
  const { since } = new CircuitBreaker('b').snapshot;
  assert.ok(Math.abs(since - Date.now()) < 60_000);
  assert.throws(
    () => new CircuitBreaker('b', { openTime: -1 }),
    (error: BreakerConfigError) => /^options\.openTime: /.test(error.message),
  );
  assert.equal(fromActivity, CircuitBreaker);
});
