import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AlertEvent, readAlerts } from '../../common/alerts/alert-event.js';
import { AlertQueue } from '../../common/alerts/alert-queue.js';
import type { AnnouncedHooks } from '../../common/alerts/messages.js';
import { analyticsInputProblem } from '../../common/error-analytics/check-carried.js';
import { utf8Length } from '../../common/text/text.js';

const NOW = Date.UTC(2026, 0, 31, 12);
const hooks = (kinds: AnnouncedHooks['kinds']): AnnouncedHooks => ({
  ...{ v: 1, kinds, everyMs: 60_000 },
  configuredAt: new Date(NOW).toISOString(),
});
const ALL = hooks(['breaker', 'queue', 'group']);
const event = (id: string, kind: 'breaker' | 'queue' = 'breaker'): AlertEvent =>
  kind === 'queue'
    ? { kind, change: 'above', id, at: new Date(NOW).toISOString(), queue: 'q', letters: 3 }
    : { kind, change: 'opened', id, at: new Date(NOW).toISOString(), breaker: 'b', status: 'OPEN' };

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('add' as const), ids: fc.array(fc.nat(60), { maxLength: 30 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sent' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('carry' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('announce' as const) }) },
);

describe('events on their way to the hooks', () => {
  test('each is delivered once, in order, also over runs, and a delivery that is tried again is the same', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        let queue = new AlertQueue();
        queue.serve(ALL, NOW);
        const added: string[] = [];
        const delivered: string[] = [];
        let sending: ReturnType<AlertQueue['next']>;
        let batches = 0;
        for (const each of commands) {
          if (each.do === 'add') {
            const events = each.ids.map((n) => event(`e${n}`));
            queue.add(events, NOW);
            for (const { id } of events) if (!added.includes(id)) added.push(id);
          } else if (each.do === 'send') {
            const again = queue.next(() => `batch-${++batches}`);
            if (sending !== undefined) assert.deepEqual(again, sending);
            sending = again;
          } else if (each.do === 'sent' && sending !== undefined) {
            delivered.push(...sending.events.map(({ id }) => id));
            queue.ended(true);
            sending = undefined;
          } else if (each.do === 'carry') {
            const json = JSON.parse(JSON.stringify(queue.json()));
            assert.equal(analyticsInputProblem({ v: 1, alerts: json }), undefined);
            queue = new AlertQueue(json);
          } else queue.serve(ALL, NOW);
        }
        assert.deepEqual(delivered, added.slice(0, delivered.length));
        assert.equal(queue.pending, added.length - delivered.length);
      }),
    );
  });

  test('without a hook of their kind they are only shown', () => {
    const queue = new AlertQueue();
    queue.serve(hooks(['queue']), NOW);
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
    assert.deepEqual(
      queue.next(() => 'x')?.events.map(({ id }) => id),
      ['young'],
    );
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
    const sending = queue.next(() => 'x');
    queue.add(
      Array.from({ length: 400 }, (_, n) => event(`b${n}`)),
      NOW,
    );
    assert.equal(queue.pending, 500);
    assert.equal(queue.dropped, 300);
    assert.deepEqual(
      queue.next(() => 'y'),
      sending,
    );
    queue.ended(true);
    assert.equal(queue.next(() => 'z')?.events[0]?.id, 'b0');
  });
});
