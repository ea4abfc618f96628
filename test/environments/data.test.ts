import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activityInfo, Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { RecoveryClient } from 'temporal-recovery/client';
import { startTemporalServer } from '../../examples/temporal-server/index.js';
import { EncryptionCodec } from '../support/encryption-codec.js';
import { eventually, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { callRich } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('encrypted payloads', () => {
  const SECRET = 'tell-nobody-4711';
  let broken = true;
  const got: unknown[][] = [];
  const activities = {
    async reject(...args: unknown[]) {
      got.push(args);
      if (broken) throw ApplicationFailure.nonRetryable(`rejected ${SECRET}`);
      return `done ${SECRET}`;
    },
  };
  // Failures are encrypted on request only; then letters must keep to it as well.
  const dataConverter = {
    payloadCodecs: [new EncryptionCodec('key')],
    failureConverterPath: require.resolve('../support/encrypted-failures.js'),
  };
  const get = useHarness('encrypted', (h) => h.startWorker({ workflowsPath, activities, dataConverter }));
  const clientWith = (secret?: string) =>
    new Client({
      connection: get().client.connection,
      namespace: get().namespace,
      dataConverter:
        secret === undefined ? {} : { ...dataConverter, payloadCodecs: [new EncryptionCodec(secret)] },
    });
  const fail = async (suffix: string, client: Client, args: unknown[], taskQueue = get().taskQueue) => {
    broken = true;
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(suffix),
      taskQueue,
      args: ['reject', args],
    });
    return new RecoveryClient({ client }).deadLetters.get(deadLetterId);
  };

  test('nothing of a letter is readable in its history; describe and replay work', async () => {
    const client = clientWith('key');
    const letter = await fail('letter', client, [{ password: SECRET }]);
    const { args, record } = await letter.describe();
    assert.deepEqual(args, [{ password: SECRET }]);
    assert.match(record.error.message, new RegExp(SECRET));
    assert.equal((await letter.replay({ by: SECRET, reason: SECRET })).outcome, 'FAILED');
    broken = false;
    assert.equal((await letter.replay({ args: [{ password: `${SECRET}!` }] })).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), [{ password: `${SECRET}!` }]);
    for (const workflowId of [letter.id, get().id('letter')]) {
      const handle = get().client.workflow.getHandle(workflowId);
      const raw = await client.workflowService.describeWorkflowExecution({
        namespace: client.options.namespace,
        execution: { workflowId },
      });
      assert.deepEqual(readable([await handle.fetchHistory(), raw], SECRET), []);
    }
    // The scan finds what is there to be found.
    const plain = { data: Buffer.from(JSON.stringify({ password: SECRET })) };
    assert.equal(readable([{ input: { payloads: [plain] } }], SECRET).length, 1);
  });

  test('signals that cannot be decrypted or understood are noted, and do not wedge the letter', async () => {
    const letter = await fail('garbled', clientWith('key'), [1]);
    const refused = async () =>
      (await letter.describe()).story.filter(({ event }) => event === 'refused').length;
    await clientWith().workflow.getHandle(letter.id).signal('replay', 'garbage');
    await eventually(async () => (await refused()) === 1);
    await clientWith('another key').workflow.getHandle(letter.id).signal('replay', { by: 'somebody' });
    await eventually(async () => (await refused()) === 2);
    broken = false;
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), [1]);
  });

  test('arguments the recovery worker cannot decrypt reach the activity in the replay', async () => {
    const h = get();
    const { connectionOptions } = await startTemporalServer({ log: () => undefined });
    const connection = await NativeConnection.connect(connectionOptions);
    let kept = 0;
    const limited = new EncryptionCodec('key', (text) => {
      const readable = text !== JSON.stringify(SECRET);
      if (!readable) kept++;
      return readable;
    });
    const taskQueue = h.id('cross');
    const recoveryTaskQueue = h.id('limited');
    const worker = await h.startWorker({
      workflowsPath,
      activities,
      dataConverter,
      taskQueue,
      plugins: [h.plugin({ taskQueue: recoveryTaskQueue, runRecoveryWorker: false })],
    });
    const other = await h.startWorker({
      connection,
      taskQueue: h.id('idle'),
      activities,
      dataConverter: { ...dataConverter, payloadCodecs: [limited] },
      plugins: [h.plugin({ taskQueue: recoveryTaskQueue })],
    });
    const letter = await fail('limited', clientWith('key'), [SECRET], taskQueue);
    broken = false;
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.ok(kept > 0, 'the recovery worker never saw the arguments');
    assert.deepEqual(got.at(-1), [SECRET]);
    await worker.stop();
    await other.stop();
    await connection.close();
  });
});

