import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type CountWindow, parseBreakerConfig, type TimeWindow } from '../../common/circuit-breaker/index.js';
import { addCall, type CallWindow, countCalls } from '../../common/circuit-breaker/window.js';
import { Scenario } from './scenario.js';

const TEN_SECONDS: TimeWindow = { type: 'time', duration: 10_000, buckets: 10 };

const calls = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 5_000 }), failed: fc.boolean(), slow: fc.boolean() }),
  { maxLength: 50 },
);

test('a time window holds all calls of the last nine tenths, none older than the whole, and empties while idle', () => {
  const property = fc.property(calls, fc.nat(15_000), (history, idle) => {
    let now = 0;
    let window: CallWindow | undefined;
    const seen: { at: number; failed: boolean; slow: boolean }[] = [];
    for (const { after, failed, slow } of history) {
      now += after;
      window = addCall(window, TEN_SECONDS, { failed, slow }, now);
      seen.push({ at: now, failed, slow });
    }
    now += idle;
    const counts = countCalls(window, TEN_SECONDS, now);
    const within = (age: number) => seen.filter(({ at }) => now - at < age);
    const [certain, possible] = [within(9_000), within(10_000)];
    const between = (low: number, value: number, high: number) => low <= value && value <= high;
    assert.ok(between(certain.length, counts.calls, possible.length));
    const failed = (list: typeof seen) => list.filter((call) => call.failed).length;
    assert.ok(between(failed(certain), counts.failures, failed(possible)));
    const slow = (list: typeof seen) => list.filter((call) => call.slow).length;
    assert.ok(between(slow(certain), counts.slow, slow(possible)));
    if (idle >= 10_000) assert.equal(counts.calls, 0);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('a count window holds the last calls, however many there were', () => {
  const property = fc.property(calls, fc.integer({ min: 1, max: 20 }), (history, size) => {
    const config: CountWindow = { type: 'count', size };
    let window: CallWindow | undefined;
    for (const call of history) window = addCall(window, config, call, 0);
    const last = history.slice(-size);
    assert.deepEqual(countCalls(window, config, 0), {
      calls: last.length,
      failures: last.filter(({ failed }) => failed).length,
      slow: last.filter(({ slow }) => slow).length,
    });
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('a failure rate opens exactly at its threshold, not one failure below', () => {
  const share = fc
    .record({ percent: fc.integer({ min: 1, max: 100 }), hundreds: fc.integer({ min: 1, max: 10 }) })
    .map(({ percent, hundreds }) => ({
      threshold: percent / 100,
      failures: percent * hundreds,
      calls: 100 * hundreds,
    }));
  const property = fc.property(share, ({ threshold, failures, calls }) => {
    const failureRate = { threshold, minimumCalls: calls };
    const rules = {
      consecutiveFailures: false,
      failureRate,
      window: { type: 'count', size: calls },
    } as const;
    const reached = new Scenario(rules);
    reached.succeed(calls - failures);
    reached.fail(failures);
    assert.equal(reached.status, 'OPEN');
    const below = new Scenario(rules);
    below.succeed(calls - failures + 1);
    below.fail(failures - 1);
    assert.equal(below.status, 'CLOSED');
  });
  fc.assert(property, { numRuns: 100 });
});

test('a rate says nothing below the minimum number of calls, and the success that reaches it may open', () => {
  const breaker = new Scenario({
    consecutiveFailures: false,
    failureRate: { threshold: 0.5, minimumCalls: 10 },
  });
  breaker.fail(9);
  assert.equal(breaker.status, 'CLOSED');
  breaker.succeed();
  assert.equal(breaker.status, 'OPEN');
  assert.deepEqual(breaker.transitions.at(-1)?.reason, {
    cause: 'failure-rate',
    calls: 10,
    failures: 9,
    slowCalls: 0,
    rate: 0.9,
    threshold: 0.5,
    openFor: 60_000,
  });
});

test('slow calls open, successful or not, from exactly the configured duration on', () => {
  const slowCallRate = { slowCallDuration: 100, threshold: 1, minimumCalls: 2 };
  const breaker = new Scenario({ slowCallRate, window: { type: 'count', size: 2 } });
  breaker.call('success', { durationMs: 100 });
  breaker.call('success', { durationMs: 99.9 });
  breaker.call('failure', { durationMs: 100 });
  assert.equal(breaker.status, 'CLOSED');
  breaker.call('success', { durationMs: 5_000 });
  assert.equal(breaker.transitions.at(-1)?.reason.cause, 'slow-call-rate');
});

test('a slow trial does not close what slow calls opened', () => {
  const slowCallRate = { slowCallDuration: 100, threshold: 1, minimumCalls: 1 };
  const breaker = new Scenario({ slowCallRate });
  breaker.call('success', { durationMs: 100 });
  breaker.now = 60_000;
  breaker.call('success', { durationMs: 100 });
  assert.equal(breaker.status, 'OPEN');
  breaker.now = 120_000;
  breaker.call('success', { durationMs: 99 });
  assert.equal(breaker.status, 'CLOSED');
});

test('a window of another kind than configured starts again', () => {
  const { window: counted } = parseBreakerConfig();
  const failed = { failed: true, slow: false };
  const old = addCall(addCall(undefined, counted, failed, 0), counted, failed, 0);
  assert.equal(countCalls(old, TEN_SECONDS, 0).calls, 0);
  const fresh = addCall(old, TEN_SECONDS, failed, 0);
  assert.equal(countCalls(fresh, TEN_SECONDS, 0).calls, 1);
  assert.equal(countCalls(fresh, { ...TEN_SECONDS, buckets: 5 }, 0).calls, 0);
  assert.equal(countCalls(fresh, counted, 0).calls, 0);
});
