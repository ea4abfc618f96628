import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startFleet } from '../support/fleet.js';
import { eventually, useHarness } from '../support/harness.js';

const SAMPLE = 40;
const MORE = 30;

describe('a flood behind several worker processes', () => {
  const get = useHarness('flood-processes');

  test('all of them hold; one that is killed and one that comes later change nothing; resumed by a person, every call is made once', async (t) => {
    const h = get();
    const breakerName = h.id('partner');
    const seen: { worker: string; record: string; isRejected: boolean }[] = [];
    let hasRenamedField = true;
    const { start, push } = await startFleet(t, h, {
      breaker: breakerName,
      options: { flood: { minimumCalls: 5, then: 'hold' } },
      service: (request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'http://localhost');
        const [worker, record] = [searchParams.get('worker') ?? '', searchParams.get('record') ?? ''];
        seen.push({ worker, record, isRejected: hasRenamedField });
        if (!hasRenamedField) return response.end('ok');
        response.writeHead(422);
        return response.end(`unknown field "e_mail" in record ${record}`);
      },
    });
    const breaker = h.recovery.breakers.get(breakerName);

    const [, victim] = await Promise.all([start('w1'), start('w2'), start('w3')]);
    const sample = await Promise.all(Array.from({ length: SAMPLE }, (_, i) => push(`sample-${i}`)));
    const { floods = [] } = await eventually(async () => {
      const snapshot = await breaker.describe();
      return snapshot.floods?.[0]?.state === 'held' && snapshot;
    });
    assert.match(floods[0]?.said ?? '', /^VALIDATION 422 <n> unknown field <value> in record sample-<n>/);
    const more = await Promise.all(Array.from({ length: MORE }, (_, i) => push(`more-${i}`)));
    const isHeld = async (handle: (typeof more)[number]) => {
      const { status, raw } = await handle.describe();
      const message = raw.pendingActivities?.[0]?.lastFailure?.message ?? '';
      return status.name !== 'RUNNING' || message.startsWith('Flood of dead letters');
    };
    await eventually(async () => (await Promise.all(more.map(isHeld))).every(Boolean));
    victim?.kill('SIGKILL');
    await start('w4');
    const late = await push('late');
    await eventually(() => isHeld(late));
    const before = seen.filter(({ isRejected }) => isRejected).length;
    // Two or three workers that saw five each, what was on its way, and trials.
    assert.ok(before <= 35, `${before} calls reached the partner`);
    t.diagnostic(`${before} of ${SAMPLE + MORE + 1} calls reached the partner before it was mended`);
    hasRenamedField = false;
    await breaker.resume({ by: 'ada', reason: 'the partner has mended it' });
    const ends = await Promise.allSettled([...sample, ...more, late].map((handle) => handle.result()));
    assert.equal(
      ends.filter(({ status }) => status === 'rejected').length,
      seen.filter((each) => each.isRejected).length,
    );
    const calls = new Map<string, number>();
    for (const { record } of seen) calls.set(record, (calls.get(record) ?? 0) + 1);
    assert.equal(calls.size, SAMPLE + MORE + 1);
    assert.deepEqual(
      [...calls].filter(([, count]) => count !== 1),
      [],
    );
    assert.equal(
      (await h.recovery.deadLetters.list({ queue: h.queue })).length,
      seen.filter((each) => each.isRejected).length,
    );
    await eventually(async () => (await breaker.describe()).floods === undefined);
  });
});
