// What goes wrong in well-known libraries, found by running them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from '../../apilinker/circuit-breaker.js';
import { outcomeOf, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import { ApiLinkerError } from '../../common/errors/index.js';
import { Scenario } from './scenario.js';

test('a late success of an old epoch does not close an open breaker (opossum, APILinker)', () => {
  const breaker = new Scenario();
  const late = breaker.start();
  breaker.fail(5);
  breaker.end(late, 'success');
  assert.equal(breaker.status, 'OPEN');
  breaker.now = 60_000;
  breaker.end(late, 'success');
  assert.equal(breaker.status, 'HALF_OPEN');
});

test('a late failure of an old epoch does not reopen a half-open breaker, nor count when it is closed again (cockatiel)', () => {
  const breaker = new Scenario({ consecutiveFailures: 1 });
  const late = breaker.start();
  breaker.halfOpen();
  breaker.end(late, 'failure');
  assert.equal(breaker.status, 'HALF_OPEN');
  breaker.succeed();
  breaker.end(late, 'failure');
  assert.equal(breaker.status, 'CLOSED');
});

test('a hung trial gives its place to another when its lease expires (opossum, cockatiel, APILinker)', () => {
  const breaker = new Scenario().halfOpen();
  breaker.start();
  assert.equal(breaker.refused().until, 120_000);
  breaker.now = 119_999;
  breaker.refused();
  breaker.now = 120_000;
  breaker.succeed();
  assert.equal(breaker.status, 'CLOSED');
});

test('a cancelled trial gives its place back at once (opossum, cockatiel, APILinker)', () => {
  const breaker = new Scenario().halfOpen();
  breaker.end(breaker.start(), 'ignored');
  assert.equal(breaker.status, 'HALF_OPEN');
  breaker.succeed();
  assert.equal(breaker.status, 'CLOSED');
});

test('a time window expires while idle: one failure after a pause does not open (cockatiel)', () => {
  const breaker = new Scenario({
    consecutiveFailures: false,
    failureRate: { threshold: 0.5, minimumCalls: 5 },
    window: { type: 'time', duration: 10_000 },
  });
  breaker.fail(4);
  breaker.now = 10_000;
  breaker.fail();
  assert.equal(breaker.status, 'CLOSED');
  breaker.fail(4);
  assert.equal(breaker.status, 'OPEN');
});

test('an ignored error does not eat the permit, however often (resilience4j #544)', () => {
  const breaker = new Scenario({ halfOpen: { permittedTrials: 2 } }).halfOpen();
  for (let i = 0; i < 100; i++) breaker.call('ignored');
  assert.equal(breaker.status, 'HALF_OPEN');
  breaker.start();
  breaker.start();
  breaker.refused();
});

test('a 4xx that says nothing about health does not open (APILinker)', () => {
  const config = parseBreakerConfig();
  for (const [category, status] of [
    ['CLIENT', 404],
    ['VALIDATION', 422],
    ['CLIENT', 409],
    ['AUTH', 403],
    ['MAPPING', undefined],
    ['PLUGIN', undefined],
  ] as const) {
    assert.equal(outcomeOf(category, status, config), 'ignored', `${category} ${status}`);
  }
  for (const [category, status] of [
    ['SERVER', 500],
    ['RATE_LIMIT', 429],
    ['TIMEOUT', 408],
    ['NETWORK', undefined],
    ['UNKNOWN', undefined],
    ['AUTH', 401],
    ['AUTH', '401'],
  ] as const) {
    assert.equal(outcomeOf(category, status, config), 'failure', `${category} ${status}`);
  }
  const breaker = new Scenario();
  for (let i = 0; i < 100; i++) breaker.call('ignored');
  assert.equal(breaker.status, 'CLOSED');
});

test('a status code that is a string counts, and is not thrown about (APILinker)', async () => {
  const breaker = new CircuitBreaker('b');
  const call = () => {
    throw Object.assign(new Error('m'), { statusCode: '503' });
  };
  await assert.rejects(breaker.execute(call), (error) => {
    assert.ok(error instanceof ApiLinkerError);
    return error.statusCode === 503;
  });
  assert.equal(breaker.failureCount, 1);
});

test('a clock that is set back an hour does not keep it open for that hour', () => {
  const breaker = new Scenario({}, 10_000_000);
  breaker.fail(5);
  breaker.now -= 3_600_000;
  assert.equal(breaker.status, 'OPEN');
  breaker.now += 59_999;
  assert.equal(breaker.status, 'OPEN');
  breaker.now += 1;
  assert.equal(breaker.status, 'HALF_OPEN');
});

test('a clock that is set back does not keep a lost trial or an override', () => {
  const breaker = new Scenario({}, 10_000_000).halfOpen();
  breaker.start();
  breaker.now -= 3_600_000;
  assert.equal(breaker.refused().until, breaker.now + 60_000);
  breaker.now += 60_000;
  breaker.start();
});

test('a clock that is set back does not keep the failures of a time window', () => {
  const breaker = new Scenario(
    {
      consecutiveFailures: false,
      failureRate: { threshold: 0.5, minimumCalls: 5 },
      window: { type: 'time', duration: 10_000 },
    },
    10_000_000,
  );
  breaker.fail(3);
  breaker.now -= 3_600_000;
  breaker.succeed();
  breaker.now += 10_000;
  breaker.fail(2);
  assert.equal(breaker.status, 'CLOSED');
});

test('a failed trial of a poison record gives the next trial to another execution', () => {
  const breaker = new Scenario({ consecutiveFailures: 1 });
  breaker.fail(1, { executionId: 'first' });
  breaker.now = 60_000;
  breaker.fail(1, { executionId: 'poison' });
  breaker.now = 120_000;
  assert.deepEqual(breaker.refused({ executionId: 'poison' }), { state: 'HALF_OPEN', until: 135_000 });
  breaker.call('success', { executionId: 'good' });
  assert.equal(breaker.status, 'CLOSED');
});

test('the only execution there is still gets its trial, a little later', () => {
  const breaker = new Scenario({ consecutiveFailures: 1 });
  breaker.fail(1, { executionId: 'only' });
  breaker.now = 60_000;
  breaker.fail(1, { executionId: 'only' });
  breaker.now = breaker.now + 75_000;
  breaker.call('success', { executionId: 'only' });
  assert.equal(breaker.status, 'CLOSED');
});

test('one execution counts once however often it is retried, also between the successes of others', () => {
  const breaker = new Scenario({ failureRate: { threshold: 0.5, minimumCalls: 2 }, consecutiveFailures: 2 });
  breaker.succeed(2);
  for (let i = 0; i < 50; i++) {
    breaker.fail(1, { executionId: 'poison' });
    if (i % 10 === 0) breaker.succeed();
  }
  assert.equal(breaker.status, 'CLOSED');
});

test('an execution that has failed before does not count where others succeed', () => {
  const breaker = new Scenario();
  breaker.succeed();
  for (const executionId of ['a', 'b', 'c', 'd', 'e', 'f']) breaker.fail(1, { executionId, isFresh: false });
  assert.equal(breaker.status, 'CLOSED');
});

test('where nothing has succeeded it counts again: one lucky success or a reset does not end the protection', () => {
  const breaker = new Scenario();
  for (const executionId of ['a', 'b', 'c', 'd', 'e']) breaker.fail(1, { executionId, isFresh: false });
  assert.equal(breaker.status, 'OPEN');
});

test('a tenant whose calls hang holds up no other: calls that have not failed are tried beside them', () => {
  const breaker = new Scenario({ openTime: 60_000 });
  for (const executionId of ['a', 'b', 'c', 'd', 'e']) breaker.fail(1, { executionId });
  for (let n = 0; n < 40; n++) {
    breaker.now += 100;
    breaker.start({ executionId: `hangs-${n}`, isFresh: true });
  }
  breaker.now += 100;
  breaker.end(breaker.start({ executionId: 'good', isFresh: true }), 'success');
  assert.equal(breaker.status, 'CLOSED');
});

test('one bad tenant: a call that has not failed is tried while the breaker is open, and closes it', () => {
  const breaker = new Scenario({ openTime: 60_000 });
  for (const executionId of ['a', 'b', 'c', 'd', 'e']) breaker.fail(1, { executionId });
  assert.equal(breaker.status, 'OPEN');
  breaker.refused({ executionId: 'good', isFresh: true });
  breaker.now += 100;
  breaker.refused({ executionId: 'a', isFresh: false });
  const probe = breaker.start({ executionId: 'good', isFresh: true });
  breaker.refused({ executionId: 'other', isFresh: true });
  breaker.end(probe, 'success');
  assert.equal(breaker.status, 'CLOSED');
});

test('a fresh call that fails leaves an open breaker as it was, and the next one waits for its turn', () => {
  const breaker = new Scenario({ openTime: 60_000 });
  for (const executionId of ['a', 'b', 'c', 'd', 'e']) breaker.fail(1, { executionId });
  const { state } = breaker;
  assert.ok(state.status === 'OPEN');
  breaker.now += 100;
  const probe = breaker.start({ executionId: 'f', isFresh: true });
  breaker.end(probe, 'failure');
  const after = breaker.state;
  assert.ok(after.status === 'OPEN');
  assert.deepEqual([after.until, after.epoch, after.failedHalfOpens], [state.until, state.epoch, 0]);
  breaker.refused({ executionId: 'g', isFresh: true });
  breaker.now += 100;
  breaker.start({ executionId: 'g', isFresh: true });
});

test('a trial keeps its place for trialLease, however long the call may take', () => {
  const breaker = new Scenario({ halfOpen: { trialLease: 10_000 } }).halfOpen();
  breaker.start({ executionId: 'slow', leaseMs: 7_200_000 });
  breaker.refused({ executionId: 'next' });
  breaker.now += 10_000;
  breaker.start({ executionId: 'next' });
});
