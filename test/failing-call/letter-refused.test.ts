import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { eventually, logLines, useHarness } from '../support/harness.js';

/** Cannot encode dead letters while it is broken. */
class BreakableCodec implements PayloadCodec {
  isBroken = true;
  refused = 0;

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const isLetter = payloads.some(({ data }) =>
      Buffer.from(data ?? []).includes('A dead letter: this activity'),
    );
    if (this.isBroken && isLetter) {
      this.refused++;
      throw new Error('the key server does not answer');
    }
    return payloads;
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads;
  }
}

describe('a letter that cannot be written', () => {
  const get = useHarness('letter-refused');

  test('waits in its workflow: all failed calls share one timer, and all letters are written later', async () => {
    const CALLS = 20;
    const h = get();
    const taskQueue = h.id('broken-codec');
    const codec = new BreakableCodec();
    const dataConverter = { payloadCodecs: [codec] };
    await h.startWorker({
      ...{ taskQueue, dataConverter, connection: await h.connect() },
      workflowsPath: require.resolve('../never-worse/workflows.js'),
      activities: {
        async write() {
          throw Object.assign(new Error('refused'), { status: 422 });
        },
      },
      plugins: [h.plugin({ taskQueue: h.id('broken-codec-recovery') })],
    });
    const connection = await Connection.connect(h.connectionOptions);
    const client = new Client({ connection, namespace: h.namespace, dataConverter });
    const handle = await client.workflow.start('parallel', {
      ...{ workflowId: taskQueue, taskQueue, args: [CALLS] },
    });
    const timers = async () =>
      ((await handle.fetchHistory()).events ?? []).filter(
        ({ timerStartedEventAttributes }) => timerStartedEventAttributes,
      ).length;
    await eventually(async () => (await timers()) > 0);
    assert.ok(logLines.some(({ message }) => /dead-lettering failed/.test(message)));
    codec.isBroken = false;
    assert.equal(await handle.result(), CALLS);
    assert.ok((await timers()) <= 2, `${await timers()} timers for ${CALLS} calls`);
    await eventually(async () => (await h.recovery.deadLetters.count({ queue: h.queue })) === CALLS);
    await connection.close();
  });
});
