// What APILinker's breaker does, against ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../apilinker/circuit-breaker.js';
import { admit, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { ApiLinkerError } from '../../common/errors/index.js';
import cases from '../conformance/apilinker-cases.json';
import { Scenario } from './scenario.js';

/** The clock is `time.now`, in milliseconds. */
function breakerAt(time: { now: number }, options: CircuitBreakerOptions = {}, name = 'b'): CircuitBreaker {
  return new CircuitBreaker(name, { ...options, clock: () => time.now });
}

async function failing(
  breaker: CircuitBreaker,
  times: number,
  error: object = { status: 500 },
): Promise<void> {
  for (let i = 0; i < times; i++) {
    const call = () => Promise.reject(Object.assign(new Error('m'), error));
    await assert.rejects(breaker.execute(call));
  }
}

async function errorOf(promise: Promise<unknown>): Promise<ApiLinkerError> {
  const error = await promise.then(
    () => assert.fail('no error'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiLinkerError);
  return error;
}

const CHECKS: Readonly<Record<string, (expected: unknown) => Promise<void>>> = {
  'cb-01': async (expected) => {
    const breaker = breakerAt({ now: 0 });
    await failing(breaker, 4);
    assert.deepEqual([breaker.state, breaker.failureCount], expected);
  },
  'cb-02': async (expected) => {
    const breaker = breakerAt({ now: 0 });
    await failing(breaker, 5);
    let calls = 0;
    const error = await errorOf(breaker.execute(() => ++calls));
    const { circuitBreaker } = error.additionalContext;
    assert.deepEqual(
      [breaker.state, error.message, error.errorCategory, { circuit_breaker: circuitBreaker }, calls],
      expected,
    );
    assert.equal(error.errorType, 'CircuitOpen');
  },
  'cb-04': async (expected) => {
    const time = { now: 0 };
    const breaker = breakerAt(time);
    await failing(breaker, 5);
    time.now = 59_999;
    const before = breaker.state;
    time.now = 60_000;
    assert.deepEqual([before, breaker.state], expected);
  },
  'cb-05': async (expected) => {
    const time = { now: 0 };
    const breaker = breakerAt(time, { halfOpen: { permittedTrials: 3 } });
    await failing(breaker, 5);
    time.now = 60_000;
    await breaker.execute(() => 1);
    assert.deepEqual([breaker.state, breaker.failureCount], expected);

    const careful = new Scenario({ halfOpen: { successesToClose: 2 } }).halfOpen();
    careful.succeed();
    assert.equal(careful.status, 'HALF_OPEN');
    careful.succeed();
    assert.equal(careful.status, 'CLOSED');
  },
  'cb-08': async (expected) => {
    const time = { now: 0 };
    const breaker = breakerAt(time);
    await failing(breaker, 5);
    time.now = 60_000;
    const [state, message] = expected as [string, string];
    void breaker.execute(() => new Promise(() => {}));
    assert.equal((await errorOf(breaker.execute(() => 1))).message, message);
    assert.equal(breaker.state, state);
    time.now += 3_600_000;
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.state, 'CLOSED');
  },
  'cb-09': async () => {
    const breaker = breakerAt({ now: 0 });
    let finish = () => {};
    const late = breaker.execute(() => new Promise<void>((resolve) => (finish = resolve)));
    await failing(breaker, 5);
    finish();
    await late;
    assert.equal(breaker.state, 'OPEN');
  },
  'cb-12': async (expected) => {
    const breaker = breakerAt({ now: 0 }, { openTime: 0, consecutiveFailures: 1 });
    await failing(breaker, 1);
    assert.equal(breaker.state, expected);
  },
  'cb-13': async (expected) => {
    const breaker = breakerAt({ now: 0 });
    const error = () =>
      errorOf(breaker.execute(() => Promise.reject(Object.assign(new Error('m'), { statusCode: 503 }))));
    const { errorCategory, statusCode, additionalContext } = await error();
    const context = { circuit_breaker: additionalContext.circuitBreaker };
    const value = await breaker.execute(() => 7);
    assert.deepEqual([value, null, null, errorCategory, statusCode, context], expected);
  },
  'cb-14': async () => {
    const breaker = breakerAt({ now: 0 });
    await failing(breaker, 5, { statusCode: 404 });
    assert.equal(breaker.state, 'CLOSED');
    await failing(breaker, 5, { statusCode: 401 });
    assert.equal(breaker.state, 'OPEN');
  },
  'cb-16': async () => {
    const breaker = breakerAt({ now: 0 });
    await failing(breaker, 1, { statusCode: '503' });
    assert.equal(breaker.failureCount, 1);
  },
  'cbs-05': async (expected) => {
    const breaker = breakerAt({ now: 0 }, {}, 'op');
    await failing(breaker, 5);
    let calls = 0;
    const error = await errorOf(breaker.execute(() => ++calls));
    assert.deepEqual([false, calls, error.message, error.errorCategory, 0], expected);

    const open = breaker.snapshot;
    const turnedAway = admit(open, parseBreakerConfig(), 1);
    assert.deepEqual(turnedAway.rejection, { state: 'OPEN', until: 60_000 });
    assert.deepEqual(turnedAway.state, open);
  },
};

for (const { id, area, given, ours, expect } of cases) {
  if (area !== 'breaker' && id !== 'cbs-05') continue;
  test(`${id}: ${given} (${ours})`, async () => {
    const check = CHECKS[id];
    assert.ok(check, `no check for ${id}`);
    await check(expect);
  });
}
