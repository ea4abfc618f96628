// The user's payloads are kept outside of Temporal, and the server has references to them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ExternalStorage, type Payload, StorageDriverClaim } from '@temporalio/common';
import { RecoveryClient } from 'temporal-recovery/client';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

/** Everything goes there, whatever its size. */
function storageOf() {
  const kept = new Map<string, Payload>();
  const driver = {
    name: 'map',
    type: 'test.map',
    async store(_context: unknown, payloads: Payload[]) {
      return payloads.map((payload) => {
        const id = randomUUID();
        kept.set(id, payload);
        return new StorageDriverClaim({ id });
      });
    },
    async retrieve(_context: unknown, claims: StorageDriverClaim[]) {
      return claims.map(({ claimData: { id = '' } }) => {
        const payload = kept.get(id);
        if (payload === undefined) throw new Error(`nothing is kept as ${id}`);
        return payload;
      });
    },
  };
  return { kept, storage: new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 0 }) };
}

describe('payloads in external storage', () => {
  const get = useHarness('external-storage');

  test('a call fails for good, its letter is read, edited and replayed, and nothing stands at the server', async () => {
    const h = get();
    const { kept, storage } = storageOf();
    const dataConverter = { externalStorage: storage };
    const got: unknown[] = [];
    let isBroken = true;
    await h.startWorker({
      ...{ workflowsPath, dataConverter },
      activities: {
        async send(order: { note: string }) {
          got.push(order);
          if (isBroken) throw Object.assign(new Error('refused'), { status: 422 });
          return 'sent';
        },
      },
    });
    const client = new Client({
      ...{ connection: h.client.connection, namespace: h.namespace, dataConverter },
    });
    const recovery = new RecoveryClient({ client, taskQueue: h.recoveryTaskQueue });
    const note = `kept outside ${'x'.repeat(300_000)}`;
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id('order'), taskQueue: h.taskQueue, args: ['send', [{ note, urgent: false }]] },
    });
    const letter = recovery.deadLetters.get(deadLetterId);
    assert.deepEqual((await letter.describe()).args, [{ note, urgent: false }]);
    assert.equal((await letter.replay()).outcome, 'FAILED');
    isBroken = false;
    const replayed = await letter.replay({ args: [{ note, urgent: true }] });
    assert.equal(replayed.outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), { note, urgent: true });
    assert.ok(kept.size > 0);
    // A client without the storage lists it all the same; what is kept outside is missing.
    const message = async (lister: RecoveryClient) => {
      const found = await eventually(async () => {
        const letters = await lister.deadLetters.list({ queue: h.queue, status: 'REPLAYED' });
        return letters.find(({ id }) => id === deadLetterId);
      });
      return found.message;
    };
    assert.equal(await message(recovery), 'refused');
    assert.equal(await message(h.recovery), undefined);
    await h.recovery.groups.list({ queue: h.queue });
    await eventually(async () => (await recovery.groups.list({ queue: h.queue }))[0]?.letters === 1);
    const history = await client.workflow.getHandle(deadLetterId).fetchHistory();
    assert.doesNotMatch(JSON.stringify(history), /xxxxxxxxxx/);
  });

  test('a recovery worker without the storage: the letter waits, says so, and goes on with it', async () => {
    const h = get();
    const { storage } = storageOf();
    const [taskQueue, recoveryTaskQueue] = [h.id('late'), h.id('late-recovery')];
    const dataConverter = { externalStorage: storage };
    let isBroken = true;
    const plugin = (runRecoveryWorker: boolean) =>
      h.plugin({ taskQueue: recoveryTaskQueue, queue: recoveryTaskQueue, runRecoveryWorker });
    await h.startWorker({
      ...{ workflowsPath, dataConverter, taskQueue },
      activities: {
        async send() {
          if (isBroken) throw Object.assign(new Error('refused'), { status: 422 });
        },
      },
      plugins: [plugin(false)],
    });
    const without = await h.startWorker({ workflowsPath, taskQueue: h.id('other'), plugins: [plugin(true)] });
    const client = new Client({
      ...{ connection: h.client.connection, namespace: h.namespace, dataConverter },
    });
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id('late-order'), taskQueue, args: ['send', []] },
    });
    await eventually(
      async () => (await client.workflow.getHandle(deadLetterId).describe()).historyLength > 3,
    );
    await without.stop();
    isBroken = false;
    await h.startWorker({
      ...{ workflowsPath, dataConverter, taskQueue: h.id('another'), plugins: [plugin(true)] },
    });
    const recovery = new RecoveryClient({ client, taskQueue: recoveryTaskQueue });
    assert.equal((await recovery.deadLetters.get(deadLetterId).replay()).outcome, 'REPLAYED');
  });
});
