import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readAlerts } from '../../common/alerts/alert-event.js';
import { groupAlert } from '../../common/dead-letter-group/alerts.js';
import { changed } from '../../common/dead-letter-group/change.js';
import {
  groupInputProblem,
  groupStateProblem,
  readGroupReport,
} from '../../common/dead-letter-group/check-input.js';
import { MAX_KEYS, withCounts } from '../../common/dead-letter-group/counts.js';
import { newBuilds } from '../../common/dead-letter-group/deploy.js';
import { groupWorkflowId } from '../../common/dead-letter-group/id.js';
import { unmutedIfOver, withLetters } from '../../common/dead-letter-group/letters.js';
import { groupDetails } from '../../common/dead-letter-group/markdown.js';
import type { GroupInput, GroupReport } from '../../common/dead-letter-group/messages.js';
import {
  exampleOf,
  GROUP_ORDERS,
  MalformedGroupOrderError,
  parseGroupOrder,
} from '../../common/dead-letter-group/orders.js';
import { isSpike, withRecent } from '../../common/dead-letter-group/spike.js';
import {
  type GroupEvent,
  type GroupState,
  GroupStatus,
  initialGroup,
  withEntry,
} from '../../common/dead-letter-group/state.js';
import { groupMemo, groupSnapshot } from '../../common/dead-letter-group/views.js';
import { utf8Length, wellFormed } from '../../common/text/text.js';

const MINUTE = 60_000;
const START = Date.parse('2026-01-31T12:00:00Z');
const CAUSE = {
  ...{ queue: 'orders', group: '0123456789abc', operation: 'send', category: 'SERVER', statusCode: 503 },
  pattern: 'down since <n>',
};

const key = fc.string({ minLength: 1, maxLength: 60 }).filter((each) => each !== '__proto__');
const numbers = fc.dictionary(key, fc.integer({ min: 1, max: 1_000 }), { maxKeys: MAX_KEYS });
const report = fc
  .record({
    letters: fc.integer({ min: 1, max: 10_000 }),
    ages: fc.tuple(fc.nat(100_000), fc.nat(100_000)),
    hosts: numbers,
    versions: numbers,
    message: fc.string({ maxLength: 300 }),
  })
  .map(
    ({ letters, ages, hosts, versions, message }): GroupReport => ({
      ...{ v: 1, worker: 'w', sequence: 1, letters, hosts, versions, activities: { send: letters } },
      ...{ oldestMs: Math.max(...ages), newestMs: Math.min(...ages) },
      ...{ taskQueues: ['tq'], sample: { id: 'dead-letter/a', message } },
    }),
  );
const order = fc.oneof(
  fc.record({ kind: fc.constant('note' as const), text: fc.string(), by: fc.string() }),
  fc.record({ kind: fc.constant('assign' as const), text: fc.string(), reason: fc.string() }),
  fc.record({ kind: fc.constant('mute' as const), untilMs: fc.integer({ min: START, max: START + 1e9 }) }),
  fc.record({ kind: fc.constant('mute' as const), letters: fc.nat(5_000) }),
  fc.record({ kind: fc.constantFrom('unmute' as const, 'resolve' as const) }),
);
const step = fc.record({
  afterMs: fc.nat(20 * MINUTE),
  what: fc.oneof(
    report.map((each) => ({ report: each })),
    order.map((each) => ({ order: each })),
  ),
});

