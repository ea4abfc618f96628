import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disable, forceClosed, forceOpen, nextChangeAt, reset } from '../../common/circuit-breaker/index.js';
import { Scenario } from './scenario.js';

const ORDER = { by: 'ann', why: 'maintenance', expiresAt: 1_000 };

test('forced open turns every call away, says who and why, and begins with a trial when it expires', () => {
  const breaker = new Scenario();
  breaker.follow(forceOpen(breaker.state, ORDER, 0));
  assert.deepEqual(breaker.refused(), { state: 'FORCED_OPEN', until: 1_000 });
  assert.deepEqual(breaker.transitions, [
    {
      from: 'CLOSED',
      to: 'FORCED_OPEN',
      at: 0,
      epoch: 1,
      reason: { cause: 'forced', by: 'ann', why: 'maintenance', expiresAt: 1_000 },
    },
  ]);
  breaker.now = 1_000;
  assert.equal(breaker.status, 'HALF_OPEN');
});

test('without an expiry an override stays, and a reset ends it', () => {
  const breaker = new Scenario();
  breaker.follow(forceOpen(breaker.state, {}, 0));
  breaker.now = 1e12;
  assert.deepEqual(breaker.refused(), { state: 'FORCED_OPEN' });
  assert.equal(nextChangeAt(breaker.state, breaker.config), undefined);
  breaker.follow(reset(breaker.state, { by: 'ann' }, breaker.now));
  breaker.succeed();
  assert.equal(breaker.status, 'CLOSED');
});

test('disabled lets everything through and counts nothing', () => {
  const breaker = new Scenario();
  breaker.follow(disable(breaker.state, ORDER, 0));
  const before = breaker.state;
  breaker.fail(100);
  assert.equal(breaker.state, before);
  breaker.now = 1_000;
  assert.equal(breaker.status, 'CLOSED');
  breaker.fail(4);
  assert.equal(breaker.status, 'CLOSED');
});

test('metrics only counts, says when it would have opened, and never opens', () => {
  const breaker = new Scenario();
  breaker.follow(forceClosed(breaker.state, {}, 0));
  breaker.now = 7;
  breaker.fail(100, { message: 'no answer' });
  const { state } = breaker;
  assert.ok(state.status === 'METRICS_ONLY');
  assert.equal(state.health.failuresInARow, 100);
  assert.deepEqual(state.wouldHaveOpened, {
    at: 7,
    reason: {
      cause: 'consecutive-failures',
      failures: 5,
      threshold: 5,
      sample: { message: 'no answer' },
    },
  });
});

test('results of calls that began before an override or a reset change nothing', () => {
  const breaker = new Scenario({ consecutiveFailures: 1 });
  const before = breaker.start();
  breaker.follow(reset(breaker.state, {}, 0));
  breaker.end(before, 'failure');
  assert.equal(breaker.status, 'CLOSED');
});

test('an expiry that has passed already ends the override at once, not in the past', () => {
  const breaker = new Scenario({}, 5_000);
  breaker.follow(disable(breaker.state, ORDER, 5_000));
  assert.equal(breaker.status, 'CLOSED');
  assert.equal(breaker.transitions.at(-1)?.at, 5_000);
});
