import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { type DeadLetterSummary, InvalidRequestError, RecoveryClient } from 'temporal-recovery/client';
import type { Registration } from '../../cli/register-search-attributes.js';
import { INDEXED_VALUE_TYPES } from '../../common/contract.js';
import { cleanTags } from '../../common/dead-letter/tags.js';
import { createRedactor } from '../../common/errors/index.js';
import { RecoveryPlugin } from '../../worker/index.js';
import type { Tags } from '../../worker/options/tag-options.js';
import { cliOf } from '../cli/command-line.js';
import { ContextCodec } from '../support/context-codec.js';
import { eventually, type Harness, logLines, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

interface Order {
  readonly customer: number;
  readonly correlation?: string;
}

const reject = async ({ correlation }: Order) => {
  const headers = correlation === undefined ? {} : { 'x-correlation-id': correlation };
  throw Object.assign(new Error('rejected'), { status: 422, response: { headers } });
};
const activities = { write: reject, other: reject, broken: reject, none: reject };

/** Characters that not every store can search for. */
const QUOTED = 'say "hi" \\ bye';

const tags: Tags = (activityType, [{ customer }]) => {
  if (activityType === 'broken') throw new Error('no tags today');
  return [
    `customer:${customer}`,
    `by:${activityType}`,
    'line\nbreak',
    'password=hunter2',
    ...(customer === 42 ? [QUOTED] : []),
  ];
};

const call = async (
  client: Client,
  h: Harness,
  name: string,
  activity: string,
  order: Order,
  taskQueue = h.taskQueue,
) => {
  const seen = await eventually(() =>
    client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(name), taskQueue, args: [activity, [order]] },
    }),
  );
  return seen.deadLetterId ?? '';
};