describe('the state of a group', () => {
  test('no letter is lost, statuses follow the table, and whatever has happened fits into input, memo, page and alerts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = START;
        let state = initialGroup(now);
        let letters = 0;
        for (const { afterMs, what } of steps) {
          now += afterMs;
          const before = state;
          let events: readonly GroupEvent[] = [];
          if ('report' in what) {
            ({ state, events } = withLetters(state, what.report, now));
            letters += what.report.letters;
            const newest = now - what.report.newestMs;
            const isLater = before.status === GroupStatus.RESOLVED && newest > (before.resolvedAt ?? 0);
            assert.equal(events.includes('regressed'), isLater);
            if (isLater) assert.equal(state.status, GroupStatus.REGRESSED);
            if (before.status === GroupStatus.RESOLVED && !isLater) assert.equal(state.status, before.status);
            assert.equal(
              events.includes('new'),
              before.letters === 0 && before.status !== GroupStatus.RESOLVED,
            );
          } else {
            state = changed(unmutedIfOver(state, now), what.order, now);
            if (what.order.kind === 'resolve') assert.equal(state.status, GroupStatus.RESOLVED);
          }
          assert.equal(state.letters, letters);
          assert.equal(state.status === GroupStatus.MUTED, state.mute !== undefined);
          for (const event of events) {
            const alert = groupAlert(CAUSE, state, event, now);
            assert.deepEqual(readAlerts({ v: 1, events: [alert] }).problems, []);
          }
        }
        const input: GroupInput = { v: 1, ...CAUSE, searchAttributes: [], state };
        const carried = JSON.parse(JSON.stringify(input));
        assert.equal(groupInputProblem(carried) ?? groupStateProblem(carried.state), undefined);
        const page = groupDetails(groupSnapshot(input, state), {
          ...{ namespace: 'default', workflowId: groupWorkflowId(CAUSE), notes: [] },
          ...{ searchAttributes: [], redrives: { count: 1, idPrefix: 'redrive/group-' } },
        });
        assert.ok(utf8Length(page) <= 20_000);
        assert.ok(utf8Length(JSON.stringify(groupMemo(CAUSE, state, 3))) < 8_000);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever a message has beside its fields is not kept, and what no next run could read is refused', () => {
    const given = { v: 1, worker: 'w', sequence: 1, letters: 2, oldestMs: 0, newestMs: 0 };
    const sample = { id: 'dead-letter/a', message: 'm'.repeat(2_000), more: 'x'.repeat(900_000) };
    const read = readGroupReport({ ...given, sample, more: 'y' });
    assert.ok(typeof read !== 'string');
    const { state } = withLetters(initialGroup(START), read, START);
    assert.deepEqual(state.sample, { id: 'dead-letter/a', message: 'm'.repeat(300) });
    assert.ok(JSON.stringify(state).length < 2_000);
    assert.match(`${readGroupReport({ ...given, letters: 1.5 })}`, /letters must be a whole number/);
    assert.match(`${readGroupReport({ ...given, hosts: { a: 0.5 } })}`, /hosts\.a must be a whole number/);
    assert.throws(() => parseGroupOrder('mute', { letters: 1e300 }, START), MalformedGroupOrderError);
    const entry = { at: START, event: 'e'.repeat(9_000), by: 'b'.repeat(9_000), reason: 'r'.repeat(9_000) };
    assert.equal(groupStateProblem(withEntry(state, entry)), undefined);
  });

  test('a mute ends at its time, or with more letters than it allows', () => {
    const muted = (letters?: number, untilMs?: number) =>
      changed(
        withLetters(initialGroup(START), one(5), START).state,
        { kind: 'mute', letters, untilMs },
        START,
      );
    assert.equal(unmutedIfOver(muted(undefined, START + MINUTE), START + MINUTE - 1).status, 'MUTED');
    assert.equal(unmutedIfOver(muted(undefined, START + MINUTE), START + MINUTE).status, 'OPEN');
    assert.equal(withLetters(muted(10), one(10), START).state.status, 'MUTED');
    assert.equal(withLetters(muted(10), one(11), START).state.status, 'OPEN');
  });

  test('counts are bounded, and their sum stays', () => {
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 20 }), (batches) => {
        let counts: GroupState['hosts'] = { keys: {}, others: 0 };
        let sum = 0;
        for (const [at, batch] of batches.entries()) {
          counts = withCounts(counts, batch, at, at);
          sum += Object.values(batch).reduce((total, each) => total + each, 0);
        }
        const kept = Object.values(counts.keys).reduce((total, { letters }) => total + letters, 0);
        assert.ok(Object.keys(counts.keys).length <= MAX_KEYS);
        assert.equal(kept + counts.others, sum);
      }),
    );
  });
});

