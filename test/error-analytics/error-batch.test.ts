import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ErrorBatch } from '../../common/error-analytics/error-batch.js';
import { readErrorReport } from '../../common/error-analytics/messages.js';

const error = fc.record({
  category: fc.constantFrom('SERVER', 'NETWORK', 'TIMEOUT'),
  operation: fc.integer({ min: 0, max: 300 }).map((n) => `operation-${n}`),
  waitMs: fc.oneof(fc.nat(1_000), fc.nat(10 * 60_000)),
});

describe('errors that wait to be reported', () => {
  test('none is lost, memory is bounded, and the report is one that the fleet takes', () => {
    fc.assert(
      fc.property(fc.array(error, { maxLength: 2_000 }), (errors) => {
        const batch = new ErrorBatch();
        let now = 1_000;
        for (const { category, operation, waitMs } of errors) {
          now += waitMs;
          batch.add({ category, operation, group: `${operation}-${category}` }, now);
        }
        const listed = batch.report(now);
        assert.equal(batch.isEmpty, errors.length === 0);
        assert.ok(listed.length <= 100 + 62 * 3, `${listed.length} entries`);
        for (const category of ['SERVER', 'NETWORK', 'TIMEOUT']) {
          assert.equal(
            listed.filter((each) => each.category === category).reduce((sum, { count }) => sum + count, 0),
            errors.filter((each) => each.category === category).length,
          );
        }
        const report = { v: 1, worker: 'a', sequence: 1, sentAt: Date.UTC(2026, 0, 1), errors: listed };
        const { problems, report: read } = readErrorReport(JSON.parse(JSON.stringify(report)));
        assert.deepEqual(problems, []);
        assert.equal(read?.errors.length, listed.length);
      }),
      { numRuns: 60 },
    );
  });

  test('errors of one cause in one minute are one entry, with the time of the last', () => {
    const batch = new ErrorBatch();
    const seen = {
      category: 'SERVER',
      operation: 'charge',
      host: 'api.example.com',
      group: 'g',
      pattern: 'down',
    };
    for (const at of [60_000, 60_500, 90_000]) batch.add(seen, at);
    batch.add(seen, 121_000);
    assert.deepEqual(batch.report(122_000), [
      { ...seen, count: 1, agoMs: 1_000 },
      { ...seen, count: 3, agoMs: 32_000 },
    ]);
  });
});
