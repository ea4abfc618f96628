import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeadLetterQueue, RecoveryClient } from 'temporal-recovery/client';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { TolerantCodec } from '../../worker/recovery-worker/tolerant-codec.js';
import { ContextCodec } from '../support/context-codec.js';
import { eventually, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { callWithMetadata } from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');
const SECRET = 'tell-nobody-4711';

describe('a codec that binds payloads to their serialization context', () => {
  let broken = true;
  const got: unknown[][] = [];
  const activities = {
    async reject(...args: unknown[]) {
      got.push(args);
      if (broken) throw ApplicationFailure.nonRetryable('rejected');
      return `done ${SECRET}`;
    },
  };
  const codec = new ContextCodec();
  const dataConverter = { payloadCodecs: [codec] };
  const get = useHarness('context', (h) => h.startWorker({ workflowsPath, activities, dataConverter }));
  const client = () =>
    new Client({ connection: get().client.connection, namespace: get().namespace, dataConverter });
  const fail = async (suffix: string, locked: ContextCodec['locked'] = () => false) => {
    broken = true;
    got.length = 0;
    codec.locked = locked;
    const { deadLetterId = '' } = await client().workflow.execute<typeof callOne>('callOne', {
      workflowId: get().id(suffix),
      taskQueue: get().taskQueue,
      args: ['reject', [SECRET]],
    });
    return new RecoveryClient({ client: client() }).deadLetters.get(deadLetterId);
  };

  test('a letter is written, described, listed and replayed; nothing is coded without its context', async () => {
    const letter = await fail('letter');
    assert.deepEqual((await letter.describe()).args, [SECRET]);
    const queue = new DeadLetterQueue(client(), {
      ...{ queue: get().queue, activity: 'reject', activityTaskQueue: get().taskQueue },
    });
    await eventually(async () => {
      const items = await queue.getItems({ withDetails: true });
      return items.some(({ id, payload }) => id === letter.id && payload === SECRET);
    });
    broken = false;
    assert.equal((await letter.replay({ args: [`${SECRET}!`] })).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), [`${SECRET}!`]);
    assert.equal(codec.withoutContext, 0);
  });

  test('arguments that could not be read when they came are encoded for the replay once the codec reads them', async () => {
    const isArgument = (text: string, context: string) =>
      text === JSON.stringify(SECRET) && context.includes('dead-letter/');
    const letter = await fail('locked', isArgument);
    // An answer means that the letter has got its arguments.
    await letter.describe();
    assert.ok(codec.refused > 0, 'the codec was never asked for the arguments');
    // An edit needs to read them: it is skipped, and stays skipped for later requests that can read them.
    const transform = { patch: [{ op: 'replace' as const, path: '/0', value: 'x' }] };
    const edit = await letter.replay({ transform });
    assert.equal(edit.outcome, 'SKIPPED');
    assert.match(edit.message ?? '', /cannot be edited/);
    codec.locked = () => false;
    const replaying = new ContextCodec();
    replaying.namespace = get().namespace;
    const dataConverter = { payloadCodecs: [new TolerantCodec([replaying])] };
    const history = await client().workflow.getHandle(letter.id).fetchHistory();
    await Worker.runReplayHistory(
      { workflowBundle: await recoveryBundle(), dataConverter },
      history,
      letter.id,
    );
    broken = false;
    assert.equal((await letter.replay()).outcome, 'REPLAYED');
    assert.deepEqual(got.at(-1), [SECRET]);
  });

  test('metadata of a call is in the letter and nowhere in clear', async () => {
    broken = true;
    const workflowId = get().id('metadata');
    const letter =
      (await client().workflow.execute<typeof callWithMetadata>('callWithMetadata', {
        ...{ workflowId, taskQueue: get().taskQueue, args: [{ customer: SECRET }] },
      })) ?? '';
    const read = async (id: string) => {
      const execution = { namespace: get().namespace, execution: { workflowId: id } };
      const { history } = await client().workflowService.getWorkflowExecutionHistory(execution);
      return [history, await client().workflowService.describeWorkflowExecution(execution)];
    };
    assert.deepEqual(readable(await read(workflowId), SECRET), []);
    const { record } = await new RecoveryClient({ client: client() }).deadLetters.get(letter).describe();
    assert.deepEqual(record.metadata, { customer: SECRET });
    assert.deepEqual(readable(await read(letter), SECRET), []);
    // The page that the UI asks for is encoded as well.
    const page = await client().workflowService.queryWorkflow({
      ...{ namespace: get().namespace, execution: { workflowId: letter } },
      query: { queryType: '__temporal_workflow_metadata' },
    });
    assert.deepEqual(readable(page, SECRET), []);
  });
});

/** Places in which `text` can be read: in strings, and in the bytes of payloads. */
function readable(value: unknown, text: string, path = ''): string[] {
  if (typeof value === 'string') return value.includes(text) ? [path] : [];
  if (value instanceof Uint8Array) return Buffer.from(value).includes(text) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => readable(inner, text, `${path}.${key}`));
}
