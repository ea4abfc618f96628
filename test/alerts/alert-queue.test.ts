import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AlertEvent, readAlerts } from '../../common/alerts/alert-event.js';
import { AlertQueue } from '../../common/alerts/alert-queue.js';
import type { AnnouncedHooks } from '../../common/alerts/messages.js';
import { analyticsInputProblem } from '../../common/error-analytics/check-carried.js';
import { utf8Length } from '../../common/text/text.js';

const NOW = Date.UTC(2026, 0, 31, 12);
const KINDS = ['group', 'breaker', 'queue'] as const;
const served = (...hooks: AnnouncedHooks['hooks']): AnnouncedHooks => ({
  ...{ v: 1, hooks, everyMs: 60_000 },
  configuredAt: new Date(NOW).toISOString(),
});
const ALL = served({ name: 'a', kinds: KINDS });
const TWO = served({ name: 'a', kinds: KINDS }, { name: 'b', kinds: KINDS });
/** The next delivery to a hook. */
const sendTo = (queue: AlertQueue, hook = 'a', now = NOW) =>
  queue.next(hook, () => `batch-${++batches}`, now);
let batches = 0;
const idsOf = (delivery: ReturnType<typeof sendTo>) => delivery?.events.map(({ id }) => id);
const event = (id: string, kind: 'breaker' | 'queue' = 'breaker'): AlertEvent =>
  kind === 'queue'
    ? { kind, change: 'above', id, at: new Date(NOW).toISOString(), queue: 'q', letters: 3 }
    : { kind, change: 'opened', id, at: new Date(NOW).toISOString(), breaker: 'b', status: 'OPEN' };

const hook = fc.constantFrom('a' as const, 'b' as const);
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('add' as const), ids: fc.array(fc.nat(60), { maxLength: 30 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), hook }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('sent' as const), hook }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('carry' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('announce' as const) }) },
);

