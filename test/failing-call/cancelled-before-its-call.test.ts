import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, type Payload, type PayloadCodec } from '@temporalio/common';
import { forceOpen } from '../support/forced-open.js';
import { eventually, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../never-worse/workflows.js');

/** Changes nothing; what an attempt gets is read only while the gate is open. */
class Gate implements PayloadCodec {
  isShut = false;
  waiting = 0;

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads;
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    // The input of the workflow has more of them.
    if (payloads.length === 1 && Buffer.from(payloads[0]?.data ?? []).toString() === '"gated"') {
      this.waiting++;
      await eventually(() => !this.isShut);
      this.waiting--;
    }
    return payloads;
  }
}

describe('a call that is cancelled while its breaker rejects an attempt', () => {
  const get = useHarness('cancelled-rejected');

  test('ends as cancelled where the workflow waits for the end of its activities', async () => {
    const h = get();
    const gate = new Gate();
    const { taskQueue } = h;
    let calls = 0;
    const name = `${taskQueue}/write`;
    await h.startWorker({
      workflowsPath,
      activities: {
        async write() {
          calls++;
        },
      },
      plugins: [h.plugin({ breaker: undefined, breakers: { [name]: {} } })],
      dataConverter: { payloadCodecs: [gate] },
    });
    const start = (id: string) =>
      h.client.workflow.start('one', {
        ...{ workflowId: id, taskQueue },
        args: ['write', { cancellationType: 'WAIT_CANCELLATION_COMPLETED' }, 'gated'],
      });
    await forceOpen(h, name, start);
    const before = calls;
    gate.isShut = true;
    const handle = await start(h.id('cancelled'));
    await eventually(() => gate.waiting > 0);
    await handle.cancel();
    await eventually(async () => {
      const { events } = await handle.fetchHistory();
      return events?.some(({ activityTaskCancelRequestedEventAttributes: asked }) => asked);
    });
    gate.isShut = false;
    await assert.rejects(handle.result(), (error) => {
      assert.ok(
        error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
        String(error),
      );
      return true;
    });
    assert.equal(calls, before);
    const { events } = await handle.fetchHistory();
    assert.ok(events?.some(({ activityTaskFailedEventAttributes: failed }) => failed));
  });
});
