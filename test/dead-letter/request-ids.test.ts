import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('requests with an id', () => {
  let calls = 0;
  let answer: () => Promise<unknown> = async () => refuse();
  const activities = {
    async write() {
      calls++;
      return answer();
    },
  };
  const refuse = () => {
    throw Object.assign(new Error('no'), { status: 422 });
  };
  const get = useHarness('request-ids', (h) => h.startWorker({ workflowsPath, activities }));

  const newLetter = async (name: string) => {
    const h = get();
    answer = async () => refuse();
    const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
      workflowId: h.id(name),
      taskQueue: h.taskQueue,
      args: ['write', [{ email: 'old' }]],
    });
    calls = 0;
    return h.recovery.deadLetters.get(seen.deadLetterId ?? '');
  };

  test('the same one again is not carried out again, and tells what came of it', async () => {
    const letter = await newLetter('again');
    const first = await letter.replay({ requestId: 'r1' });
    assert.equal(first.outcome, 'FAILED');
    assert.deepEqual(await letter.replay({ requestId: 'r1' }), first);
    await letter.signalReplay({ requestId: 'r1' });
    assert.equal((await letter.replay({ requestId: 'r2' })).outcome, 'FAILED');
    assert.equal(calls, 2);
  });

  test('while it is under way it is waited for', async () => {
    const letter = await newLetter('under-way');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => released;
    const first = letter.replay({ requestId: 'r' });
    await eventually(() => calls === 1);
    const second = letter.replay({ requestId: 'r' });
    await eventually(async () => {
      const { events = [] } = await get().client.workflow.getHandle(letter.id).fetchHistory();
      return events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length === 2;
    });
    release();
    assert.deepEqual([(await first).outcome, (await second).outcome], ['REPLAYED', 'REPLAYED']);
    assert.equal(calls, 1);
    assert.equal((await letter.state()).endedBy, 'r');
  });

  test('one letter is replayed with a patch of its arguments, after a look at what becomes of them', async () => {
    const letter = await newLetter('patch');
    const transform = { patch: [{ op: 'replace', path: '/0/email', value: 'new' }] } as const;
    const preview = await letter.replay({ transform, dryRun: true });
    assert.deepEqual(preview, {
      ...{ outcome: 'PREVIEW', status: 'WAITING', origin: 'completed' },
      before: [{ email: 'old' }],
      after: [{ email: 'new' }],
    });
    assert.equal(calls, 0);
    answer = async () => 'written';
    assert.equal((await letter.replay({ transform })).outcome, 'REPLAYED');
    const { args, story } = await letter.describe();
    assert.deepEqual(args, [{ email: 'old' }]);
    assert.equal(story.at(-1)?.edited, true);
  });

  test('a transform that cannot be used is refused', async () => {
    const letter = await newLetter('refused');
    const wrong = [
      [{ transform: { patch: [] } }, /transform must be a patch with at least one operation/],
      [{ transform: { activity: 'x' }, args: [1] }, /either args or transform/],
      [{ dryRun: true }, /dryRun needs a transform/],
      [{ requestId: '' }, /requestId must be 1 to 200 characters/],
    ] as const;
    for (const [request, message] of wrong) {
      await assert.rejects(async () => letter.replay(request), { name: 'InvalidRequestError', message });
    }
  });
});
