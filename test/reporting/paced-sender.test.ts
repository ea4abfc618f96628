import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PacedSender } from '../../worker/reporting/paced-sender.js';

/** Gathers numbers and sends them in batches, in virtual time. */
function sender(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  let waiting: number[] = [];
  const sent: { at: number; batch: number[] }[] = [];
  const state = { isDown: false, faults: 0 };
  const paced = new PacedSender({
    hasMore: () => waiting.length > 0,
    async send() {
      if (state.isDown) throw new Error('down');
      sent.push({ at: now, batch: waiting });
      waiting = [];
    },
    intervalMs: 1_000,
    fault: () => state.faults++,
    clock: () => now,
  });
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 10;
      t.mock.timers.tick(10);
      // Promises of a sending settle between two ticks.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  };
  const add = (item: number, within: number) => {
    waiting.push(item);
    paced.within(within);
  };
  return { paced, sent, state, pass, add, waiting: () => waiting };
}

test('what gathers goes in one batch, at the earliest time anybody asked for', async (t) => {
  const { sent, pass, add } = sender(t);
  add(1, 1_000);
  add(2, 200);
  add(3, 5_000);
  await pass(6_000);
  assert.deepEqual(sent, [{ at: 200, batch: [1, 2, 3] }]);
});

test('nothing is lost while sending fails, and it is tried again less and less often', async (t) => {
  const { paced, sent, state, pass, add } = sender(t);
  state.isDown = true;
  add(1, 0);
  await pass(120_000);
  assert.ok(state.faults >= 5 && state.faults <= 14, `${state.faults} attempts in two minutes`);
  assert.equal(paced.failures, state.faults);
  add(2, 0);
  state.isDown = false;
  await pass(100_000);
  assert.deepEqual(
    sent.map(({ batch }) => batch),
    [[1, 2]],
  );
  assert.equal(paced.failures, 0);
});

test('flush sends at once; what has become pointless is not sent', async (t) => {
  const { paced, sent, pass, add, waiting } = sender(t);
  add(1, 10_000);
  await paced.flush();
  assert.deepEqual(sent, [{ at: 0, batch: [1] }]);
  add(2, 100);
  waiting().length = 0;
  await pass(1_000);
  assert.equal(sent.length, 1);
});
