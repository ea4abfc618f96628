// What the entity of a limit carries from run to run: the server ends a workflow whose input is above 2 MB.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LimitBook } from '../../common/limit/book.js';
import type { Limit } from '../../common/limit/limit.js';
import type { LeaseRequest } from '../../common/limit/messages.js';
import { LimitRules } from '../../common/limit/rules.js';
import { limitInputProblem } from '../../common/limit/workflow-input.js';
import { randomOf } from '../faults/random.js';
import { busiest, mostAtOnce, Simulation } from './simulation.js';

const configuredAt = '2026-11-27T00:00:00.000Z';
const NOW = 1_700_000_000_000;
const ROOM = 1_400_000;

/** A book in which each worker has a lease of each key, and long windows are used in all of their parts. */
function full(limit: Limit, workers: number, keys: number) {
  const rules = new LimitRules({ limit, configuredAt });
  const book = new LimitBook(rules);
  const names = Array.from({ length: keys }, (_, at) => `tenant-${String(at).padStart(30, '0')}`);
  let sequence = 0;
  const long = limit.windows.filter(({ perMs }) => perMs > 60_000);
  const reports = long.length === 0 ? 0 : 50;
  for (let at = 0; at < reports; at++) {
    for (let from = 0; from < keys; from += 500) {
      const used = Object.fromEntries(names.slice(from, from + 500).map((key) => [key, 1_000]));
      const request = { v: 1, worker: 'first', limit, configuredAt, keys: [] } as const;
      const before = ((reports - at) * (long[0]?.perMs ?? 0)) / 50;
      book.lease({ ...request, report: { sequence: sequence++, used } }, NOW - before);
    }
  }
  for (let worker = 0; worker < workers; worker++) {
    for (let from = 0; from < keys; from += 500) {
      const asked = names.slice(from, from + 500).map((key, at) => ({
        ...{ key, asks: true, perSecond: keys - from - at + 0.25, waiting: 7, running: 3 },
        claimed: limit.windows.map(({ perMs }) => ({ calls: 1, perMs })),
      }));
      const request: LeaseRequest = {
        ...{ v: 1, worker: `00000000-0000-4000-8000-${String(worker).padStart(12, '0')}` },
        ...{ limit, configuredAt, keys: asked },
      };
      book.lease(request, NOW);
    }
  }
  return { rules, book, names };
}

