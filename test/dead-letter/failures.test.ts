import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addFailures,
  type Failure,
  failureFingerprint,
  firstFailure,
} from '../../common/dead-letter/failures.js';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';

/** Only what a merge looks at. */
const failure = (call: number, at: number): Failure => ({
  record: {
    createdAt: new Date(1_800_000_000_000 + at).toISOString(),
    origin: { workflowId: `w${call}`, runId: 'r', activityId: '1', scheduledEventId: 5 },
    error: { errorCategory: 'CLIENT', message: `failure ${call}` },
  } as DeadLetterRecord,
});

/** A call fails once: it has one time, however often it is reported. */
const history = fc
  .uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 40 })
  .chain((times) => {
    const failures = times.map((at, call) => failure(call, at));
    return fc.record({
      failures: fc.constant(failures),
      reports: fc.array(fc.constantFrom(...failures), { maxLength: 60 }),
      order: fc.shuffledSubarray(failures, { minLength: failures.length }),
      cut: fc.nat(100),
    });
  });

describe('failures of one record', () => {
  test('whatever their order, and however often each is reported: each counts once, the newest by its time is kept', () => {
    fc.assert(
      fc.property(history, ({ failures, reports, order, cut }) => {
        const [first, ...others] = [...order, ...reports];
        assert.ok(first);
        const at = Math.min(cut, others.length);
        // In two steps, as two runs of a letter would.
        const half = addFailures(firstFailure(first.record), first, others.slice(0, at));
        const { failures: merged, newest } = addFailures(half.failures, half.newest, others.slice(at));
        const times = failures.map(({ record }) => record.createdAt).sort();
        assert.equal(merged.count, failures.length);
        assert.equal(merged.firstSeen, times[0]);
        assert.equal(merged.lastSeen, times.at(-1));
        assert.equal(newest?.record.createdAt, times.at(-1));
        assert.deepEqual(
          merged.earlier.map(({ at }) => at),
          times.slice(0, -1),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('the newest is the one whose call was made last, also if it failed first', () => {
    const made = fc.uniqueArray(fc.nat(1_000_000), { minLength: 2, maxLength: 20 });
    const calls = made.chain((times) =>
      fc.record({
        times: fc.constant(times),
        failed: fc.array(fc.nat(1_000), { minLength: times.length, maxLength: times.length }),
      }),
    );
    fc.assert(
      fc.property(calls, ({ times, failed }) => {
        const [first, ...others] = times.map((at, call) => {
          const { record } = failure(call, 2_000_000 + (failed[call] ?? 0));
          const scheduledAt = new Date(1_800_000_000_000 + at).toISOString();
          return { record: { ...record, scheduledAt } };
        });
        assert.ok(first);
        const { newest } = addFailures(firstFailure(first.record), first, others);
        assert.equal(newest?.record.error.message, `failure ${times.indexOf(Math.max(...times))}`);
      }),
    );
  });

  test('a letter that is done begins anew with the newest of what came since', () => {
    const known = firstFailure(failure(0, 100).record);
    const { failures, newest } = addFailures(known, undefined, [failure(1, 50), failure(2, 20)]);
    assert.equal(newest?.record.error.message, 'failure 1');
    assert.deepEqual(
      failures.earlier.map(({ message }) => message),
      ['failure 2'],
    );
    assert.equal(failures.count, 3);
  });

  test('what is kept is bounded', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({
      ...failure(at, at),
      arguments: 'x'.repeat(300),
    }));
    const { failures } = addFailures(firstFailure(failure(-1, -1).record), failure(-1, -1), many);
    assert.equal(failures.count, 1_001);
    assert.equal(failures.known.length, 100);
    assert.ok(failures.known.includes(failureFingerprint(failure(999, 999).record)));
    assert.ok(failures.earlier.length <= 50 && JSON.stringify(failures.earlier).length < 21_000);
    assert.equal(failures.earlier.at(-1)?.message, 'failure 998');
  });
});
