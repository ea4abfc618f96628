import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ApplicationFailure, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { createRecoveryWorker } from '../../worker/recovery-worker/create-worker.js';
import { TolerantCodec } from '../../worker/recovery-worker/tolerant-codec.js';
import { EncryptionCodec } from '../support/encryption-codec.js';
import { eventually, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const { WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR: NON_DETERMINISTIC } =
  temporal.api.enums.v1.WorkflowTaskFailedCause;
const CANNOT_READ = /This recovery worker cannot read what another recovery worker has read/;

const RIGHT: PayloadCodec[] = [new EncryptionCodec('right')];
const NONE: PayloadCodec[] = [];
/** Writes in clear, as before the codec was introduced, and reads both. */
const READS: PayloadCodec[] = [
  {
    encode: async (payloads) => payloads,
    decode: (payloads) => new EncryptionCodec('right').decode(payloads),
  },
];

describe('a recovery worker takes over what another with other codecs began', () => {
  const running = new Set<() => Promise<void>>();
  const stopAll = async () => {
    await Promise.all([...running].map((stop) => stop()));
  };
  after(stopAll);
  let isBroken = true;
  const got: unknown[][] = [];
  const activities = {
    async reject(...args: unknown[]) {
      got.push(args);
      if (isBroken) throw ApplicationFailure.nonRetryable('rejected');
    },
  };
  const get = useHarness('takeover', async (h) => {
    const plugins = () => [h.plugin({ runRecoveryWorker: false })];
    const common = { workflowsPath, activities };
    await h.startWorker({ ...common, plugins: plugins(), dataConverter: { payloadCodecs: RIGHT } });
    await h.startWorker({
      ...{ ...common, plugins: plugins(), taskQueue: `${h.taskQueue}-clear` },
      dataConverter: { payloadCodecs: READS },
    });
  });
  /** One more recovery worker. */
  const add = async (payloadCodecs: PayloadCodec[]) => {
    const { namespace, recoveryTaskQueue } = get();
    const worker = await createRecoveryWorker({
      ...{ namespace, taskQueue: recoveryTaskQueue, connection: await get().connect() },
      ...{ dataConverter: { payloadCodecs }, shutdownGraceTime: '1s' },
    });
    const run = worker.run();
    const stop = async () => {
      running.delete(stop);
      worker.shutdown();
      await run;
    };
    running.add(stop);
  };
  const runWith = async (payloadCodecs: PayloadCodec[]) => {
    await stopAll();
    await add(payloadCodecs);
  };
  const withCodec = () =>
    new Client({
      ...{ connection: get().client.connection, namespace: get().namespace },
      dataConverter: { payloadCodecs: RIGHT },
    });
  const inClear = () => get().client;
  const letter = async (name: string, client: Client) => {
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(name),
      taskQueue: client === inClear() ? `${get().taskQueue}-clear` : get().taskQueue,
      args: ['reject', [{ mail: name }]],
    });
    return deadLetterId;
  };
  const history = (id: string) => inClear().workflow.getHandle(id).fetchHistory();
  const failedTasks = async (id: string) =>
    ((await history(id)).events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
  const refused = (id: string) =>
    eventually(async () => {
      const failed = await failedTasks(id);
      assert.ok(failed.every(({ cause }) => cause !== NON_DETERMINISTIC));
      return failed.some(({ failure }) => CANNOT_READ.test(failure?.message ?? ''));
    });
  const noDivergence = async (id: string) => {
    for (const { cause, failure } of await failedTasks(id)) {
      assert.notEqual(cause, NON_DETERMINISTIC, failure?.message ?? '');
    }
    await Worker.runReplayHistory(
      {
        workflowBundle: await recoveryBundle(),
        dataConverter: { payloadCodecs: [new TolerantCodec(RIGHT)] },
      },
      await history(id),
      id,
    );
  };
  type State = { status: string; replays: number; story: { event: string; message?: string }[] };
  const state = (id: string) => withCodec().workflow.getHandle(id).query<State>('deadLetter');
  const has = (id: string, status: string, replays: number) =>
    eventually(async () => {
      const seen = await state(id);
      return seen.status === status && seen.replays === replays;
    });

  for (const [name, wrong] of [
    ['without a codec', NONE],
    ['with another key', [new EncryptionCodec('rotated')]],
  ] as const) {
    test(`begun with a codec, taken over ${name}: it waits, says why, and goes on with the codec`, async () => {
      isBroken = true;
      await runWith(RIGHT);
      const id = await letter(`begun ${name}`, withCodec());
      const handle = withCodec().workflow.getHandle(id);
      await handle.signal('replay', { by: 'ada' });
      await has(id, 'WAITING', 1);
      await runWith([...wrong]);
      await inClear().workflow.getHandle(id).signal('replay', { by: 'bob' });
      await refused(id);
      await assert.rejects(handle.query('deadLetter'));
      assert.equal((await handle.describe()).status.name, 'RUNNING');
      isBroken = false;
      await runWith(RIGHT);
      await handle.result();
      assert.deepEqual(got.at(-1), [{ mail: `begun ${name}` }]);
      await noDivergence(id);
    });
  }

  test('begun in clear, taken over with a codec, requests encoded: it is replayed', async () => {
    isBroken = true;
    await runWith(NONE);
    const id = await letter('clear', inClear());
    await inClear().workflow.getHandle(id).signal('replay', { by: 'ada' });
    await has(id, 'WAITING', 1);
    await runWith(RIGHT);
    await withCodec().workflow.getHandle(id).signal('replay', { by: 'ada' });
    await has(id, 'WAITING', 2);
    isBroken = false;
    await withCodec().workflow.getHandle(id).signal('replay', { by: 'ada' });
    assert.equal((await withCodec().workflow.getHandle(id).result()).status, 'REPLAYED');
    await noDivergence(id);
  });

  test('an encoded request without the codec is rejected, the letter stays, and is replayed with it', async () => {
    isBroken = true;
    await runWith(NONE);
    const id = await letter('asked', inClear());
    await withCodec().workflow.getHandle(id).signal('discard', { by: 'ada' });
    await eventually(async () =>
      (await state(id)).story.some(({ message }) => /no codec of this worker can read/.test(message ?? '')),
    );
    assert.equal((await state(id)).status, 'WAITING');
    isBroken = false;
    await runWith(RIGHT);
    await withCodec().workflow.getHandle(id).signal('replay', { by: 'ada' });
    assert.equal((await withCodec().workflow.getHandle(id).result()).status, 'REPLAYED');
    await noDivergence(id);
  });

  test('an encoded request that was carried out is not taken for a malformed one by a worker without the codec', async () => {
    isBroken = true;
    await runWith(NONE);
    const id = await letter('carried out', inClear());
    await runWith(RIGHT);
    // Leaves only a line in the story: no command differs, so nothing but the worker itself can notice.
    await withCodec()
      .workflow.getHandle(id)
      .signal('replay', { by: 'ada', skipOrigins: ['completed'] });
    await eventually(async () => (await state(id)).story.some(({ event }) => event === 'replay-skipped'));
    await runWith(NONE);
    await inClear().workflow.getHandle(id).signal('replay', { by: 'bob' });
    await refused(id);
    isBroken = false;
    await runWith(RIGHT);
    assert.equal((await withCodec().workflow.getHandle(id).result()).status, 'REPLAYED');
    await noDivergence(id);
  });

  test('an edit that a worker without the codec could not do stays undone for a worker with it', async () => {
    isBroken = true;
    await runWith(NONE);
    const source = await letter('source', inClear());
    const { record } = await inClear().workflow.getHandle(source).query<{ record: object }>('deadLetter');
    const id = get().id('edited');
    // The record in clear, the arguments encoded: as where a codec was introduced in between.
    await inClear().workflow.start('deadLetter', {
      ...{ workflowId: id, taskQueue: get().recoveryTaskQueue, args: [{ ...record, id }] },
    });
    await withCodec().workflow.getHandle(id).signal('arguments', { mail: 'edited' });
    const patch = [{ op: 'replace', path: '/0/mail', value: 'new' }];
    const edit = () => inClear().workflow.getHandle(id).signal('replay', { by: 'ada', transform: { patch } });
    await edit();
    await eventually(async () => (await state(id)).story.some(({ event }) => event === 'replay-skipped'));
    await noDivergence(id);
    isBroken = false;
    await runWith(RIGHT);
    await edit();
    assert.equal((await withCodec().workflow.getHandle(id).result()).status, 'REPLAYED');
    assert.deepEqual(got.at(-1), [{ mail: 'new' }]);
    await noDivergence(id);
  });

  test('a circuit breaker in clear that has read encoded reports does not count anew without the codec', async () => {
    await runWith(RIGHT);
    const breaker = get().id('reports');
    const id = `circuit-breaker/${breaker}`;
    await inClear().workflow.start('circuitBreaker', {
      ...{ workflowId: id, taskQueue: get().recoveryTaskQueue },
      args: [
        {
          ...{ v: 1, name: breaker, config: DEFAULT_BREAKER_CONFIG, searchAttributes: [] },
          configuredAt: '2026-01-01T00:00:00Z',
        },
      ],
    });
    const handle = withCodec().workflow.getHandle(id);
    const trial = await handle.executeUpdate('acquireTrial', {
      args: [{ v: 1, worker: 'w', execution: 'one', leaseMs: 1000 }],
    });
    assert.equal((trial as { status: string }).status, 'CLOSED');
    await runWith(NONE);
    await inClear().workflow.getHandle(id).signal('forceOpen', { by: 'ada' });
    await refused(id);
    await runWith(RIGHT);
    await eventually(async () => (await handle.query<{ status: string }>('state')).status === 'FORCED_OPEN');
    await handle.terminate();
  });

  test('side by side, with and without the codec: every letter ends, and no history diverges', async () => {
    isBroken = true;
    await stopAll();
    await Promise.all([add(RIGHT), add(NONE)]);
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, i) => letter(`mixed ${i}`, i % 2 === 0 ? withCodec() : inClear())),
    );
    const send = () =>
      Promise.all(ids.map((id) => inClear().workflow.getHandle(id).signal('replay', { by: 'ada' })));
    await send();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    isBroken = false;
    await send();
    await Promise.all(ids.map((id) => withCodec().workflow.getHandle(id).result()));
    for (const id of ids) await noDivergence(id);
  });
});