describe('tags', () => {
  const ids: Record<string, string> = {};
  const get = useHarness('tags', async (h) => {
    const operations = { none: { tags: false as const } };
    await h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ tags, operations })] });
    ids.a = await call(h.client, h, 'a', 'write', { customer: 42, correlation: 'corr-a' });
    ids.b = await call(h.client, h, 'b', 'write', { customer: 43 });
    ids.c = await call(h.client, h, 'c', 'other', { customer: 42 });
    ids.d = await call(h.client, h, 'd', 'broken', { customer: 42, correlation: 'corr-d' });
    ids.e = await call(h.client, h, 'e', 'none', { customer: 42, correlation: 'corr-e' });
    await eventually(async () => (await h.recovery.deadLetters.count({ queue: h.queue })) === 5);
  });
  const names = (letters: readonly { readonly id: string }[]) =>
    letters.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id)).join('');
  const listed = async (...asked: string[]) =>
    names(await get().recovery.deadLetters.list({ queue: get().queue, tags: asked }));

  test('a letter has those of the option and that of its correlation id, one line each, without secrets', async () => {
    const { record } = await get()
      .recovery.deadLetters.get(ids.a ?? '')
      .describe();
    const expected = [
      'correlation:corr-a',
      'customer:42',
      'by:write',
      'line break',
      'password=[REDACTED]',
      QUOTED,
    ];
    assert.deepEqual(record.tags, expected);
    const [shown] = await get().recovery.deadLetters.list({
      queue: get().queue,
      tags: ['correlation:corr-a'],
    });
    assert.deepEqual(shown?.tags, expected);
    const { memo } = await get()
      .client.workflow.getHandle(ids.a ?? '')
      .describe();
    assert.equal(Object.keys((memo?.deadLetter ?? {}) as object).includes('tags'), false);
  });

  test('lists, counts and groups find letters by them; several must all be there', async () => {
    assert.equal(await listed('customer:42'), 'ca');
    assert.equal(await listed('customer:42', 'by:write'), 'a');
    assert.equal(await listed('customer:44'), '');
    assert.equal(await listed("it's none"), '');
    assert.equal(await listed(QUOTED, 'by:write'), 'a');
    const { deadLetters } = get().recovery;
    const filter = { queue: get().queue, tags: ['customer:42'] };
    assert.equal(await deadLetters.count(filter), 2);
    const groups = await deadLetters.groups(filter);
    assert.deepEqual(groups.map(({ operation, letters }) => `${letters} ${operation}`).sort(), [
      '1 other',
      '1 write',
    ]);
  });

  test('a function that throws is a counted fault and costs no letter; false writes none', async () => {
    const { deadLetters } = get().recovery;
    assert.deepEqual((await deadLetters.get(ids.d ?? '').describe()).record.tags, ['correlation:corr-d']);
    assert.equal((await deadLetters.get(ids.e ?? '').describe()).record.tags, undefined);
    assert.ok(logLines.some(({ message }) => message.includes('the tags option failed')));
  });

  test('the command line lists, counts, groups, shows and redrives by them', async () => {
    const cli = cliOf(get());
    const flags = ['--queue', get().queue, '--tag', 'customer:42'];
    const list = await cli.json<DeadLetterSummary[]>(['dlq', 'list', ...flags, '--tag', 'by:other']);
    assert.equal(names(list.answer), 'c');
    assert.match((await cli.run(['dlq', 'list', ...flags])).stdout, /TAGS[\s\S]*2 open letters/);
    assert.match((await cli.run(['dlq', 'show', ids.c ?? ''])).stdout, /Tags +customer:42, by:other/);
    assert.equal((await cli.json<unknown[]>(['dlq', 'groups', ...flags])).answer.length, 2);
    const dry = await cli.json<{ total: number }>(['dlq', 'redrive', ...flags, '--dry-run', '--yes']);
    assert.equal(dry.answer.total, 2, dry.stderr);
  });

  test('a filter that is none says what is expected', async () => {
    for (const wrong of ['customer:42', [], [''], [1]]) {
      const asked = get().recovery.deadLetters.list({ tags: wrong as never });
      await assert.rejects(asked, (error: Error) => {
        assert.ok(error instanceof InvalidRequestError);
        return /filter: tags must be an array of 1 to 20 strings/.test(error.message);
      });
    }
    assert.throws(() => new RecoveryPlugin({ tags: 'customer' as never }), /tags: expected a function/);
    assert.throws(
      () => new RecoveryPlugin({ operations: { x: { tags: true as never } } }),
      /operations\.x\.tags: expected a function.*got true/,
    );
  });

  test('without the search attribute they are in the memo, and letters are read to find them', async () => {
    const h = get();
    const namespace = h.id('five-attributes');
    const { connection } = h.client;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const names = ['Queue', 'Category', 'Operation', 'Group', 'Status'].map((name) => [`Recovery${name}`, 2]);
    await eventually(async () => {
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(names),
      });
      return true;
    });
    const client = new Client({ connection, namespace });
    const taskQueue = h.id('five-attributes-queue');
    const worker = await h.startWorker({
      namespace,
      taskQueue,
      workflowsPath,
      activities,
      plugins: [h.plugin({ tags })],
    });
    const recovery = new RecoveryClient({ client, taskQueue: h.recoveryTaskQueue });
    const { deadLetters } = recovery;
    await call(client, h, 'x', 'write', { customer: 42 }, taskQueue);
    const id = await call(client, h, 'y', 'write', { customer: 7 }, taskQueue);
    const filter = { tags: ['customer:7'] };
    const found = await eventually(async () => {
      const letters = await deadLetters.list(filter);
      return letters.length === 1 && letters;
    });
    assert.equal(found[0]?.id, id);
    assert.deepEqual(found[0]?.tags?.slice(0, 2), ['customer:7', 'by:write']);
    assert.equal(await deadLetters.count(filter), 1);
    assert.equal((await deadLetters.groups(filter))[0]?.letters, 1);
    const redrive = await recovery.redrives.start({ filter, action: 'discard' });
    assert.equal((await redrive.result()).discarded, 1);
    assert.equal(await deadLetters.count({ open: true }), 1);
    await worker.stop();
  });

  test('setup registers what is needed also where the store has no room for the tags', async () => {
    const h = get();
    const namespace = h.id('full');
    const { connection } = h.client;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const lists = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, INDEXED_VALUE_TYPES.KeywordList]));
    await eventually(async () => {
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: lists });
      return true;
    });
    const { code, answer } = await cliOf(h).json<Registration>(['setup', '--namespace', namespace]);
    assert.equal(code, 0);
    assert.deepEqual(answer.missing, ['RecoveryTags']);
    assert.equal(answer.registered.length, 5);
    assert.match(
      (await cliOf(h).run(['setup', '--namespace', namespace])).stdout,
      /RecoveryTags could not be registered.*Without it everything works/s,
    );
  });

  test('with a payload codec the correlation id is a tag only where tags are asked for', async () => {
    const h = get();
    const dataConverter = { payloadCodecs: [new ContextCodec()] };
    const client = new Client({ connection: h.client.connection, namespace: h.namespace, dataConverter });
    const order = { customer: 1, correlation: 'corr-codec' };
    for (const [name, options] of Object.entries({ plain: {}, asked: { tags } })) {
      const taskQueue = h.id(`codec-${name}`);
      const plugins = [h.plugin({ ...options, taskQueue: `${taskQueue}-recovery` })];
      const worker = await h.startWorker({ taskQueue, workflowsPath, activities, dataConverter, plugins });
      const id = await call(client, h, `codec-${name}`, 'write', order, taskQueue);
      const { searchAttributes } = await client.workflow.getHandle(id).describe();
      const written = (searchAttributes.RecoveryTags ?? []) as string[];
      assert.equal(written.includes('correlation:corr-codec'), name === 'asked');
      await worker.stop();
    }
  });

  test('number and length are bounded, whatever is given', () => {
    const redactor = createRedactor({ keys: [] });
    const many = cleanTags(
      Array.from({ length: 100 }, (_, at) => `tag-${at}`),
      redactor,
    );
    assert.equal(many.length, 20);
    const long = cleanTags(['x'.repeat(5_000), '😀'.repeat(5_000), '\u0000\ud800', ' ', 'a', 'a'], redactor);
    assert.ok(Buffer.byteLength(JSON.stringify(long)) <= 1_002);
    assert.deepEqual(
      long.map(({ length }) => length),
      [200, 200, 1, 1],
    );
  });
});
