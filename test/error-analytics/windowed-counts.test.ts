import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { WindowedCounts } from '../../common/error-analytics/windowed-counts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 31, 12);
const MAX_LABELS = 3;

type Label = { readonly category: string; readonly name: string };

const counts = (json?: ReturnType<WindowedCounts<Label>['json']>, maxLabels = MAX_LABELS) =>
  new WindowedCounts<Label>(
    {
      maxLabels,
      keyOf: ({ category, name }) => JSON.stringify([category, name]),
      restOf: ({ category }) => ({ category, name: '(other)' }),
    },
    json,
  );

/** All errors, with their times. */
class Model {
  readonly all: { readonly label: Label; readonly count: number; readonly at: number }[] = [];

  within(since: number, of: (label: Label) => boolean = () => true): number {
    return this.all
      .filter(({ label, at }) => at >= since && of(label))
      .reduce((sum, { count }) => sum + count, 0);
  }
}

const step = fc.record({
  waitMs: fc.oneof(fc.nat(5 * MINUTE), fc.nat(6 * HOUR), fc.nat(100 * HOUR)),
  category: fc.constantFrom('SERVER', 'NETWORK'),
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'),
  count: fc.integer({ min: 1, max: 50 }),
  agoMs: fc.oneof(fc.constant(0), fc.nat(10 * MINUTE), fc.nat(200 * HOUR)),
  carries: fc.boolean(),
});

describe('counts in windows', () => {
  test('are exact in sum and by category, and never too large for a name, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const model = new Model();
        let real = counts();
        let now = START;
        for (const { waitMs, category, name, count, agoMs, carries } of steps) {
          now += waitMs;
          const label = { category, name };
          model.all.push({ label, count, at: now - agoMs });
          real.add(label, count, now - agoMs, now);
          if (carries) real = counts(JSON.parse(JSON.stringify(real.json())));
          for (const windowMs of [MINUTE, 5 * MINUTE, HOUR, 2 * HOUR, 24 * HOUR, 167 * HOUR]) {
            const window = real.window(windowMs, now);
            assert.ok(window.since <= now - windowMs && window.since > now - windowMs - HOUR);
            const sum = (of: (label: Label) => boolean) =>
              window.counts.filter(({ label }) => of(label)).reduce((all, { count }) => all + count, 0);
            assert.equal(
              sum(() => true),
              model.within(window.since),
              `window of ${windowMs} ms`,
            );
            for (const each of ['SERVER', 'NETWORK']) {
              const isOf = (label: Label) => label.category === each;
              assert.equal(sum(isOf), model.within(window.since, isOf));
            }
            for (const { label, count } of window.counts) {
              if (label.name === '(other)') continue;
              const isSame = (other: Label) => other.category === label.category && other.name === label.name;
              assert.ok(count <= model.within(window.since, isSame));
            }
            const named = window.counts.filter(({ label }) => label.name !== '(other)');
            assert.ok(named.length <= MAX_LABELS, `${named.length} names`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('keep the frequent ones in a flood of others', () => {
    const real = counts(undefined, 10);
    let now = START;
    for (let n = 0; n < 2_000; n++) {
      now += 1_000;
      real.add({ category: 'SERVER', name: 'often' }, 1, now, now);
      if (n % 2 === 0) real.add({ category: 'SERVER', name: 'half' }, 1, now, now);
      real.add({ category: 'SERVER', name: `once-${n}` }, 1, now, now);
    }
    const { counts: found } = real.window(HOUR, now);
    const of = (name: string) => found.find(({ label }) => label.name === name)?.count;
    assert.equal(of('often'), 2_000);
    assert.equal(of('half'), 1_000);
    assert.ok((of('(other)') ?? 0) >= 1_990, `${of('(other)')}`);
  });

  test('what has stopped makes room for what is frequent now', () => {
    const real = counts();
    for (const name of ['a', 'b', 'c']) real.add({ category: 'SERVER', name }, 1_000, START, START);
    const now = START + 3 * HOUR;
    real.add({ category: 'SERVER', name: 'new' }, 5, now, now);
    assert.deepEqual(
      real.window(HOUR, now).counts.map(({ label, count }) => [label.name, count]),
      [['new', 5]],
    );
  });

  test('a week of the largest fleet fits into the input of a workflow', () => {
    const large = counts(undefined, 100);
    let now = START;
    for (let minute = 0; minute < 7 * 24 * 60; minute += 1) {
      now += MINUTE;
      for (let n = 0; n < 100; n++)
        large.add({ category: 'SERVER', name: `operation-${n}` }, 12_345, now, now);
    }
    const bytes = JSON.stringify(large.json()).length;
    assert.ok(bytes < 400_000, `${bytes} bytes`);
  });
});
