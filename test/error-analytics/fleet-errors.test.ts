import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readErrorQuery } from '../../common/error-analytics/error-query.js';
import { FleetErrors } from '../../common/error-analytics/fleet-errors.js';
import { type ErrorReport, readErrorReport } from '../../common/error-analytics/messages.js';
import { jsonLength } from '../../common/text/text.js';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 31, 12);

const report = (facts: Partial<ErrorReport> & { count?: number; agoMs?: number } = {}): ErrorReport => {
  const { count = 1, agoMs = 0, ...rest } = facts;
  const seen = {
    category: 'SERVER',
    operation: 'charge',
    host: 'pay.example.com',
    group: 'g1',
    statusCode: 503,
  };
  return { v: 1, worker: 'a', sequence: 1, sentAt: NOW, errors: [{ ...seen, count, agoMs }], ...rest };
};
const query = (given: object = {}) => readErrorQuery(given, 60 * MINUTE);

describe('the errors of a fleet', () => {
  test('a report that arrives again, or late, is counted once; each worker has numbers of its own', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ worker: fc.constantFrom('a', 'b', 'c'), repeats: fc.nat(2), carries: fc.boolean() }),
        ),
        (sent) => {
          let errors = new FleetErrors();
          const next: Record<string, number> = { a: 0, b: 0, c: 0 };
          for (const { worker, repeats, carries } of sent) {
            const sequence = (next[worker] ?? 0) + 1;
            next[worker] = sequence;
            for (let n = 0; n <= repeats; n++)
              assert.equal(errors.merge(report({ worker, sequence }), NOW), n === 0);
            if (carries) errors = new FleetErrors(JSON.parse(JSON.stringify(errors.json())));
          }
          assert.equal(errors.total, sent.length);
          assert.equal(errors.summary(query(), NOW).totalErrors, sent.length);
        },
      ),
    );
  });

  test('counts by category, operation, host and cause, of a category or an operation', () => {
    const errors = new FleetErrors();
    errors.merge(report({ count: 3 }), NOW);
    errors.merge(
      report({
        worker: 'b',
        errors: [
          {
            count: 5,
            agoMs: 0,
            category: 'NETWORK',
            operation: 'load',
            host: 'data.example.com',
            group: 'g2',
          },
          {
            count: 2,
            agoMs: 0,
            category: 'SERVER',
            operation: 'load',
            host: 'data.example.com',
            group: 'g3',
          },
        ],
      }),
      NOW,
    );
    const all = errors.summary(query(), NOW);
    assert.deepEqual(all.errorCountsByCategory, { NETWORK: 5, SERVER: 5 });
    assert.deepEqual(all.operations, [
      { operation: 'load', count: 7 },
      { operation: 'charge', count: 3 },
    ]);
    assert.deepEqual(all.hosts, [
      { host: 'data.example.com', count: 7 },
      { host: 'pay.example.com', count: 3 },
    ]);
    assert.deepEqual(
      all.causes.map(({ group, count }) => [group, count]),
      [
        ['g2', 5],
        ['g1', 3],
        ['g3', 2],
      ],
    );
    assert.equal(all.workers, 2);
    const server = errors.summary(query({ category: 'SERVER', operation: 'load' }), NOW);
    assert.equal(server.totalErrors, 2);
    assert.equal(server.hosts, undefined);
    assert.deepEqual(errors.top(query({ by: 'host', category: 'SERVER' }), NOW), [
      { host: 'pay.example.com', count: 3 },
      { host: 'data.example.com', count: 2 },
    ]);
    assert.equal(errors.errorRate(readErrorQuery({ operation: 'charge' }, 5 * MINUTE), NOW), 3 / 5);
  });

  test('a report that waited for a recovery worker is counted when its errors were; a wrong clock is not believed', () => {
    const at = (sentAt: number, agoMs: number) => {
      const errors = new FleetErrors();
      errors.merge(report({ sentAt, agoMs }), NOW);
      const [minute] = errors.byMinute().keys();
      return minute === undefined ? undefined : (NOW - minute) / MINUTE;
    };
    assert.equal(at(NOW, 0), 0);
    assert.equal(at(NOW - 10 * MINUTE, 5 * MINUTE), 15);
    assert.equal(at(NOW + 30 * MINUTE, 5 * MINUTE), 5, 'a clock that is ahead');
    assert.equal(at(NOW - 365 * 24 * 60 * MINUTE, 5 * MINUTE), 5, 'a clock that is a year behind');
  });

  test('a question that cannot be answered names field, value and fix', () => {
    const fails = (given: unknown, message: RegExp) =>
      assert.throws(() => readErrorQuery(given, MINUTE), { name: 'TypeError', message });
    fails(
      { window: 'soon' },
      /^query\.window must be milliseconds or a string such as "5 minutes".* got "soon"$/,
    );
    fails({ window: '8 days' }, /from 1 minute to 167 hours; got "8 days"/);
    fails({ category: 'BAD' }, /^query\.category must be one of NETWORK, .* got "BAD"/);
    fails({ by: 'worker' }, /^query\.by must be one of category, operation, host, cause; got "worker"/);
    fails([], /^query must be an object/);
    assert.deepEqual(readErrorQuery(undefined, MINUTE), {
      ...{ windowMs: MINUTE, category: undefined, operation: undefined },
      ...{ by: 'category', limit: 5 },
    });
  });

  test('what is carried into the next run is bounded, whatever was sent', () => {
    const errors = new FleetErrors();
    const bounded = (facts: object) => {
      const { report: read } = readErrorReport({ ...report(), ...facts });
      assert.ok(read !== undefined);
      return read;
    };
    const wide = (n: number) => `${n}/${'\u0001"界'.repeat(300)}`;
    for (let n = 0; n < 2_500; n++) errors.merge(bounded({ worker: wide(n).slice(0, 500) }), NOW);
    for (let n = 0; n < 300; n++) {
      const causes = Array.from({ length: 40 }, (_, each) => {
        const at = (n * 40 + each) % 110;
        return {
          ...{ count: 1_000, agoMs: n * 35 * MINUTE, category: 'SERVER', statusCode: 503, extra: wide(at) },
          ...{ operation: wide(at), host: wide(at), group: wide(at), pattern: wide(at) },
        };
      });
      errors.merge(bounded({ sequence: n + 2, errors: causes }), NOW);
    }
    // With alerts, and below the two megabytes of an input.
    const bytes = jsonLength(errors.json());
    assert.ok(bytes < 1_300_000, `${bytes} bytes`);
  });
});
