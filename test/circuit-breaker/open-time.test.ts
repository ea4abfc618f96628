import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DEFAULT_BREAKER_CONFIG, openTimeOf, trip } from '../../common/circuit-breaker/index.js';
import { Scenario } from './scenario.js';

const BACKOFF = {
  initialInterval: 1_000,
  backoffCoefficient: 2,
  maximumInterval: 5_000,
  jitter: 'none',
} as const;

test('the open time grows with every failed half-open up to its cap, and starts over after closing', () => {
  const breaker = new Scenario({ consecutiveFailures: 1, openTime: BACKOFF });
  breaker.fail();
  const openTimes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { state } = breaker;
    assert.equal(state.status, 'OPEN');
    openTimes.push(state.until - state.since);
    breaker.now = state.until;
    breaker.fail();
  }
  assert.deepEqual(openTimes, [1_000, 2_000, 4_000, 5_000, 5_000]);
  breaker.now += 5_000;
  breaker.succeed();
  breaker.fail();
  assert.equal(breaker.transitions.at(-1)?.reason.openFor, 1_000);
});

test('jitter stays within its bounds, and no number of failures overflows', () => {
  const property = fc.property(
    fc.nat(5_000),
    fc.double({ min: 0, max: 0.9999, noNaN: true }),
    (failed, random) => {
      const full = openTimeOf(BACKOFF, failed, 0);
      assert.ok(full >= 1_000 && full <= 5_000);
      const some = openTimeOf({ ...BACKOFF, jitter: 'full' }, failed, random);
      assert.ok(some >= 0 && some <= full);
      const half = openTimeOf({ ...BACKOFF, jitter: 'equal' }, failed, random);
      assert.ok(half >= full / 2 && half <= full);
      assert.equal(openTimeOf({ ...BACKOFF, initialInterval: 0, maximumInterval: 0 }, failed, random), 0);
    },
  );
  fc.assert(property);
});

test('Retry-After of a 429 or 503 is the least open time, also if it came with an earlier failure, and is capped', () => {
  const until = (statusCode: number, retryAfterMs: number, laterFailures = 0) => {
    const breaker = new Scenario({ consecutiveFailures: 1 + laterFailures });
    breaker.fail(1, { statusCode, retryAfterMs });
    breaker.fail(laterFailures);
    const { state } = breaker;
    assert.equal(state.status, 'OPEN');
    return state.until;
  };
  assert.equal(until(503, 90_000), 90_000);
  assert.equal(until(429, 90_000, 3), 90_000);
  assert.equal(until(429, 1_000), 60_000);
  assert.equal(until(500, 90_000), 60_000);
  assert.equal(until(503, 24 * 3_600_000), 3_600_000);
});

test('a success takes back what an earlier failure asked to wait', () => {
  const breaker = new Scenario({ consecutiveFailures: 2 });
  breaker.fail(1, { statusCode: 429, retryAfterMs: 90_000 });
  breaker.succeed();
  breaker.fail(2);
  assert.equal(breaker.transitions.at(-1)?.reason.openFor, 60_000);
});

test('Retry-After of a failed trial counts too', () => {
  const breaker = new Scenario().halfOpen();
  breaker.fail(1, { statusCode: 503, retryAfterMs: 120_000 });
  assert.deepEqual(breaker.transitions.at(-1)?.reason, {
    cause: 'trial-failed',
    successes: 0,
    sample: { statusCode: 503 },
    openFor: 120_000,
    retryAfter: 120_000,
  });
});

test('what is decided outside opens a closed breaker, and no other', () => {
  const breaker = new Scenario();
  const opened = trip(
    breaker.state,
    DEFAULT_BREAKER_CONFIG,
    { cause: 'reported', failures: 7 },
    10,
    0,
    90_000,
  );
  assert.deepEqual(opened.state, {
    status: 'OPEN',
    epoch: 1,
    since: 10,
    until: 90_010,
    failedHalfOpens: 0,
    reason: { cause: 'reported', failures: 7, openFor: 90_000, retryAfter: 90_000 },
  });
  assert.deepEqual(trip(opened.state, DEFAULT_BREAKER_CONFIG, { cause: 'reported' }, 20, 0), {
    state: opened.state,
    transitions: [],
  });
});

test('a half-open that is not decided in time opens again, for as long as before', () => {
  const breaker = new Scenario({ halfOpen: { maxHalfOpenTime: 30_000 }, openTime: BACKOFF }).halfOpen();
  breaker.now += 3_600_000;
  assert.equal(breaker.status, 'HALF_OPEN');
  breaker.start();
  breaker.now += 30_000;
  const { state } = breaker;
  assert.equal(state.status, 'OPEN');
  assert.equal(state.until, breaker.now + 1_000);
  assert.equal(breaker.transitions.at(-1)?.reason.cause, 'half-open-time-over');
});
