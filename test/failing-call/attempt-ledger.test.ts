import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addAttempt, EMPTY_LEDGER, firstFailureAt } from '../../common/failing-call/attempt-ledger.js';

const T = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const failedAt = (at: number) =>
  addAttempt(EMPTY_LEDGER, {
    ...{ attempt: 1, startedAt: new Date(at).toISOString(), failedAt: new Date(at).toISOString() },
    ...{ category: 'SERVER', message: 'down' },
  } as never);

describe('the time of the first failure', () => {
  test('is that of the first attempt that is known', () => {
    assert.equal(firstFailureAt(EMPTY_LEDGER, T, 10_000), T);
    assert.equal(firstFailureAt(failedAt(T - 8_000), T, 10_000), T - 8_000);
    // The attempt had to wait for a worker: longer ago than the server's times tell.
    assert.equal(firstFailureAt(failedAt(T - 15_000), T, 10_000), T - 15_000);
  });

  test('is when the call was scheduled, where another clock tells what cannot be', () => {
    assert.equal(firstFailureAt(failedAt(T - HOUR), T, 10_000), T - 10_000);
    assert.equal(firstFailureAt(failedAt(T + HOUR), T, 10_000), T - 10_000);
  });

  test('is never after this attempt, nor long before the call, whatever the clocks say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -24 * HOUR, max: 24 * HOUR }),
        fc.integer({ min: -HOUR, max: HOUR }),
        (skew, since) => {
          const at = firstFailureAt(failedAt(T + skew), T, since);
          assert.ok(at <= T && at >= T - Math.max(0, since) - 60_000, `${at - T}`);
        },
      ),
    );
  });
});
