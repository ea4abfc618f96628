// When calls that a breaker rejects come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ComeBack } from '../../worker/circuit-breaker/come-back.js';

const open = (until: number) => ({ state: 'OPEN', until }) as const;
const openTime = fc.integer({ min: 0, max: 600_000 });
const line = fc.integer({ min: 1, max: 1_000 });
const rejected = fc.record({
  rejections: fc.integer({ min: 0, max: 100 }),
  isWoken: fc.boolean(),
  workers: fc.constantFrom(1, 2),
});

test('the first calls come when the open time is over: one of them is the trial', () => {
  fc.assert(
    fc.property(openTime, rejected, (remaining, call) => {
      const comeBack = new ComeBack();
      for (let turn = 0; turn < 2; turn++) {
        const wait = comeBack.inLine(1, open(5_000 + remaining), call, 5_000);
        const latest = Math.min(100_000, remaining + 500 + Math.min(remaining / 5, 10_000));
        assert.ok(wait >= Math.min(100_000, remaining + 200) && wait <= latest, `${wait} ms of ${remaining}`);
      }
    }),
  );
});

test('no call comes before the open time is over, but each within 100 s', () => {
  fc.assert(
    fc.property(openTime, line, rejected, (remaining, calls, call) => {
      const comeBack = new ComeBack();
      for (let turn = 0; turn < calls; turn++) {
        const wait = comeBack.inLine(1, open(remaining), call, 0);
        const earliest = Math.min(100_000, remaining + 200);
        assert.ok(wait >= earliest && wait <= 100_000, `${wait} ms of ${remaining}, call ${turn}`);
      }
    }),
    { numRuns: 50 },
  );
});

test('a call that waits long comes as rarely as by a backoff of its own, however short the open times are', () => {
  const comeBack = new ComeBack();
  const call = (rejections: number) => ({ rejections, isWoken: true, workers: 1 });
  for (let turn = 0; turn < 2; turn++) comeBack.inLine(1, open(1_000), call(0), 0);
  for (const [rejections, least] of [
    [0, 3_750],
    [2, 15_000],
    [4, 60_000],
    [50, 75_000],
  ] as const) {
    const wait = comeBack.inLine(1, open(1_000), call(rejections), 0);
    assert.ok(wait >= least && wait <= least * 1.34, `${wait} ms after ${rejections} rejections`);
  }
});

test('in a large fleet a few calls of all workers come when the open time is over', () => {
  const call = { rejections: 20, isWoken: true, workers: 100 };
  const soon = Array.from({ length: 100 * 100 }, () => new ComeBack().inLine(1, open(1_000), call, 0));
  // A hundred fleets, two calls each.
  const count = soon.filter((wait) => wait < 1_800).length;
  assert.ok(count > 120 && count < 280, `${count}`);
});

test('while another call is tried one call comes soon: the other may hang', () => {
  const comeBack = new ComeBack();
  const call = { rejections: 20, isWoken: true, workers: 1 };
  const waits = [1, 2, 3].map(() => comeBack.inLine(1, { state: 'HALF_OPEN' }, call, 0));
  assert.deepEqual(
    waits.map((wait) => wait < 3_000),
    [true, false, false],
  );
});

test('a breaker that a person has opened: calls look again each minute, also after a worker has forgotten them', () => {
  fc.assert(
    fc.property(fc.option(fc.integer({ min: 0, max: 14_400_000 }), { nil: undefined }), (until) => {
      const wait = new ComeBack().forced(until, 0);
      const least = Math.min(until ?? 60_000, 60_000);
      assert.ok(wait >= least && wait <= least * 1.2 + 1_000, `${wait} ms`);
    }),
  );
});

test('each state of the breaker has its own line', () => {
  const comeBack = new ComeBack();
  const call = { rejections: 20, isWoken: true, workers: 1 };
  for (let turn = 0; turn < 100; turn++) comeBack.inLine(1, open(1_000), call, 0);
  const wait = comeBack.inLine(2, open(1_000), call, 0);
  assert.ok(wait < 1_800, `${wait} ms`);
});

test('held letters come one after the other, 200 ms apart for each worker, at most ten minutes later; workers take turns', () => {
  fc.assert(
    fc.property(openTime, fc.integer({ min: 1, max: 50 }), fc.nat(999), (remaining, workers, share) => {
      const comeBack = new ComeBack(() => share / 1_000);
      const rejection = { state: 'OPEN', until: remaining } as const;
      for (let letter = 0; letter < 200; letter++) {
        const turn = Math.min((letter + share / 1_000) * 200 * workers, 600_000);
        assert.ok(Math.abs(comeBack.held(1, rejection, workers, 0) - remaining - turn) < 1);
      }
    }),
    { numRuns: 30 },
  );
});
