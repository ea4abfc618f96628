import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { idempotencyKey } from 'temporal-recovery/activity';
import { RecoveryPlugin } from '../../worker/index.js';
import { cliOf } from '../cli/command-line.js';
import type * as workflows from '../failing-call/workflows.js';
import { eventually, logLines, useHarness } from '../support/harness.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');

interface Item {
  readonly key: string;
  readonly version: number;
}

describe('one letter for one record', () => {
  const healthy = new Set<string>();
  const calls: { readonly item: Item; readonly idempotency: string }[] = [];
  /** Calls of these keys wait for the promise. */
  const gates = new Map<string, Promise<void>>();
  const sync = async (item: Item) => {
    await gates.get(item.key);
    if (!healthy.has(item.key)) {
      throw Object.assign(new Error(`rejected version ${item.version}`), { status: 422 });
    }
    calls.push({ item, idempotency: idempotencyKey() });
    return `wrote ${item.version}`;
  };
  const operations = {
    sync: {
      recordKey: (_: string, [item]: readonly Item[]) => {
        if (item?.key === 'throws') throw new Error('no key today');
        return item?.key === 'none' ? undefined : item?.key;
      },
      tags: (_: string, [item]: readonly Item[]) => [`version:${item?.version}`],
    },
  };
  const get = useHarness('record-key', (h) =>
    h.startWorker({ workflowsPath, activities: { sync }, plugins: [h.plugin({ operations })] }),
  );
  let started = 0;
  const fail = async (key: string, version: number, options: object = {}) => {
    const seen = await get().client.workflow.execute<typeof workflows.recoverCall>('recoverCall', {
      workflowId: get().id(`call-${started++}`),
      taskQueue: get().taskQueue,
      args: ['sync', [{ key, version }], options],
    });
    return seen.deadLetterId ?? '';
  };
  const letterOf = (id: string) => get().recovery.deadLetters.get(id);
  const untilCount = (id: string, count: number) =>
    eventually(async () => (await letterOf(id).state()).failures?.count === count);

  test('a record that fails again adds to its letter; a replay takes the newest arguments and its idempotency key', async () => {
    const id = await fail('a', 1);
    assert.equal(await fail('a', 2), id);
    assert.equal(await fail('a', 3), id);
    assert.match(id, /^dead-letter\/record\/sync\/[0-9a-f]{32}$/);
    assert.notEqual(await fail('b', 1), id);
    await untilCount(id, 3);
    const letter = await letterOf(id).describe();
    assert.deepEqual(letter.args, [{ key: 'a', version: 3 }]);
    assert.equal(letter.record.error.message, 'rejected version 3');
    assert.deepEqual(
      letter.failures?.earlier.map(({ message }) => message),
      ['rejected version 1', 'rejected version 2'],
    );
    assert.match(letter.failures?.earlier[0]?.arguments ?? '', /"version":1/);
    assert.equal(letter.origin?.status, 'completed');
    const listed = await eventually(async () => {
      const found = await get().recovery.deadLetters.list({ queue: get().queue, tags: ['version:3'] });
      return found.length === 1 && found[0];
    });
    assert.equal(listed.id, id);
    assert.equal(listed.failures, 3);
    assert.equal(listed.message, 'rejected version 3');
    const cli = cliOf(get());
    const { stdout } = await cli.run(['dlq', 'show', id, '--attempts']);
    assert.match(stdout, /Failures +3 of this record/);
    assert.match(stdout, /Earlier failures of this record\n.*rejected version 1.*\n.*rejected version 2/);
    healthy.add('a');
    assert.equal((await letterOf(id).replay()).outcome, 'REPLAYED');
    const { workflowId, runId, activityId } = letter.record.origin;
    assert.deepEqual(
      calls.filter(({ item }) => item.key === 'a'),
      [
        {
          item: { key: 'a', version: 3 },
          idempotency: [workflowId, runId, activityId].map(encodeURIComponent).join('/'),
        },
      ],
    );
  });

  test('a closed letter starts again with the next failure, in a new run and with a new count', async () => {
    const id = await fail('closed', 1);
    await letterOf(id).discard({ by: 'test' });
    assert.equal(await fail('closed', 2), id);
    await untilCount(id, 1);
    const { args, status } = await letterOf(id).describe();
    assert.deepEqual(args, [{ key: 'closed', version: 2 }]);
    assert.equal(status, 'WAITING');
  });

  test('a failure that comes while a replay runs is not done by it: the letter stays open with that failure', async () => {
    const id = await fail('during', 1);
    let open = () => {};
    gates.set(
      'during',
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    healthy.add('during');
    const replay = letterOf(id).replay();
    await eventually(async () => (await letterOf(id).state()).status === 'REPLAYING');
    // The same record, and a service that rejects it: only this call.
    const again = get().client.workflow.start<typeof workflows.recoverCall>('recoverCall', {
      workflowId: get().id('during-again'),
      taskQueue: get().taskQueue,
      args: [
        'sync',
        [{ key: 'during', version: 2 }],
        { startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } },
      ],
    });
    assert.equal((await (await again).result()).deadLetterId, id);
    await eventually(async () =>
      (await letterOf(id).state()).story.some(({ event }) => event === 'failed-again'),
    );
    open();
    gates.delete('during');
    assert.equal((await replay).outcome, 'REPLAYED');
    await eventually(async () => (await letterOf(id).state()).status === 'WAITING');
    const { args, story } = await letterOf(id).describe();
    assert.deepEqual(args, [{ key: 'during', version: 2 }]);
    assert.ok(story.some(({ event }) => event === 'replay-succeeded'));
  });

  test('many failures in the moment in which the letter is closed: each is in a letter, or in the one that was closed', async () => {
    const rounds = 12;
    const id = await fail('race', 0);
    const failed = new Set([0]);
    for (let round = 1; round <= rounds; round++) {
      const some = [1, 2, 3].map((at) => round * 10 + at);
      const ids = await Promise.all([
        ...some.map((version) => fail('race', version)),
        letterOf(id)
          .discard({ by: `round ${round}` })
          .then(
            () => id,
            () => id,
          ),
      ]);
      for (const version of some) failed.add(version);
      assert.deepEqual([...new Set(ids)], [id]);
    }
    // All runs of the id: what each was started with, and what was added to it.
    const seen = new Map<string, number>();
    const { workflowService } = get().client;
    const runs = await eventually(async () => {
      const found: string[] = [];
      for await (const run of get().client.workflow.list({ query: `WorkflowId = '${id}'` }))
        found.push(run.runId);
      return found.length > rounds / 2 && found;
    });
    const last = await letterOf(id).state();
    for (const runId of runs) {
      const { history } = await workflowService.getWorkflowExecutionHistory({
        namespace: get().namespace,
        execution: { workflowId: id, runId },
      });
      for (const { workflowExecutionSignaledEventAttributes: signal } of history?.events ?? []) {
        if (signal?.signalName !== 'failedAgain') continue;
        const { version } = JSON.parse(Buffer.from(signal.input?.payloads?.[1]?.data ?? []).toString());
        seen.set(String(version), (seen.get(String(version)) ?? 0) + 1);
      }
      const end = history?.events?.at(-1);
      if (
        end?.workflowExecutionCompletedEventAttributes === undefined ||
        end.workflowExecutionCompletedEventAttributes === null
      )
        continue;
      // A run that ended has nothing that it did not take over: its last failure came before its end was decided.
      const story = JSON.parse(
        Buffer.from(
          end.workflowExecutionCompletedEventAttributes.result?.payloads?.[0]?.data ?? [],
        ).toString(),
      );
      assert.equal(story.status, 'DISCARDED');
    }
    assert.deepEqual([...seen.keys()].sort(), [...failed].map(String).sort());
    assert.ok([...seen.values()].every((times) => times === 1));
    assert.ok(['WAITING', 'DISCARDED'].includes(last.status));
  });

  test('a failure that is reported twice counts once, also when the letter is closed by then', async () => {
    const { addToRecordLetter } = await import('../../client/dead-letter/start.js');
    const id = await fail('twice', 1);
    await fail('twice', 2);
    await untilCount(id, 2);
    const { record } = await letterOf(id).state();
    const { defaultPayloadConverter } = await import('@temporalio/common');
    const args = [defaultPayloadConverter.toPayload({ key: 'twice', version: 2 })];
    const { summary: _, help: __, searchAttributes: ___, ...letter } = record;
    await addToRecordLetter(get().client, get().recoveryTaskQueue, letter, args);
    await fail('twice', 3);
    await untilCount(id, 3);
    await addToRecordLetter(get().client, get().recoveryTaskQueue, letter, args);
    await letterOf(id).discard({ by: 'test' });
    await addToRecordLetter(get().client, get().recoveryTaskQueue, letter, args);
    const state = await letterOf(id).state();
    assert.equal(state.status, 'DISCARDED');
    assert.equal(state.failures?.count, 3);
  });

  test('parked calls, calls without a key, and a key that cannot be made have letters of their own', async () => {
    const shared = await fail('parked', 1);
    const parked = await get().client.workflow.start<typeof workflows.recoverCall>('recoverCall', {
      workflowId: get().id('parked'),
      taskQueue: get().taskQueue,
      args: ['sync', [{ key: 'parked', version: 2 }], { recovery: { onExhausted: 'park' } }],
    });
    const letters = await eventually(async () => {
      const found = await get().recovery.deadLetters.list({
        queue: get().queue,
        tags: ['version:2'],
        open: true,
      });
      return found.find(({ originWorkflowId }) => originWorkflowId === get().id('parked'));
    });
    assert.notEqual(letters.id, shared);
    healthy.add('parked');
    assert.equal((await letterOf(letters.id).replay()).outcome, 'REPLAYED');
    await parked.result();
    assert.equal((await letterOf(shared).state()).failures?.count, 1);
    for (const key of ['none', 'throws']) assert.notEqual(await fail(key, 1), await fail(key, 1));
    assert.ok(logLines.some(({ message }) => message.includes('the recordKey option failed')));
  });

  test('a letter that was restored goes on, with its count', async () => {
    const id = await fail('restored', 1);
    await fail('restored', 2);
    await untilCount(id, 2);
    await letterOf(id).discard({ by: 'test' });
    await letterOf(id).restore({ by: 'test' });
    await fail('restored', 3);
    await untilCount(id, 3);
    assert.deepEqual((await letterOf(id).describe()).args, [{ key: 'restored', version: 3 }]);
  });

  test('an option that is none says what is expected', () => {
    const wrong = { operations: { x: { recordKey: 'id' as never } } };
    assert.throws(() => new RecoveryPlugin(wrong), /operations\.x\.recordKey: expected a function.*got "id"/);
    assert.throws(() => new RecoveryPlugin({ recordKey: () => 'x' } as never), /recordKey: unknown option/);
  });
});