describe('events on their way to the hooks', () => {
  test('each hook gets each event once, in order, also over runs, whatever another hook does', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        let queue = new AlertQueue();
        queue.serve(TWO, NOW);
        const added: string[] = [];
        const delivered: Record<'a' | 'b', string[]> = { a: [], b: [] };
        const sending: Partial<Record<'a' | 'b', ReturnType<typeof sendTo>>> = {};
        for (const each of commands) {
          if (each.do === 'add') {
            const events = each.ids.map((n) => event(`e${n}`));
            queue.add(events, NOW);
            for (const { id } of events) if (!added.includes(id)) added.push(id);
          } else if (each.do === 'send') {
            const again = sendTo(queue, each.hook);
            if (sending[each.hook] !== undefined) assert.deepEqual(again, sending[each.hook]);
            sending[each.hook] = again;
          } else if (each.do === 'sent') {
            const { [each.hook]: sent } = sending;
            if (sent === undefined) continue;
            delivered[each.hook].push(...sent.events.map(({ id }) => id));
            queue.ended(sent, true);
            sending[each.hook] = undefined;
          } else if (each.do === 'carry') {
            const json = JSON.parse(JSON.stringify(queue.json()));
            assert.equal(analyticsInputProblem({ v: 1, alerts: json }), undefined);
            queue = new AlertQueue(json);
          } else queue.serve(TWO, NOW);
        }
        for (const ids of [delivered.a, delivered.b]) assert.deepEqual(ids, added.slice(0, ids.length));
        assert.equal(queue.pending, added.length - Math.min(delivered.a.length, delivered.b.length));
        assert.deepEqual(
          queue.behind,
          (['a', 'b'] as const).filter((name) => delivered[name].length < added.length),
        );
        assert.equal(queue.dropped, 0);
      }),
    );
  });

  test('a hook that fails for long delays nobody, and its delivery keeps its begin over runs', () => {
    let queue = new AlertQueue();
    queue.serve(TWO, NOW);
    queue.add([event('1')], NOW);
    const failing = sendTo(queue, 'b', NOW);
    for (const id of ['2', '3']) {
      queue.ended(sendTo(queue, 'a') ?? assert.fail(), true);
      queue.add([event(id)], NOW);
      assert.deepEqual(idsOf(sendTo(queue, 'a')), [id]);
    }
    queue = new AlertQueue(JSON.parse(JSON.stringify(queue.json())));
    const later = NOW + 3 * 3_600_000;
    // Announced again and again, as recovery workers do.
    queue.serve(TWO, later);
    assert.deepEqual(sendTo(queue, 'b', later), failing);
    assert.equal(failing?.since, NOW);
    queue.ended(failing ?? assert.fail(), false);
    assert.equal(queue.dropped, 1);
    assert.deepEqual(idsOf(sendTo(queue, 'b', later)), ['2', '3']);
  });

  test('hooks that are gone and come back go on where they were; what is too old then is counted', () => {
    const queue = new AlertQueue();
    queue.serve(TWO, NOW);
    queue.add([event('old')], NOW);
    queue.ended(sendTo(queue, 'a') ?? assert.fail(), true);
    queue.add([event('young')], NOW + 1_800_000);
    queue.stop();
    assert.deepEqual([queue.pending, queue.behind, sendTo(queue, 'a')], [0, [], undefined]);
    queue.add([event('meanwhile')], NOW + 3_500_000);
    queue.serve(TWO, NOW + 3_600_000);
    assert.equal(queue.dropped, 1);
    for (const name of ['a', 'b']) assert.deepEqual(idsOf(sendTo(queue, name)), ['young', 'meanwhile']);
  });

  test('a hook with another name goes on where the one before was, and a further one begins with what comes', () => {
    const queue = new AlertQueue();
    queue.serve(ALL, NOW);
    queue.add([event('1')], NOW);
    queue.serve(TWO, NOW);
    assert.deepEqual(queue.behind, ['a']);
    queue.serve(served({ name: 'c', kinds: KINDS }), NOW);
    assert.deepEqual(idsOf(sendTo(queue, 'c')), ['1']);
    assert.equal(queue.dropped, 0);
  });

  test('without a hook of their kind they are only shown', () => {
    const queue = new AlertQueue();
    queue.serve(served({ name: 'a', kinds: ['queue'] }), NOW);
    queue.add([event('a'), event('b', 'queue')], NOW);
    assert.equal(queue.pending, 1);
    assert.deepEqual(
      queue.shown.map(({ line }) => line.split(' ')[0]),
      ['Circuit', 'Dead-letter'],
    );
  });

  test('they wait an hour for hooks, and no longer', () => {
    const queue = new AlertQueue();
    queue.add([event('old')], NOW - 2 * 3_600_000);
    queue.add([event('young')], NOW - 60_000);
    assert.equal(queue.pending, 0);
    queue.serve(ALL, NOW);
    assert.deepEqual(idsOf(sendTo(queue)), ['young']);
  });

  test('what is carried is bounded in bytes, whatever was sent, and what is dropped is counted', () => {
    let queue = new AlertQueue();
    queue.serve(ALL, NOW);
    const wide = (length: number) => '\u0001界'.repeat(length / 2);
    for (let n = 0; n < 2_500; n++) {
      const id = `${n}/`.padEnd(500, '界');
      const sent = {
        ...{ ...event(id), breaker: wide(1_000), status: wide(100), why: wide(100_000) },
        ...{ workflowId: wide(1_000), extra: 'x'.repeat(1_000), details: { a: 1 } },
      };
      const { events, problems } = readAlerts({ v: 1, events: [sent] });
      assert.deepEqual(problems, []);
      assert.ok(!JSON.stringify(events).includes('xxx') && !('details' in (events[0] ?? {})));
      queue.add(events, NOW);
    }
    const json = queue.json();
    const text = JSON.stringify(json);
    assert.ok(utf8Length(text) < 700_000, `${utf8Length(text)} bytes`);
    assert.equal(queue.pending + queue.dropped, 2_500);
    assert.ok(queue.pending > 20);
    assert.equal(analyticsInputProblem({ v: 1, alerts: json }), undefined);
    // It still knows the last ones.
    queue = new AlertQueue(JSON.parse(text));
    queue.add([event('2499/'.padEnd(500, '界'))], NOW);
    assert.equal(queue.dropped, json.dropped);
  });

  test('the oldest that wait make room, and those under way stay', () => {
    const queue = new AlertQueue();
    queue.serve(ALL, NOW);
    queue.add(
      Array.from({ length: 400 }, (_, n) => event(`a${n}`)),
      NOW,
    );
    const sending = sendTo(queue);
    queue.add(
      Array.from({ length: 400 }, (_, n) => event(`b${n}`)),
      NOW,
    );
    assert.equal(queue.pending, 500);
    assert.equal(queue.dropped, 300);
    assert.deepEqual(sendTo(queue), sending);
    queue.ended(sending ?? assert.fail(), true);
    assert.equal(sendTo(queue)?.events[0]?.id, 'b0');
  });
});