/** Places in which `text` can be read: in strings, and in the bytes of payloads. */
function readable(value: unknown, text: string, path = ''): string[] {
  if (typeof value === 'string') return value.includes(text) ? [path] : [];
  if (value instanceof Uint8Array) return Buffer.from(value).includes(text) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => readable(inner, text, `${path}.${key}`));
}

describe('a payload converter of the user’s own', () => {
  let broken = true;
  const got: unknown[][] = [];
  const dataConverter = { payloadConverterPath: require.resolve('../support/rich-converter.js') };
  const activities = {
    async rich(...args: unknown[]) {
      got.push(args);
      if (broken) throw ApplicationFailure.nonRetryable('rejected', 'MyType', 5n);
      return new Map([['done', 1n]]);
    },
  };
  const get = useHarness('rich', (h) => h.startWorker({ workflowsPath, activities, dataConverter }));
  const original = [10n ** 20n, new Date(86_400_000), new Map([['a', 1n]]), 'text'];

  test('arguments reach the activity unharmed, the original ones and edited ones', async () => {
    const h = get();
    const client = new Client({ connection: h.client.connection, namespace: h.namespace, dataConverter });
    const seen = await client.workflow.execute<typeof callRich>('callRich', {
      workflowId: h.id('rich'),
      taskQueue: h.taskQueue,
      args: ['rich'],
    });
    assert.equal(seen.error?.type, 'MyType');
    assert.equal(seen.error?.details?.[0], 5n);
    const letter = new RecoveryClient({ client }).deadLetters.get(seen.deadLetterId ?? '');
    const { args, record } = await letter.describe();
    assert.deepEqual(args, original);
    assert.equal(record.attemptCount, 1);
    assert.equal((await letter.replay()).outcome, 'FAILED');
    assert.equal(got.length, 2);
    assert.deepEqual(got[1], original);
    broken = false;
    const edited = [7n, new Date(5), new Map([[1n, new Date(6)]])];
    assert.equal((await letter.replay({ args: edited })).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), edited);
  });
});

describe('heartbeat details', () => {
  const seenDetails: Record<string, unknown[]> = {};
  const see = () => {
    const { activityType, heartbeatDetails, attempt } = activityInfo();
    seenDetails[activityType] ??= [];
    seenDetails[activityType].push(heartbeatDetails);
    return attempt;
  };
  const activities = {
    async beats() {
      const attempt = see();
      if (attempt === 1) Context.current().heartbeat({ page: 7 });
      if (attempt < 4) throw new Error('again');
      return 'done';
    },
    async silent() {
      if (see() < 3) throw new Error('again');
      return 'done';
    },
    async hangs() {
      if (see() === 1) throw new Error('again');
      Context.current().heartbeat({ page: 8 });
      await Context.current().cancelled;
    },
  };
  const get = useHarness('heartbeats', (h) => h.startWorker({ workflowsPath, activities }));
  const call = (activity: string, maximumAttempts: number) =>
    get().client.workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(activity),
      taskQueue: get().taskQueue,
      args: [
        activity,
        [],
        { heartbeatTimeout: '1s', retry: { initialInterval: 10, backoffCoefficient: 1, maximumAttempts } },
      ],
    });

  test('come back exactly as they were sent', async () => {
    assert.deepEqual(await call('beats', 5), { result: 'done' });
    assert.deepEqual(seenDetails.beats, [undefined, { page: 7 }, { page: 7 }, { page: 7 }]);
  });

  test('there are none for an activity that sends none', async () => {
    assert.deepEqual(await call('silent', 5), { result: 'done' });
    assert.deepEqual(seenDetails.silent, [undefined, undefined, undefined]);
  });

  test('of a time-out are the user’s own, and the letter knows the attempts', async () => {
    const seen = await call('hangs', 2);
    assert.equal(seen.error?.causeName, 'TimeoutFailure');
    assert.equal(seen.error?.timeoutType, 'HEARTBEAT');
    assert.deepEqual(seen.error?.lastHeartbeatDetails, { page: 8 });
    assert.deepEqual(seenDetails.hangs, [undefined, undefined]);
    const { record } = await get()
      .recovery.deadLetters.get(seen.deadLetterId ?? '')
      .describe();
    assert.equal(record.attemptCount, 2);
    assert.deepEqual(
      record.attempts.map(({ attempt }) => attempt),
      [1],
    );
  });
});
