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
      for (const minutes of [1, 5]) {
        const since = time.now - minutes * 60_000;
        const recent = all.filter(({ at }) => at > since);
        assert.equal(made.getErrorRate(undefined, minutes), recent.length / minutes);
        const servers = recent.filter(({ category }) => category === 'SERVER').length;
        assert.equal(made.getErrorRate('SERVER', minutes), servers / minutes);
      }
      assert.equal(made.errors.length, Math.min(all.length, maxErrors));
      const { totalErrors, topErrors } = made.getSummary();
      assert.equal(totalErrors, all.length);
      for (const { category, count } of topErrors) {
        assert.equal(count, all.filter((each) => each.category === category).length);
      }
    }),
  );
});

test('rates are of all errors of their window, whatever maxErrors keeps, and its edge is not in it', () => {
  const { made, record, time } = analytics(1);
  record('SERVER', 'SERVER', 'CLIENT');
  time.now += 1;
  record('SERVER');
  time.now = START + 5 * 60_000 - 1;
  assert.equal(made.getSummary().recentErrorRate, 4 / 5);
  time.now++;
  assert.equal(made.getSummary().recentErrorRate, 1 / 5);
  assert.equal(made.getErrorRate('SERVER', 6), 3 / 6);
  time.now++;
  assert.equal(made.getErrorRate(), 0);
});

test('an hour of many errors is counted to the last one, and the last minute exactly', () => {
  const { made, record, time } = analytics();
  const perMinute = 6_000;
  for (let at = 0; at < 60 * perMinute; at++) {
    time.now += 10;
    record('NETWORK');
  }
  assert.equal(made.getErrorRate('NETWORK', 1), perMinute);
  assert.equal(made.getErrorRate('NETWORK', 5), perMinute);
  assert.equal(made.getErrorRate(undefined, 61) * 61, 60 * perMinute);
  assert.ok(Math.abs(made.getErrorRate('NETWORK', 30) - perMinute) < perMinute / 1_000);
});

test('maxErrors that is none is refused', () => {
  for (const maxErrors of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new ErrorAnalytics({ maxErrors }), /maxErrors: expected a whole number from 1/);
  }
});
