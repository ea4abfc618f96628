import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ApplicationFailure, type PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { createRecoveryWorker } from '../../worker/recovery-worker/create-worker.js';
import { TolerantCodec } from '../../worker/recovery-worker/tolerant-codec.js';
import { ContextCodec } from '../support/context-codec.js';
import { EncryptionCodec } from '../support/encryption-codec.js';
import { eventually, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const PAGE = '__temporal_workflow_metadata';

/** The codec with which everything is written, and that of a recovery worker which cannot read it. */
const SETTINGS: readonly [name: string, right: () => PayloadCodec, wrong: PayloadCodec[]][] = [
  ['the wrong key', () => new EncryptionCodec('right'), [new EncryptionCodec('wrong')]],
  ['no codec', () => new EncryptionCodec('right'), []],
  ['no codec, and one that binds to the context is right', () => new ContextCodec(), []],
];

for (const [name, makeCodec, wrong] of SETTINGS) {
  describe(`a recovery worker with ${name}`, () => {
    let stop: (() => Promise<void>) | undefined;
    // Before the harness closes its connections.
    after(() => stop?.());
    const right = [makeCodec()];
    const dataConverter = { payloadCodecs: right };
    const got: unknown[][] = [];
    let isBroken = true;
    const activities = {
      async reject(...args: unknown[]) {
        got.push(args);
        if (isBroken) throw ApplicationFailure.nonRetryable('rejected');
      },
    };
    const get = useHarness('unreadable', async (h) => {
      const plugins = [h.plugin({ runRecoveryWorker: false })];
      await h.startWorker({ workflowsPath, activities, dataConverter, plugins });
    });
    const runWith = async (payloadCodecs: PayloadCodec[]) => {
      await stop?.();
      const { namespace, recoveryTaskQueue } = get();
      const worker = await createRecoveryWorker({
        ...{ namespace, taskQueue: recoveryTaskQueue, connection: await get().connect() },
        ...{ dataConverter: { payloadCodecs }, shutdownGraceTime: '1s' },
      });
      const running = worker.run();
      stop = async () => {
        stop = undefined;
        worker.shutdown();
        await running;
      };
    };
    const client = () =>
      new Client({ connection: get().client.connection, namespace: get().namespace, dataConverter });
    const handle = (id: string) => client().workflow.getHandle(id);
    const events = async (id: string) => (await handle(id).fetchHistory()).events ?? [];
    /** The page as a reader with the worker's own codec sees it. */
    const page = async (id: string) => {
      const reader = new Client({
        ...{ connection: get().client.connection, namespace: get().namespace },
        dataConverter: { payloadCodecs: wrong },
      });
      return JSON.stringify(await reader.workflow.getHandle(id).query(PAGE));
    };
    const isWaiting = (id: string) =>
      eventually(async () => (await events(id)).some((event) => event.activityTaskScheduledEventAttributes));
    const noTaskFailed = async (id: string) =>
      assert.deepEqual(
        (await events(id)).filter((event) => event.workflowTaskFailedEventAttributes),
        [],
      );
    const replays = async (id: string, payloadCodecs: PayloadCodec[]) => {
      for (const codec of payloadCodecs) {
        if (codec instanceof ContextCodec) codec.namespace = get().namespace;
      }
      const codecs = payloadCodecs.length > 0 ? [new TolerantCodec(payloadCodecs)] : [];
      await Worker.runReplayHistory(
        {
          workflowBundle: await recoveryBundle(),
          dataConverter: { payloadCodecs: codecs },
        },
        await handle(id).fetchHistory(),
        id,
      );
    };
    before(() => runWith(wrong));

    test('a letter waits, says so, keeps what it is sent, and is replayed once a codec reads it', async () => {
      isBroken = true;
      const { deadLetterId: id = '' } = await client().workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: get().id('letter'), taskQueue: get().taskQueue, args: ['reject', ['secret']] },
      });
      await isWaiting(id);
      assert.match(await page(id), /Cannot be read/);
      await assert.rejects(handle(id).query('deadLetter'), /cannot be read yet/);
      await replays(id, wrong);
      await replays(id, right);
      // As the Temporal UI sends it, in clear.
      await get().client.workflow.getHandle(id).signal('replay', { by: 'ada' });
      isBroken = false;
      await runWith(right);
      await handle(id).result();
      assert.deepEqual(got.at(-1), ['secret']);
      const { status, story } = await handle(id).query<{ status: string; story: { by?: string }[] }>(
        'deadLetter',
      );
      assert.equal(status, 'REPLAYED');
      assert.ok(story.some(({ by }) => by === 'ada'));
      await noTaskFailed(id);
      await replays(id, right);
      // What was read by then cannot be replayed without.
      await assert.rejects(replays(id, wrong));
    });

    test('so does a circuit breaker', async () => {
      await runWith(wrong);
      const breaker = get().id('b');
      const id = `circuit-breaker/${breaker}`;
      const input = {
        ...{ v: 1, name: breaker, config: DEFAULT_BREAKER_CONFIG, searchAttributes: [] },
        configuredAt: '2026-01-01T00:00:00Z',
      };
      await client().workflow.start('circuitBreaker', {
        ...{ workflowId: id, taskQueue: get().recoveryTaskQueue, args: [input] },
      });
      await isWaiting(id);
      assert.match(await page(id), /Cannot be read/);
      await runWith(right);
      await eventually(async () => (await handle(id).query<{ status: string }>('state')).status === 'CLOSED');
      await noTaskFailed(id);
      await replays(id, right);
      await handle(id).terminate();
    });

    test('an order to a breaker that could not be read stays without effect on replay by any worker', async () => {
      await runWith(wrong);
      const breaker = get().id('orders');
      const id = `circuit-breaker/${breaker}`;
      const input = {
        ...{ v: 1, name: breaker, config: DEFAULT_BREAKER_CONFIG, searchAttributes: [] },
        configuredAt: '2026-01-01T00:00:00Z',
      };
      await get().client.workflow.start('circuitBreaker', {
        ...{ workflowId: id, taskQueue: get().recoveryTaskQueue, args: [input] },
      });
      await handle(id).signal('forceOpen', { by: 'ada' });
      await eventually(async () => /no codec of the recovery worker/.test(await page(id)));
      await runWith(right);
      assert.equal((await handle(id).query<{ status: string }>('state')).status, 'CLOSED');
      await noTaskFailed(id);
      await handle(id).signal('forceOpen', { by: 'ada' });
      await eventually(
        async () => (await handle(id).query<{ status: string }>('state')).status === 'FORCED_OPEN',
      );
      await handle(id).terminate();
    });

    test('so does a redrive', async () => {
      await runWith(wrong);
      const id = `redrive/${get().id('all')}`;
      await client().workflow.start('redrive', {
        ...{ workflowId: id, taskQueue: get().recoveryTaskQueue, args: [{ ids: [get().id('none')] }] },
      });
      await isWaiting(id);
      assert.match(await page(id), /Cannot be read/);
      await runWith(right);
      await handle(id).result();
      await noTaskFailed(id);
      await replays(id, right);
    });
  });
}
