import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { eventually, logLines, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

/** As the Temporal CLI signs its requests. */
const IDENTITY = 'temporal-cli:grace@laptop';

describe('who did what to a dead letter', () => {
  const activities = {
    async picky(value: unknown) {
      if (value !== 'good') throw Object.assign(new Error(`no ${JSON.stringify(value)}`), { status: 422 });
      return 'took it';
    },
  };
  const get = useHarness('audit', (h) => h.startWorker({ workflowsPath, activities }));

  /** A letter, and its workflow as somebody without our client reaches it: from the UI, or from the CLI. */
  const newLetter = async (name: string, args: unknown[] = ['bad']) => {
    const { client, recovery, taskQueue, namespace, id } = get();
    const { deadLetterId = '' } = await client.workflow.execute<typeof callOne>('callOne', {
      workflowId: id(name),
      taskQueue,
      args: ['picky', args],
    });
    const other = new Client({ connection: client.connection, namespace, identity: IDENTITY });
    return {
      letter: recovery.deadLetters.get(deadLetterId),
      outside: other.workflow.getHandle(deadLetterId),
    };
  };
  type Letter = Awaited<ReturnType<typeof newLetter>>['letter'];
  const storyWith = (letter: Letter, event: string) =>
    eventually(async () => {
      const { story } = await letter.describe();
      return story.some((entry) => entry.event === event) && story;
    });
  const logged = (letter: Letter) =>
    logLines
      .filter(({ message, meta }) => message.startsWith('Dead letter:') && meta?.deadLetterId === letter.id)
      .map(({ message, meta }) => [message, meta?.by, meta?.reason]);

  test('a signal or update that does not say who sent it: the identity Temporal knows', async () => {
    const { letter, outside } = await newLetter('nameless');
    await outside.signal('replay');
    await storyWith(letter, 'replay-failed');
    await outside.executeUpdate('replay', { args: [{ by: ' ', reason: 'again' }] });
    await outside.signal('replay', { nonsense: true });
    await storyWith(letter, 'refused');
    await outside.signal('discard', { reason: 'enough' });
    const story = await storyWith(letter, 'discarded');
    assert.deepEqual(
      story.map(({ event, by, reason }) => [event, by, reason]),
      [
        ['dead-lettered', undefined, undefined],
        ['replay-started', IDENTITY, undefined],
        ['replay-failed', IDENTITY, undefined],
        ['replay-started', IDENTITY, 'again'],
        ['replay-failed', IDENTITY, undefined],
        ['refused', IDENTITY, undefined],
        ['discarded', IDENTITY, 'enough'],
      ],
    );
    assert.equal(((await outside.result()) as { by: string }).by, IDENTITY);
  });

  test('the author named in a request is the author in the story', async () => {
    const { letter, outside } = await newLetter('named');
    await outside.signal('replay', { by: 'ada' });
    await storyWith(letter, 'replay-failed');
    await outside.executeUpdate('resolve', { args: [{ by: 'bob', result: 1 }] });
    const { story } = await letter.describe();
    assert.deepEqual(
      story.slice(1).map(({ event, by }) => [event, by]),
      [
        ['replay-started', 'ada'],
        ['replay-failed', 'ada'],
        ['resolved', 'bob'],
      ],
    );
  });

  test('requests that arrive with the start of the letter, before anything listens', async () => {
    const { client, recovery, id, recoveryTaskQueue } = get();
    const { letter } = await newLetter('model');
    const { record } = await letter.describe();
    const other = new Client({
      connection: client.connection,
      namespace: client.options.namespace,
      identity: IDENTITY,
    });
    const copy = id('with-start');
    await other.workflow.signalWithStart('deadLetter', {
      workflowId: copy,
      taskQueue: recoveryTaskQueue,
      args: [{ ...record, id: copy }],
      signal: 'discard',
      signalArgs: [{}],
    });
    const story = await storyWith(recovery.deadLetters.get(copy), 'discarded');
    assert.equal(story.at(-1)?.by, IDENTITY);
  });

  test('every step is logged with letter, person and reason, without secrets and on one line', async () => {
    const { letter } = await newLetter('logged');
    await letter.replay({ by: 'ada', reason: 'once\nmore' });
    await letter.replay({ by: 'bob', reason: 'password: hunter2', args: ['good'] });
    const done = await newLetter('logged-resolve');
    await done.letter.resolve({ by: 'ada', reason: 'by hand', result: 1 });
    await letter.describe();
    assert.deepEqual(await eventually(() => logged(letter).length >= 4 && logged(letter)), [
      ['Dead letter: replay-started', 'ada', 'once more'],
      ['Dead letter: replay-failed', 'ada', undefined],
      ['Dead letter: replay-started', 'bob', 'password: [REDACTED]'],
      ['Dead letter: replay-succeeded', 'bob', 'password: [REDACTED]'],
    ]);
    assert.deepEqual(await eventually(() => logged(done.letter).length > 0 && logged(done.letter)), [
      ['Dead letter: resolved', 'ada', 'by hand'],
    ]);
  });

  test('edited arguments: the story shows them without secrets, the letter keeps the originals', async () => {
    const original = { sku: 'a', token: 't0p-s3cret' };
    const { letter } = await newLetter('edited', [original]);
    const edited = { sku: 'b', token: 'oth3r-s3cret', text: 'x'.repeat(5_000) };
    const { outcome } = await letter.replay({ by: 'ada', args: [edited] });
    assert.equal(outcome, 'FAILED');
    const { args, story } = await letter.describe();
    assert.deepEqual(args, [original]);
    const shown = story[1]?.editedArgs ?? '';
    assert.ok(shown.startsWith('[{"sku":"b","token":"[REDACTED]","text":"xxx'), shown);
    assert.ok(shown.length <= 301, `${shown.length}`);
    assert.ok(!JSON.stringify(story).includes('s3cret'));
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'FAILED');
    assert.equal((await letter.describe()).story[3]?.editedArgs, undefined);
  });
});