describe('what a limit carries from run to run', () => {
  const short: Limit = { windows: [{ calls: 10_000, perMs: 1_000 }], concurrency: 10_000 };
  const long: Limit = {
    windows: [
      { calls: 1_000, perMs: 1_000 },
      { calls: 1_000_000, perMs: 86_400_000 },
      { calls: 9_000_000, perMs: 7 * 86_400_000 },
    ],
  };
  for (const [what, limit, workers, keys] of [
    ['100 keys and 100 workers', short, 100, 100],
    ['1,000 keys and 10 workers', long, 10, 1_000],
    ['1,000 keys and 60 workers', short, 60, 1_000],
  ] as const) {
    test(`${what}: within the room, in time, and the workflow takes it`, () => {
      const { rules, book } = full(limit, workers, keys);
      // Processor time: other processes may have the machine meanwhile.
      const before = process.cpuUsage();
      const state = book.carryOver(NOW, ROOM);
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1_000;
      const input = JSON.stringify({ v: 1, name: 'crm', ...rules.state, book: state });
      assert.ok(input.length < ROOM * 1.05, `${input.length} bytes`);
      // A workflow may take 5 s.
      assert.ok(tookMs < 2_500, `${tookMs} ms`);
      assert.equal(limitInputProblem(JSON.parse(input)), undefined);
    });
  }

  test('100 keys and 100 workers, and long windows, are carried as they are', () => {
    for (const limit of [short, long]) {
      const { rules, book } = full(limit, 100, 100);
      const shown = book.shown(NOW);
      const next = new LimitBook(rules, JSON.parse(JSON.stringify(book.carryOver(NOW, ROOM))));
      assert.deepEqual(next.shown(NOW), shown);
      assert.deepEqual(next.carryOver(NOW, ROOM), book.carryOver(NOW, ROOM));
    }
  });

  test('the least wanted keys lose their leases, and nothing is given of them until what they gave counts no longer', () => {
    const { rules, book, names } = full(short, 60, 1_000);
    const before = book.shown(NOW);
    const next = new LimitBook(rules, JSON.parse(JSON.stringify(book.carryOver(NOW, ROOM))));
    const shown = new Map(next.shown(NOW).map((each) => [each.key, each]));
    const [most = '', least = ''] = [names[0], names.at(-1)];
    assert.equal(shown.get(most)?.workers, 60);
    assert.equal(shown.get(least)?.workers, 0);
    assert.equal(before.at(-1)?.workers, 60);
    const ask = (key: string, now: number) =>
      next.lease(
        {
          ...{ v: 1, worker: 'new', limit: short, configuredAt },
          keys: [{ key, asks: true, perSecond: 1, waiting: 1, running: 0, claimed: [] }],
        },
        now,
      ).keys[0]?.shares[0]?.calls ?? 0;
    // 60 workers renew every 14.4 s: a lease of 36 s, and the window.
    assert.equal(ask(least, NOW + 36_900), 0);
    assert.ok(ask(least, NOW + 37_100) > 0);
  });

  test('what long windows have used is kept where there is no room for leases', () => {
    const { rules, book, names } = full(long, 10, 1_000);
    const usedOf = (of: LimitBook) =>
      of
        .shown(NOW)
        .find(({ key }) => key === names[999])
        ?.long.map(({ used }) => used) ?? [];
    const used = usedOf(book);
    const next = new LimitBook(rules, JSON.parse(JSON.stringify(book.carryOver(NOW, 0))));
    const carried = usedOf(next);
    assert.equal(carried.length, 2);
    // What the leases had is taken as used.
    for (const [at, calls] of carried.entries()) assert.ok(calls >= (used[at] ?? 0) && calls > 40_000);
  });

  test('a limit that a person sets for a key holds though the entity keeps no more keys', () => {
    const { rules, book } = full(short, 1, 1_000);
    rules.set('vip', { limit: { windows: [{ calls: 2, perMs: 1_000 }] }, by: 'ada', since: 0 });
    const request = { v: 1, worker: 'new', limit: short, configuredAt, keys: [] } as const;
    book.lease(request, NOW);
    const asked = { key: 'vip', asks: true, perSecond: 1, waiting: 0, running: 0, claimed: [] };
    const { keys } = book.lease({ ...request, keys: [asked] }, NOW);
    assert.deepEqual(keys[0]?.limit, { windows: [{ calls: 2, perMs: 1_000 }] });
  });

  test('runs that have no room for leases keep every limit', async () => {
    for (const limit of [{ windows: [{ calls: 20, perMs: 1_000 }] }, { windows: [], concurrency: 4 }]) {
      const random = randomOf(21);
      const sim = new Simulation({
        ...{ limit, workers: 5, random, runMs: 30_000, bytes: 1_200 },
        ...{ latency: () => 3 + random() * 20, callMs: () => random() * 300 },
      });
      for (let n = 0; n < 9_000; n++) {
        const key = `key-${n % 3}`;
        sim.at(random() * 60_000, () => sim.call(key));
      }
      await sim.runUntil(100_000);
      for (const each of ['key-0', 'key-1', 'key-2']) {
        const begun = sim.begun.filter(({ key }) => key === each);
        assert.ok(begun.length > 500, `${begun.length} calls`);
        for (const { calls, perMs } of limit.windows)
          assert.ok(
            busiest(
              begun.map(({ at }) => at),
              perMs,
            ) <= calls,
          );
        if (limit.concurrency !== undefined) assert.ok(mostAtOnce(begun) <= limit.concurrency);
      }
    }
  });
});
