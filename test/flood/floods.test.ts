import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeFlood, describeFloods } from '../../common/flood/describe.js';
import {
  type Flood,
  MAX_FLOODS,
  type ReportedFlood,
  reportedFlood,
  withFlood,
  withoutEndedFloods,
  withoutFloods,
} from '../../common/flood/floods.js';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const HOUR_MS = 3_600_000;

const reported = (more: Partial<ReportedFlood> = {}): ReportedFlood => ({
  ...{ operation: 'push', state: 'held', waitMs: HOUR_MS, agoMs: 1_000 },
  ...{ group: 'g', said: 'VALIDATION 422 field <value> is missing', letters: 60, calls: 100 },
  ...more,
});

describe('the floods that the fleet knows', () => {
  test('the first report of a hold counts, further ones and alarms change nothing', () => {
    const list = withFlood([], reported(), NOW);
    assert.deepEqual(list, [
      {
        ...{ operation: 'push', state: 'held', since: NOW - 1_000, until: NOW + HOUR_MS },
        ...{ group: 'g', said: 'VALIDATION 422 field <value> is missing', letters: 60, calls: 100 },
      },
    ]);
    assert.equal(withFlood(list, reported({ group: 'h', waitMs: 2 * HOUR_MS }), NOW + 1), list);
    assert.equal(withFlood(list, reported({ state: 'alarm' }), NOW + 1), list);
  });

  test('each operation and each key has its own', () => {
    let list: readonly Flood[] = [];
    for (const each of [{}, { quotaKey: 'a' }, { quotaKey: 'b' }, { operation: 'pull' }]) {
      list = withFlood(list, reported(each), NOW);
    }
    assert.equal(list.length, 4);
    const left = withFlood(list, reported({ quotaKey: 'a', state: 'over' }), NOW + 1);
    assert.deepEqual(
      left.map(({ quotaKey }) => quotaKey),
      [undefined, 'b', undefined],
    );
  });

  test('a trial that succeeded ends a hold, and nothing else', () => {
    const over = reported({ state: 'over' });
    assert.deepEqual(withFlood(withFlood([], reported(), NOW), over, NOW + 1), []);
    const alarm = withFlood([], reported({ state: 'alarm' }), NOW);
    assert.equal(withFlood(alarm, over, NOW + 1), alarm);
  });

  test('an alarm becomes a hold; an alarm that goes on is kept on, and is no news twice', () => {
    const alarm = withFlood([], reported({ state: 'alarm' }), NOW);
    assert.equal(withFlood(alarm, reported({ state: 'alarm' }), NOW + 1_000), alarm);
    const longer = withFlood(alarm, reported({ state: 'alarm' }), NOW + HOUR_MS / 2);
    assert.deepEqual(
      longer.map(({ since, until }) => [since, until]),
      [[NOW - 1_000, NOW + 1.5 * HOUR_MS]],
    );
    assert.equal(withFlood(alarm, reported(), NOW)[0]?.state, 'held');
  });

  test('a person lets calls go on: of one key, of one operation, of all; for a time whatever fails', () => {
    const a = withFlood([], reported({ quotaKey: 'a' }), NOW);
    const list = withFlood(
      withFlood(a, reported({ quotaKey: 'b' }), NOW),
      reported({ operation: 'pull' }),
      NOW,
    );
    assert.equal(withoutFloods(list, { operation: 'push', quotaKey: 'a' }, undefined, NOW).length, 2);
    assert.equal(withoutFloods(list, { operation: 'push' }, undefined, NOW).length, 1);
    assert.equal(withoutFloods(list, {}, undefined, NOW).length, 0);
    assert.equal(withoutFloods(list, { operation: 'unknown' }, undefined, NOW), list);
    const resumed = withoutFloods(list, { operation: 'push' }, HOUR_MS, NOW);
    assert.deepEqual(
      resumed.map(({ operation, state }) => [operation, state]),
      [
        ['push', 'resumed'],
        ['push', 'resumed'],
        ['pull', 'held'],
      ],
    );
    // What workers find meanwhile changes nothing.
    assert.equal(withFlood(resumed, reported({ quotaKey: 'a' }), NOW + 1), resumed);
    assert.equal(withFlood(resumed, reported({ quotaKey: 'a' }), NOW + HOUR_MS + 1).at(-1)?.state, 'held');
  });

  test('all end, and only some are kept', () => {
    let list: readonly Flood[] = [];
    for (let i = 0; i < MAX_FLOODS + 5; i++) list = withFlood(list, reported({ quotaKey: `${i}` }), NOW);
    assert.equal(list.length, MAX_FLOODS);
    assert.equal(withoutEndedFloods(list, NOW + 1), list);
    assert.deepEqual(withoutEndedFloods(list, NOW + HOUR_MS), []);
  });

  test('as it travels: durations', () => {
    const [flood] = withFlood([], reported(), NOW);
    assert.ok(flood);
    const { waitMs, agoMs } = reportedFlood(flood, NOW + 60_000);
    assert.deepEqual([waitMs, agoMs], [HOUR_MS - 60_000, 61_000]);
  });

  test('in words', () => {
    const list = withFlood(
      withFlood([], reported({ quotaKey: 'a' }), NOW),
      reported({ state: 'alarm' }),
      NOW,
    );
    assert.equal(
      describeFloods(list),
      'calls of "push" for "a" are held since 2026-01-31T11:59:59.000Z: 60 of 100 calls ended as dead letters of group g (VALIDATION 422 field <value> is missing) · now and then one is tried, and its success lets all go on · ends at 2026-01-31T13:00:00.000Z at the latest',
    );
    const [, alarm] = list;
    assert.match(
      alarm ? describeFlood(alarm) : '',
      /^flood of dead letters, calls of "push" go on: 60 of 100/,
    );
    assert.equal(describeFloods([]), undefined);
  });
});
