import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { EncryptionCodec } from '../support/encryption-codec.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';

const LIMIT = 4_096;
const LONG_RETRY = { retry: { initialInterval: 20, backoffCoefficient: 1 }, startToCloseTimeout: '10s' };

/** Stack, causes, body and details that are all long. */
function large(): ApplicationFailure {
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), {
    stack: `Error\n${'    at c\n'.repeat(500)}`,
  });
  const error = ApplicationFailure.create({
    message: `the real reason: ${'é'.repeat(3_000)}`,
    type: 'PaymentError',
    details: [{ body: 'b'.repeat(5_000) }],
    cause: Object.assign(new Error('fetch failed'), { cause }),
  });
  error.stack = `PaymentError: ${'    at somewhere (/app/src/payments.ts:12:3)\n'.repeat(300)}`;
  return error;
}

describe('what the server shows of a call that is retried', () => {
  let isOver = false;
  const get = useHarness('pending', (h) =>
    h.startWorker({
      workflowsPath,
      plugins: [h.plugin({ operations: { large: { maxRetries: 50 }, small: { maxRetries: 50 } } })],
      activities: {
        large: async () => {
          if (isOver) throw Object.assign(large(), { nonRetryable: true });
          throw large();
        },
        small: async () => {
          throw ApplicationFailure.create({ message: 'no', type: 'Small', details: [{ row: 7 }] });
        },
      },
    }),
  );
  const start = (name: string, activity = name, options: object = LONG_RETRY) =>
    get().client.workflow.start('callOne', {
      ...{ workflowId: get().id(name), taskQueue: get().taskQueue, args: [activity, [], options] },
    });
  const pendingAt = (handle: Awaited<ReturnType<typeof start>>, attempt: number) =>
    eventually(async () => {
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      return (Number(pending?.attempt) >= attempt && pending?.lastFailure) || undefined;
    });

  test('the user’s failure at every attempt, cut below 4 KB, and the whole of it at the end', async () => {
    isOver = false;
    const handle = await start('large');
    for (const attempt of [2, 13]) {
      const failure = await pendingAt(handle, attempt);
      const bytes = temporal.api.failure.v1.Failure.encode(failure).finish().length;
      assert.ok(bytes < LIMIT, `${bytes} bytes`);
      assert.match(failure.message ?? '', /^the real reason: é+…$/);
      assert.equal(failure.applicationFailureInfo?.type, 'PaymentError');
      assert.match(failure.stackTrace ?? '', /payments\.ts/);
      assert.equal(failure.cause?.message, 'fetch failed');
      assert.match(failure.cause?.cause?.message ?? '', /ECONNREFUSED/);
    }
    isOver = true;
    const { error } = (await handle.result()) as {
      error: { causeMessage: string; details: { body: string }[] };
    };
    assert.equal(error.causeMessage, large().message);
    assert.equal(error.details[0]?.body.length, 5_000);
  });

  test('one that fits stays as it is, with its details', async () => {
    const handle = await start('small');
    const failure = await pendingAt(handle, 3);
    assert.equal(failure.message, 'no');
    const [detail] = failure.applicationFailureInfo?.details?.payloads ?? [];
    assert.deepEqual(JSON.parse(Buffer.from(detail?.data ?? []).toString()), { row: 7 });
    await handle.terminate();
  });

  test('the last failure is whole where the retry policy or the time ends the call', async () => {
    isOver = false;
    for (const [name, options] of Object.entries({
      attempts: { retry: { ...LONG_RETRY.retry, maximumAttempts: 2 } },
      type: { retry: { ...LONG_RETRY.retry, nonRetryableErrorTypes: ['PaymentError'] } },
      time: { retry: { initialInterval: '20s' }, scheduleToCloseTimeout: '10s' },
    })) {
      const handle = await start(name, 'large', options);
      const { error } = (await handle.result()) as { error: { causeMessage: string } };
      assert.equal(error.causeMessage, large().message, name);
    }
  });
});

describe('the same with a codec', () => {
  const dataConverter = { payloadCodecs: [new EncryptionCodec('secret')] };
  const get = useHarness('pending-codec', (h) =>
    h.startWorker({
      ...{ workflowsPath, dataConverter },
      plugins: [h.plugin({ operations: { large: { maxRetries: 50 } } })],
      activities: {
        large: async () => {
          throw large();
        },
      },
    }),
  );

  test('what is encoded stays below 4 KB too', async () => {
    const h = get();
    const client = new Client({ connection: h.client.connection, namespace: h.namespace, dataConverter });
    const handle = await client.workflow.start('callOne', {
      ...{ workflowId: h.id('encoded'), taskQueue: h.taskQueue, args: ['large', [], LONG_RETRY] },
    });
    const failure = await eventually(async () => {
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      return (Number(pending?.attempt) >= 3 && pending?.lastFailure) || undefined;
    });
    assert.match(failure.message ?? '', /^the real reason/);
    assert.ok(temporal.api.failure.v1.Failure.encode(failure).finish().length < LIMIT);
    await handle.terminate();
  });
});
