import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ErrorCategory as Category, ErrorAnalytics, type ErrorCategory } from 'temporal-recovery';
import cases from './apilinker-cases.json';

const START = 1_700_000_000_000;

function analytics(maxErrors?: number) {
  const time = { now: START };
  const made = new ErrorAnalytics({ maxErrors, clock: () => time.now });
  const record = (...categories: ErrorCategory[]) => {
    for (const errorCategory of categories) made.recordError({ errorCategory, message: 'm' });
  };
  return { made, record, time };
}

const CHECKS: Readonly<Record<string, (expected: never) => void>> = {
  'an-01': () => {
    assert.deepEqual(analytics().made.getSummary(), {
      totalErrors: 0,
      errorCountsByCategory: {},
      recentErrorRate: 0,
      topErrors: [],
    });
  },
  'an-02': (expected: { top_errors: unknown; error_counts_by_category: unknown }) => {
    const { made, record } = analytics();
    record('CLIENT', 'CLIENT', 'CLIENT', 'SERVER', 'AUTH');
    assert.deepEqual(made.getSummary(), {
      totalErrors: 5,
      errorCountsByCategory: expected.error_counts_by_category,
      recentErrorRate: 1,
      topErrors: expected.top_errors,
    });
  },
  'an-04': (expected: unknown) => {
    const { made, record } = analytics();
    record('SERVER', 'SERVER', 'CLIENT');
    assert.deepEqual(
      [
        made.getErrorRate('SERVER', 1),
        made.getErrorRate('CLIENT', 1),
        made.getErrorRate(undefined, 1),
        made.getErrorRate('NETWORK', 1),
        made.getErrorRate('SERVER', 0),
      ],
      expected,
    );
  },
  'an-06': (expected: unknown) => {
    const { made, record } = analytics(3);
    record('SERVER', 'SERVER', 'SERVER', 'CLIENT', 'CLIENT');
    assert.deepEqual([made.errors.length, made.getSummary().totalErrors], expected);
    assert.deepEqual(
      made.errors.map(({ category }) => category),
      ['SERVER', 'CLIENT', 'CLIENT'],
    );
  },
  'an-08': () => {
    const { made, record } = analytics();
    record('SERVER');
    const before = made.getSummary();
    record('SERVER');
    assert.deepEqual([before.totalErrors, before.errorCountsByCategory], [1, { SERVER: 1 }]);
  },
};

for (const { id, given, when, expect } of cases.filter(({ area }) => area === 'analytics')) {
  test(`${id}: ${given}; ${when}`, () => {
    const check = CHECKS[id];
    assert.ok(check, `no check for ${id}`);
    check(expect as never);
  });
}

test('counts and rates are those of a simple list', () => {
  const event = fc.record({ category: fc.constantFrom(...Object.values(Category)), after: fc.nat(120_000) });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (events, maxErrors) => {
      const { made, record, time } = analytics(maxErrors);
      const all: { at: number; category: ErrorCategory }[] = [];
      for (const { category, after } of events) {
        time.now += after;
        record(category);
        all.push({ at: time.now, category });
      }
      const kept = all.slice(-maxErrors);
      for (const minutes of [1, 5]) {
        const recent = kept.filter(({ at }) => at >= time.now - minutes * 60_000).length;
        assert.equal(made.getErrorRate(undefined, minutes), recent / minutes);
      }
      assert.equal(made.errors.length, kept.length);
      const { totalErrors, topErrors } = made.getSummary();
      assert.equal(totalErrors, all.length);
      for (const { category, count } of topErrors) {
        assert.equal(count, all.filter((each) => each.category === category).length);
      }
    }),
  );
});

test('maxErrors that is none is refused', () => {
  for (const maxErrors of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new ErrorAnalytics({ maxErrors }), /maxErrors: expected a whole number from 1/);
  }
});
