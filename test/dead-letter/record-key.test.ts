import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import { idempotencyKey } from 'temporal-recovery/activity';
import { RecoveryClient } from 'temporal-recovery/client';
import { addToRecordLetter } from '../../client/dead-letter/start.js';
import { failureFingerprint } from '../../common/dead-letter/failures.js';
import type { DeadLetterRecord, StoryEntry } from '../../common/dead-letter/record.js';
import { RecoveryPlugin } from '../../worker/index.js';
import { cliOf } from '../cli/command-line.js';
import type * as workflows from '../failing-call/workflows.js';
import { ContextCodec } from '../support/context-codec.js';
import { eventually, logLines, useHarness } from '../support/harness.js';
import { assertReplay } from '../support/replays.js';

const workflowsPath = require.resolve('../failing-call/workflows.js');

interface Item {
  readonly key: string;
  readonly version: number;
}

function read<T>(input: { payloads?: Payload[] | null } | null | undefined, at = 0): T {
  return defaultPayloadConverter.fromPayload<T>(input?.payloads?.[at] as Payload);
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
    calls.push({ item: { ...item }, idempotency: idempotencyKey() });
    if (item.key === 'changed') Object.assign(item, { key: 'changed-other' });
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
  const succeed = async (key: string, workflowId: string, taskQueue = get().taskQueue) => {
    const handle = await get().client.workflow.start<typeof workflows.recoverCall>('recoverCall', {
      ...{ workflowId, taskQueue, args: ['sync', [{ key, version: 100 }]] },
    });
    await handle.result();
    return { runId: handle.firstExecutionRunId };
  };
  const letterOf = (id: string) => get().recovery.deadLetters.get(id);
  /** Of the newest failure, as it can be reported once more. */
  const stored = async (id: string) => {
    const { record, args } = await letterOf(id).describe();
    const { summary: _, help: __, searchAttributes: ___, ...letter } = record;
    return { record: letter, args: args.map((arg) => defaultPayloadConverter.toPayload(arg)) };
  };
  /** All runs of a letter that visibility knows, once each of so many signals is in one of them. */
  const runsOf = async (id: string, signals: number) => {
    const { client, namespace } = get();
    return eventually(async () => {
      const runs = [];
      for await (const { runId, memo } of client.workflow.list({ query: `WorkflowId = '${id}'` })) {
        const execution = { workflowId: id, runId };
        const { history } = await client.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution,
        });
        const shown = memo?.deadLetter as { failures: { known: string[] } } | undefined;
        runs.push({ events: history?.events ?? [], known: shown?.failures.known ?? [] });
      }
      const found = runs.flatMap(({ events }) =>
        events.filter(
          (event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'failedAgain',
        ),
      );
      return found.length >= signals && runs;
    });
  };
  const untilCount = (id: string, count: number) =>
    eventually(async () => (await letterOf(id).state()).failures?.count === count);

  test('the page of the origin names no letter that does not exist', async () => {
    const { client } = get();
    const id = await fail('named', 1, { operation: 'sync' });
    const workflowId = get().id(`call-${started - 1}`);
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const markers = (events ?? []).filter(
      (event) => event.markerRecordedEventAttributes && event.userMetadata,
    );
    assert.equal(markers.length, 1);
    const [{ userMetadata, markerRecordedEventAttributes } = {}] = markers;
    const summary = defaultPayloadConverter.fromPayload<string>(userMetadata?.summary as Payload);
    assert.equal(summary, 'sync failed for good. Its dead letter, where there is one, is in the result');
    const { deadLetterId } = read<{ deadLetterId?: string }>(markerRecordedEventAttributes?.details?.result);
    assert.equal(deadLetterId, id);
    assert.equal((await client.workflow.getHandle(id).describe()).status.name, 'RUNNING');
    await letterOf(id).discard();
  });

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

  test('many failures in the moment in which the letter closes: none is in a run that ended without it', async () => {
    const id = await fail('race', 0);
    const { record, args } = await stored(id);
    const sent = new Set([failureFingerprint(record)]);
    for (let round = 0; round < 10; round++) {
      const asked = Array.from({ length: 16 }, async (_, at) => {
        if (at % 4 === 0)
          return letterOf(id)
            .signalDiscard({ by: `round ${round}` })
            .catch(() => undefined);
        const origin = { ...record.origin, scheduledEventId: 1_000 + round * 100 + at };
        sent.add(failureFingerprint({ origin }));
        const createdAt = new Date().toISOString();
        return addToRecordLetter(
          get().client,
          get().recoveryTaskQueue,
          { ...record, origin, createdAt },
          args,
        );
      });
      await Promise.all(asked);
      // The next round begins with a closed letter, which all of its failures find at the same time.
      await letterOf(id)
        .discard()
        .catch(() => undefined);
    }
    await letterOf(id).state();
    const got: string[] = [];
    let ended = 0;
    let begunAnew = 0;
    for (const { events, known } of await runsOf(id, sent.size)) {
      const reported = events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal?.signalName === 'failedAgain'
          ? [failureFingerprint(read<DeadLetterRecord>(signal.input))]
          : [],
      );
      got.push(...reported);
      const last = events.at(-1);
      if (last?.workflowExecutionContinuedAsNewEventAttributes) {
        const carried = read<{ story: StoryEntry[] }>(
          last.workflowExecutionContinuedAsNewEventAttributes.input,
          1,
        );
        const begun = tsToMs(events[0]?.eventTime);
        const endsHere = ({ event, at }: StoryEntry) => event === 'discarded' && Date.parse(at) >= begun;
        if (carried.story.some(endsHere)) begunAnew++;
      }
      if (!last?.workflowExecutionCompletedEventAttributes) continue;
      ended++;
      assert.deepEqual(
        reported.filter((each) => !known.includes(each)),
        [],
      );
    }
    assert.deepEqual(got.sort(), [...sent].sort());
    assert.ok(ended > 0 && begunAnew > 0, `${ended} runs ended, ${begunAnew} began anew`);
  });

  test('a failure that is reported twice counts once, also when the letter is closed by then', async () => {
    const id = await fail('twice', 1);
    await fail('twice', 2);
    await untilCount(id, 2);
    const { record, args } = await stored(id);
    const again = () => addToRecordLetter(get().client, get().recoveryTaskQueue, record, args);
    await again();
    await fail('twice', 3);
    await untilCount(id, 3);
    await again();
    await letterOf(id).discard({ by: 'test' });
    await again();
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

  test('a later success closes the letter as SUPERSEDED and names what did it; that of another record does not', async () => {
    const h = get();
    const id = await fail('later', 1);
    const other = await fail('later-other', 1);
    healthy.add('later');
    const name = h.id('later-success');
    const { runId } = await succeed('later', name);
    await eventually(async () => (await letterOf(id).state()).status === 'SUPERSEDED');
    const { supersededBy, story } = await letterOf(id).state();
    assert.equal(supersededBy?.workflowId, name);
    assert.equal(supersededBy?.runId, runId);
    assert.equal(story.at(-1)?.event, 'superseded');
    assert.equal((await letterOf(other).state()).status, 'WAITING');
    await eventually(async () => {
      const found = await h.recovery.deadLetters.list({ queue: h.queue, status: 'SUPERSEDED' });
      return found.length === 1 && found[0]?.id === id;
    });
    const { stdout } = await cliOf(h).run(['dlq', 'show', id]);
    assert.match(stdout, /SUPERSEDED[\s\S]*Done by +workflow .*later-success/);
    await assert.rejects(letterOf(id).restore(), /is SUPERSEDED, its work is done/);
    // The record fails again: its letter is open again.
    healthy.delete('later');
    assert.equal(await fail('later', 2), id);
    assert.equal((await letterOf(id).state()).status, 'WAITING');
  });

  test('an activity that changes its arguments closes the letter of its own record', async () => {
    const id = await fail('changed', 1);
    const other = await fail('changed-other', 1);
    healthy.add('changed');
    await succeed('changed', get().id('changed-success'));
    await eventually(async () => (await letterOf(id).state()).status === 'SUPERSEDED');
    assert.equal((await letterOf(other).state()).status, 'WAITING');
  });

  test('a worker that did not write the letter learns of it by a list', async () => {
    const h = get();
    const taskQueue = h.id('lists');
    const id = await fail('listed', 1);
    await eventually(async () =>
      (await h.recovery.deadLetters.list({ queue: h.queue, tags: ['version:1'] })).some(
        (each) => each.id === id,
      ),
    );
    // Its plugin knows nothing of the letter.
    const worker = await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: { sync },
      plugins: [h.plugin({ operations })],
    });
    healthy.add('listed');
    await succeed('listed', h.id('listed-success'), taskQueue);
    await eventually(async () => (await letterOf(id).state()).status === 'SUPERSEDED');
    await worker.stop();
  });

  test('a success from before the failure changes nothing, nor does one while a replay runs that succeeds', async () => {
    const id = await fail('early', 1);
    const handle = get().client.workflow.getHandle(id);
    const success = { workflowId: 'w', runId: 'r', activityId: '1' };
    await handle.signal('succeeded', { ...success, at: '2020-01-01T00:00:00.000Z' });
    await handle.signal('succeeded', 'nothing');
    await handle.signal('succeeded');
    assert.equal((await letterOf(id).state()).status, 'WAITING');
    let open = () => {};
    gates.set('early', new Promise((resolve) => (open = resolve)));
    healthy.add('early');
    const replay = letterOf(id).replay();
    await eventually(async () => (await letterOf(id).state()).status === 'REPLAYING');
    await handle.signal('succeeded', { ...success, at: new Date().toISOString() });
    assert.equal((await letterOf(id).state()).status, 'REPLAYING');
    open();
    gates.delete('early');
    assert.equal((await replay).outcome, 'REPLAYED');
    assert.equal((await letterOf(id).state()).status, 'REPLAYED');
  });

  test('a call that was made before the failed one supersedes nothing, though its attempt began later', async () => {
    const id = await fail('older', 1);
    const { record } = await letterOf(id).describe();
    const [scheduledAt, createdAt] = [record.scheduledAt, record.createdAt].map((time) =>
      Date.parse(time ?? ''),
    );
    assert.ok(scheduledAt && createdAt);
    const handle = get().client.workflow.getHandle(id);
    const success = (madeAt: number, at: number) => ({
      ...{ workflowId: 'w', runId: 'r', activityId: '1' },
      ...{ at: new Date(at).toISOString(), scheduledAt: new Date(madeAt).toISOString() },
    });
    await handle.signal('succeeded', success(scheduledAt - 60_000, createdAt + 1_000));
    assert.equal((await letterOf(id).state()).status, 'WAITING');
    await handle.signal('succeeded', success(scheduledAt + 1, createdAt + 1_000));
    await eventually(async () => (await letterOf(id).state()).status === 'SUPERSEDED');
    await assertReplay([
      { workflowId: id, history: await get().client.workflow.getHandle(id).fetchHistory() },
    ]);
  });

  test('of a call that fails after a newer one the replay does not take the arguments', async () => {
    const id = await fail('overtaken', 2);
    const { record, args } = await stored(id);
    const older = {
      ...record,
      origin: { ...record.origin, workflowId: 'made-before' },
      createdAt: new Date(Date.parse(record.createdAt) + 60_000).toISOString(),
      scheduledAt: new Date(Date.parse(record.scheduledAt ?? '') - 60_000).toISOString(),
    };
    await addToRecordLetter(get().client, get().recoveryTaskQueue, older, [
      defaultPayloadConverter.toPayload({ key: 'overtaken', version: 1 }),
    ]);
    await untilCount(id, 2);
    assert.deepEqual(
      (await letterOf(id).describe()).args.map((arg) => defaultPayloadConverter.toPayload(arg)),
      args,
    );
  });

  test('a parked letter stays open when its record succeeds elsewhere', async () => {
    const h = get();
    const parked = await h.client.workflow.start<typeof workflows.recoverCall>('recoverCall', {
      ...{ workflowId: h.id('parked-later'), taskQueue: h.taskQueue },
      args: ['sync', [{ key: 'parked-later', version: 77 }], { recovery: { onExhausted: 'park' } }],
    });
    const letter = await eventually(async () => {
      const [found] = await h.recovery.deadLetters.list({ queue: h.queue, tags: ['version:77'], open: true });
      return found;
    });
    const shared = await fail('parked-later', 78);
    healthy.add('parked-later');
    await succeed('parked-later', h.id('parked-later-success'));
    await eventually(async () => (await letterOf(shared).state()).status === 'SUPERSEDED');
    assert.equal((await letterOf(letter.id).state()).status, 'WAITING');
    await letterOf(letter.id).replay();
    await parked.result();
  });

  test('with a payload codec failures are added and replayed alike', async () => {
    const h = get();
    const dataConverter = { payloadCodecs: [new ContextCodec()] };
    const client = new Client({ connection: h.client.connection, namespace: h.namespace, dataConverter });
    const taskQueue = h.id('codec');
    const recoveryTaskQueue = `${taskQueue}-recovery`;
    const plugins = [h.plugin({ operations, taskQueue: recoveryTaskQueue })];
    const worker = await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: { sync },
      dataConverter,
      plugins,
    });
    const { deadLetters } = new RecoveryClient({ client, taskQueue: recoveryTaskQueue });
    const ids = new Set<string>();
    for (const version of [1, 2]) {
      const seen = await client.workflow.execute<typeof workflows.recoverCall>('recoverCall', {
        ...{ workflowId: h.id(`codec-${version}`), taskQueue },
        args: ['sync', [{ key: 'codec', version }]],
      });
      ids.add(seen.deadLetterId ?? '');
    }
    const [id = '', ...others] = ids;
    assert.deepEqual(others, []);
    const letter = await eventually(async () => {
      const found = await deadLetters.get(id).describe();
      return found.failures?.count === 2 && found;
    });
    assert.deepEqual(letter.args, [{ key: 'codec', version: 2 }]);
    healthy.add('codec');
    assert.equal((await deadLetters.get(id).replay()).outcome, 'REPLAYED');
    assert.deepEqual(calls.at(-1)?.item, { key: 'codec', version: 2 });
    await worker.stop();
  });

  test('a signal that is no failure of the record is refused and changes nothing', async () => {
    const id = await fail('refused', 1);
    const { record } = await letterOf(id).state();
    const handle = get().client.workflow.getHandle(id);
    await handle.signal('failedAgain');
    await handle.signal('failedAgain', { ...record, recordKey: 'another' }, 1);
    await handle.signal('failedAgain', { ...record, origin: { ...record.origin, scheduledEventId: 99 } });
    const refused = await eventually(async () => {
      const { story } = await letterOf(id).state();
      const found = story.filter(({ event }) => event === 'refused');
      return found.length === 3 && found;
    });
    assert.match(refused[1]?.message ?? '', /recordKey must be .* got "another"/);
    assert.match(refused[2]?.message ?? '', /it has 0 of 1 arguments/);
    assert.equal((await letterOf(id).state()).failures?.count, 1);
  });

  test('an option that is none says what is expected', () => {
    const wrong = { operations: { x: { recordKey: 'id' as never } } };
    assert.throws(() => new RecoveryPlugin(wrong), /operations\.x\.recordKey: expected a function.*got "id"/);
    assert.throws(() => new RecoveryPlugin({ recordKey: () => 'x' } as never), /recordKey: unknown option/);
  });
});