describe('a spike', () => {
  const run = (perMinute: readonly number[]) => {
    let recent: GroupState['recent'] = [];
    let now = START;
    for (const letters of perMinute) {
      now += MINUTE;
      if (letters > 0) recent = withRecent(recent, letters, now);
    }
    return { recent, firstSeen: START, now };
  };
  const hour = (letters: number) => Array.from({ length: 55 }, () => letters);

  test('is much more than usual, not much', () => {
    const steady = run([...hour(10), 10, 10, 10, 10, 10]);
    assert.equal(isSpike(steady, steady.now), false);
    const more = run([...hour(1), 6, 6, 6, 6, 6]);
    assert.equal(isSpike(more, more.now), true);
    assert.equal(isSpike({ ...more, spikeAt: more.now - 59 * MINUTE }, more.now), false);
    assert.equal(isSpike({ ...more, spikeAt: more.now - 60 * MINUTE }, more.now), true);
    const few = run([...hour(0), 0, 0, 0, 0, 19]);
    assert.equal(isSpike(few, few.now), false);
    const young = run([100]);
    assert.equal(isSpike(young, young.now), false);
  });
});

describe('which builds run', () => {
  test('a new build counts when no worker of a failed one polls any more', () => {
    const old = (seenAt: number) => ({ build: '1', seenAt });
    const next = (seenAt: number) => ({ build: '2', seenAt });
    assert.equal(newBuilds([], ['1'], 90_000), undefined);
    assert.equal(newBuilds([old(0)], ['1'], 90_000), undefined);
    assert.equal(newBuilds([old(0), next(60_000)], ['1'], 90_000), undefined);
    assert.deepEqual(newBuilds([old(0), next(90_001)], ['1'], 90_000), ['2']);
    assert.deepEqual(newBuilds([next(5), { build: '3', seenAt: 6 }], ['1'], 90_000), ['2', '3']);
    assert.equal(newBuilds([next(5)], ['1', '2'], 90_000), undefined);
  });
});

describe('orders and reports from anybody', () => {
  test('each example works', () => {
    for (const kind of GROUP_ORDERS) {
      const [example = ''] = exampleOf(kind).split('}, ');
      const json = example.endsWith('}') ? example : `${example}}`;
      assert.equal(parseGroupOrder(kind, JSON.parse(json), START).kind, kind);
    }
  });

  test('anything else than an order is refused with a sentence, and changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...GROUP_ORDERS), fc.anything(), (kind, input) => {
        try {
          parseGroupOrder(kind, input, START);
        } catch (error) {
          assert.ok(error instanceof MalformedGroupOrderError, String(error));
          assert.match(error.message, new RegExp(`^${kind}: .*; expected \\{`));
        }
      }),
    );
    assert.throws(() => parseGroupOrder('mute', { by: 'me' }, START), /until when\?/);
    assert.throws(() => parseGroupOrder('mute', { for: '2 years' }, START), /at most a year/);
    assert.throws(() => parseGroupOrder('setDefault', 'drop', START), /one of wait, discard, park/);
    assert.throws(() => parseGroupOrder('note', {}, START), /note is missing/);
    assert.throws(() => parseGroupOrder('redrive', { canary: 1.5 }, START), /canary does not fit/);
  });

  test('a report is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        const read = readGroupReport(input);
        if (typeof read === 'string') assert.match(read, /^report/);
      }),
    );
    assert.equal(typeof readGroupReport(one(1)), 'object');
    assert.match(String(readGroupReport({ ...one(1), oldestMs: 1, newestMs: 2 })), /at most/);
    const many = Object.fromEntries(Array.from({ length: MAX_KEYS + 1 }, (_, at) => [`h${at}`, 1]));
    assert.match(String(readGroupReport({ ...one(1), hosts: many })), /at most 20 keys/);
  });

  test('ids are bounded, and two queues never share one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (a, b) => {
        const [idA, idB] = [a, b].map((queue) => groupWorkflowId({ queue, group: CAUSE.group }));
        assert.ok(utf8Length(idA ?? '') <= 255);
        if (wellFormed(a) !== wellFormed(b)) assert.notEqual(idA, idB);
      }),
    );
  });
});

function one(letters: number): GroupReport {
  return { v: 1, worker: 'w', sequence: 1, letters, oldestMs: 0, newestMs: 0 };
}
