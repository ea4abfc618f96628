import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const json = (text: string) => payload('json/plain', Buffer.from(text));
const payload = (encoding: string, data: Uint8Array) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data,
});

const MALFORMED = {
  number: json('42'),
  string: json('"replay"'),
  array: json('[1]'),
  'unknown field': json('{"bye":"me"}'),
  'args not an array': json('{"args":{"0":1}}'),
  'by not a string': json('{"by":7}'),
  'invalid JSON': json('{"by":'),
  'binary/plain': payload('binary/plain', Buffer.from([0, 255, 1])),
  protobuf: payload('json/protobuf', Buffer.from('{}')),
  'no metadata': { data: Buffer.from('{}') },
};

describe('requests to a dead letter', () => {
  const calls: unknown[][] = [];
  let hold: Promise<void> | undefined;
  const activities = {
    async picky(name: string, value: unknown) {
      calls.push([name, value]);
      await hold;
      if (value !== 'good') throw Object.assign(new Error(`no ${value}`), { status: 422 });
      return `took ${value}`;
    },
  };
  const get = useHarness('requests', (h) => h.startWorker({ workflowsPath, activities }));

  const newLetter = async (name: string, value: unknown = 'bad') => {
    const h = get();
    const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
      workflowId: h.id(name),
      taskQueue: h.taskQueue,
      args: ['picky', [name, value]],
    });
    assert.ok(seen.deadLetterId);
    const workflow: WorkflowHandle = h.client.workflow.getHandle(seen.deadLetterId);
    return { id: seen.deadLetterId, workflow, letter: h.recovery.deadLetters.get(seen.deadLetterId) };
  };
  const events = (story: readonly { event: string }[]) => story.map(({ event }) => event);
  const callsOf = (name: string) => calls.filter(([of]) => of === name).map(([, value]) => value);

  test('a signal replays as it was; a failed replay waits again, with its story longer', async () => {
    const { workflow, letter } = await newLetter('as-it-was');
    await workflow.signal('replay', { by: 'ann', reason: 'try' });
    const { status, story, replays } = await eventually(async () => {
      const now = await letter.describe();
      return now.story.length === 3 && now;
    });
    assert.equal(status, 'WAITING');
    assert.equal(replays, 1);
    assert.deepEqual(events(story), ['dead-lettered', 'replay-started', 'replay-failed']);
    assert.equal(story[1]?.by, 'ann');
    assert.equal(story[1]?.reason, 'try');
    assert.equal(story[2]?.category, 'VALIDATION');
    assert.deepEqual(callsOf('as-it-was'), ['bad', 'bad']);
  });

  test('a signal replays with new arguments', async () => {
    const { workflow } = await newLetter('new-args');
    await workflow.signal('replay', { args: ['new-args', 'good'], by: 'ann', reason: 'mended' });
    assert.deepEqual(await workflow.result(), {
      status: 'REPLAYED',
      by: 'ann',
      reason: 'mended',
      replays: 1,
      result: 'took good',
    });
    const { searchAttributes } = await workflow.describe();
    assert.deepEqual(searchAttributes.RecoveryStatus, ['REPLAYED']);
  });

  for (const [kind, input, status] of [
    ['resolve', { result: { done: true }, by: 'bob', reason: 'by hand' }, 'RESOLVED'],
    ['discard', { by: 'bob', reason: 'not needed' }, 'DISCARDED'],
  ] as const) {
    test(`${kind} as a signal and as an update`, async () => {
      for (const way of ['signal', 'update'] as const) {
        const { workflow, letter } = await newLetter(`${kind}-${way}`);
        if (way === 'signal') await workflow.signal(kind, input);
        else
          assert.deepEqual(await workflow.executeUpdate(kind, { args: [input] }), {
            outcome: status,
            status,
          });
        const outcome = (await workflow.result()) as Record<string, unknown>;
        assert.deepEqual([outcome.status, outcome.by, outcome.reason], [status, 'bob', input.reason]);
        assert.deepEqual(outcome.result, kind === 'resolve' ? { done: true } : undefined);
        assert.deepEqual((await workflow.describe()).searchAttributes.RecoveryStatus, [status]);
        const { story } = await letter.describe();
        assert.deepEqual(events(story), ['dead-lettered', status.toLowerCase()]);
        assert.deepEqual(callsOf(`${kind}-${way}`), ['bad']);
      }
    });
  }

  test('an update answers with the outcome, and refuses bad input before it enters history', async () => {
    const { workflow } = await newLetter('updates');
    const failed = (await workflow.executeUpdate('replay', { args: [{ by: 'ann' }] })) as { outcome: string };
    assert.equal(failed.outcome, 'FAILED');
    // The last workflow task may still be under way when the update has been answered.
    let historyLength = -1;
    await eventually(async () => {
      const before = historyLength;
      ({ historyLength } = await workflow.describe());
      return before === historyLength;
    });
    for (const input of [7, 'replay', [1], { bye: 1 }, { args: {} }, { force: 'yes' }]) {
      await assert.rejects(workflow.executeUpdate('replay', { args: [input] }));
    }
    await assert.rejects(workflow.executeUpdate('discard', { args: [{ result: 1 }] }));
    assert.equal((await workflow.describe()).historyLength, historyLength);
    const replayed = await workflow.executeUpdate('replay', { args: [{ args: ['updates', 'good'] }] });
    assert.deepEqual(replayed, { outcome: 'REPLAYED', status: 'REPLAYED', origin: 'completed' });
  });

  test('malformed signals are noted and change nothing', async () => {
    const h = get();
    const { id, workflow, letter } = await newLetter('malformed');
    for (const input of Object.values(MALFORMED)) {
      await h.client.workflowService.signalWorkflowExecution({
        namespace: h.namespace,
        workflowExecution: { workflowId: id },
        signalName: 'replay',
        input: { payloads: [input] },
      });
    }
    const { status, story } = await eventually(async () => {
      const now = await letter.describe();
      return now.story.length === 1 + Object.keys(MALFORMED).length && now;
    });
    assert.equal(status, 'WAITING');
    assert.ok(events(story.slice(1)).every((event) => event === 'refused'));
    assert.ok(story.slice(1).every(({ message }) => message?.startsWith('replay: ')));
    assert.deepEqual(callsOf('malformed'), ['bad']);
    await workflow.signal('replay', { args: ['malformed', 'good'] });
    assert.equal(((await workflow.result()) as { status: string }).status, 'REPLAYED');
  });

  test('an empty signal replays', async () => {
    const { workflow, letter } = await newLetter('empty');
    await workflow.signal('replay');
    await eventually(async () => events((await letter.describe()).story).includes('replay-failed'));
    assert.deepEqual(callsOf('empty'), ['bad', 'bad']);
  });

  test('of two replays at once the second is skipped when the first succeeds', async () => {
    const { workflow } = await newLetter('twice');
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    await workflow.signal('replay', { args: ['twice', 'good'], by: 'first' });
    await eventually(() => callsOf('twice').length === 2);
    await workflow.signal('replay', { args: ['twice', 'good'], by: 'second' });
    hold = undefined;
    release();
    const outcome = (await workflow.result()) as { status: string; by: string; replays: number };
    assert.deepEqual([outcome.status, outcome.by, outcome.replays], ['REPLAYED', 'first', 1]);
    const { story } = await get().recovery.deadLetters.get(workflow.workflowId).describe();
    assert.deepEqual(events(story).at(-1), 'replay-skipped');
    assert.equal(story.at(-1)?.by, 'second');
    assert.deepEqual(callsOf('twice'), ['bad', 'good']);
  });
});
