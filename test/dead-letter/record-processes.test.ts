import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startFleet } from '../support/fleet.js';
import { eventually, useHarness } from '../support/harness.js';

const RECORDS = 20;
const FAILURES = 3;

describe('one letter for one record behind several worker processes', () => {
  const get = useHarness('record-processes');

  test('each failure counts once though a worker is killed; a success in any process closes the letter', async (t) => {
    const h = get();
    let isMended = false;
    let calls = 0;
    const { start, push } = await startFleet(t, h, {
      ...{ breaker: h.id('partner'), hasRecordKey: true },
      service: (_, response) => {
        calls++;
        if (isMended) return response.end('ok');
        response.writeHead(422);
        return response.end('rejected');
      },
    });
    const [victim] = await Promise.all([start('w1'), start('w2'), start('w3')]);
    const records = Array.from({ length: RECORDS }, (_, n) => `record-${n}`);
    const failures = await Promise.all(
      records.flatMap((record) =>
        Array.from({ length: FAILURES }, (_, n) => push(record, `${record}-failure-${n}`)),
      ),
    );
    // Some letters are written, others are being written.
    await eventually(() => calls >= (RECORDS * FAILURES) / 3);
    victim?.kill('SIGKILL');
    const ends = await Promise.allSettled(failures.map((handle) => handle.result()));
    assert.ok(ends.every(({ status }) => status === 'rejected'));
    const letters = await eventually(async () => {
      const listed = await h.recovery.deadLetters.list({ queue: h.queue, limit: 1_000 });
      return listed.length === RECORDS && listed;
    });
    const countOf = async ({ id }: { id: string }) =>
      (await h.recovery.deadLetters.get(id).state()).failures?.count;
    await eventually(async () =>
      (await Promise.all(letters.map(countOf))).every((count) => count === FAILURES),
    );

    isMended = true;
    let round = 0;
    const openLetters = () => h.recovery.deadLetters.list({ queue: h.queue, open: true, limit: 1_000 });
    // A success shortly after the failure is noticed only by the process that wrote the letter.
    await eventually(async () => {
      round++;
      const successes = await Promise.all(
        records.map((record) => push(record, `${record}-success-${round}`)),
      );
      await Promise.all(successes.map((handle) => handle.result()));
      return (await openLetters()).length === 0;
    });
    for (const { id } of letters) {
      const { status, supersededBy, failures: seen } = await h.recovery.deadLetters.get(id).state();
      assert.equal(status, 'SUPERSEDED');
      assert.match(supersededBy?.workflowId ?? '', /-success-\d+$/);
      assert.equal(seen?.count, FAILURES);
    }
    t.diagnostic(`closed after ${round} rounds of successes`);
  });
});
