import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type FloodCount, FloodMeter } from '../../common/flood/flood-meter.js';

interface End {
  readonly group: string | undefined;
  readonly afterMs: number;
}

const ends = fc.array(
  fc.record({
    group: fc.constantFrom('a', 'b', undefined),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400_000 })),
  }),
  { maxLength: 300 },
);
const limits = fc.record({
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
  minimumCalls: fc.integer({ min: 1, max: 20 }),
});

/** As the option says it: the last calls, four times as many as are needed, of the last hour. */
function byTheBook(
  all: readonly { at: number; group: string | undefined }[],
  { share, minimumCalls }: { share: number; minimumCalls: number },
): FloodCount | undefined {
  const last = all.at(-1);
  if (last?.group === undefined) return undefined;
  const window = all.slice(-4 * minimumCalls).filter(({ at }) => last.at - at < 3_600_000);
  const letters = window.filter(({ group }) => group === last.group).length;
  const isFlood = window.length >= minimumCalls && letters >= share * window.length;
  return isFlood ? { letters, calls: window.length } : undefined;
}

describe('how the last calls ended', () => {
  test('a flood is found exactly where the share of the last calls says so', () => {
    let found = 0;
    fc.assert(
      fc.property(ends, limits, (given: End[], given2) => {
        const meter = new FloodMeter(given2);
        const all: { at: number; group: string | undefined }[] = [];
        let at = 0;
        for (const { group, afterMs } of given) {
          at += afterMs;
          all.push({ at, group });
          const flood = meter.ended(group, at);
          assert.deepEqual(flood, byTheBook(all, given2));
          if (flood !== undefined) found++;
        }
        const window = all.slice(-4 * given2.minimumCalls).filter((each) => at - each.at < 3_600_000);
        assert.equal(
          meter.isQuiet,
          window.every(({ group }) => group === undefined),
        );
      }),
      { numRuns: 500 },
    );
    assert.ok(found > 100, `${found} floods`);
  });

  test('after it was cleared it counts from zero', () => {
    const meter = new FloodMeter({ share: 0.5, minimumCalls: 3 });
    for (let i = 0; i < 5; i++) meter.ended('a', i);
    meter.clear();
    assert.ok(meter.isQuiet);
    assert.equal(meter.ended('a', 6), undefined);
    assert.equal(meter.ended('a', 7), undefined);
    assert.deepEqual(meter.ended('a', 8), { letters: 3, calls: 3 });
  });

  // The figures of docs/flood-guard.md.
  test('at the defaults: a third of bad records is no flood, and a healthy history costs at most 100 letters', () => {
    const defaults = { share: 0.5, minimumCalls: 50 };
    const random = seeded(7);
    const steady = new FloodMeter(defaults);
    let alarms = 0;
    for (let call = 0; call < 300_000; call++) {
      if (steady.ended(random() < 1 / 3 ? 'a' : undefined, call) !== undefined) alarms++;
    }
    assert.equal(alarms, 0);
    for (const share of [0.6, 1]) {
      const meter = new FloodMeter(defaults);
      for (let call = 0; call < 500; call++) meter.ended(undefined, call);
      let letters = 0;
      for (let call = 500; ; call++) {
        const isBad = random() < share;
        if (isBad) letters++;
        if (meter.ended(isBad ? 'a' : undefined, call) !== undefined) break;
      }
      assert.ok(letters <= 100, `${letters} letters at ${share}`);
    }
    const fresh = new FloodMeter(defaults);
    let letters = 1;
    while (fresh.ended('a', letters) === undefined) letters++;
    assert.equal(letters, 50);
  });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
