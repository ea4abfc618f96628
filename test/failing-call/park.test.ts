import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, useHarness } from '../support/harness.js';
import type { Seen } from '../support/workflows.js';
import type * as workflows from './workflows.js';

const workflowsPath = require.resolve('./workflows.js');

describe('parked calls', () => {
  const mended = new Set<string>();
  const activities = {
    async write(key: string, value: unknown) {
      if (!mended.has(key)) throw Object.assign(new Error('refused'), { status: 422 });
      return { wrote: value };
    },
    async large(key: string, size: number) {
      if (!mended.has(key)) throw Object.assign(new Error('refused'), { status: 422 });
      return 'x'.repeat(size);
    },
  };
  const get = useHarness('park', (h) =>
    h.startWorker({ workflowsPath, activities, plugins: [h.plugin({ onExhausted: 'park' })] }),
  );

  const start = async (workflow: keyof typeof workflows, ...args: unknown[]) => {
    const handle = await get().client.workflow.start(workflow, {
      workflowId: get().id(`${workflow}-${Math.random()}`),
      taskQueue: get().taskQueue,
      args,
    });
    return { handle, result: handle.result() as Promise<Seen> };
  };
  const letterOf = async (workflowId: string) => {
    const { client, recovery } = get();
    const id = await eventually(async () => {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      return (
        events?.find(({ childWorkflowExecutionStartedEventAttributes: child }) => child)
          ?.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? undefined
      );
    });
    return recovery.deadLetters.get(id);
  };

  test('the workflow goes on with the result of the replay; its code does not change', async () => {
    const { handle, result } = await start('callOne', 'write', ['a', { n: 1 }]);
    const letter = await letterOf(handle.workflowId);
    const { status, record } = await eventually(() => letter.describe());
    assert.equal(status, 'WAITING');
    assert.equal(record.origin.workflowId, handle.workflowId);
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'FAILED');
    mended.add('a');
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'REPLAYED');
    assert.deepEqual(await result, { result: { wrote: { n: 1 } } });
    const [listed] = await eventually(async () => {
      const found = await get().recovery.deadLetters.list({ operation: 'write', status: 'REPLAYED' });
      return found.length > 0 && found;
    });
    assert.equal(listed?.message, 'refused');
  });

  test('or with what an operator says, or what edited arguments give', async () => {
    const resolved = await start('callOne', 'write', ['r', 1]);
    const letter = await letterOf(resolved.handle.workflowId);
    await letter.resolve({ result: { by: 'hand' }, by: 'ada' });
    assert.deepEqual(await resolved.result, { result: { by: 'hand' } });
    const edited = await start('callOne', 'write', ['never', 1]);
    mended.add('edited');
    await (await letterOf(edited.handle.workflowId)).replay({ args: ['edited', 2] });
    assert.deepEqual(await edited.result, { result: { wrote: 2 } });
  });

  test('a result as large as an activity may give', async () => {
    const { handle, result } = await start('callOne', 'large', ['l', 1_900_000]);
    const letter = await letterOf(handle.workflowId);
    mended.add('l');
    await letter.replay();
    assert.equal(String((await result).result).length, 1_900_000);
  });

  test('discarded or expired: an ActivityFailure that says who and why', async () => {
    const { handle, result } = await start('callOne', 'write', ['d', 1]);
    const letter = await letterOf(handle.workflowId);
    await letter.discard({ by: 'ada', reason: 'duplicate' });
    const seen = await result;
    assert.equal(seen.error?.name, 'ActivityFailure');
    assert.equal(seen.error?.activityType, 'write');
    assert.equal(seen.error?.type, 'DeadLetterDiscardedError');
    assert.equal(seen.error?.causeMessage, 'The dead letter was discarded by ada: duplicate');
    assert.equal(seen.deadLetterId, letter.id);
    const typed = await start('discardOfLetter', 'd2');
    await (await letterOf(typed.handle.workflowId)).discard({ by: 'bob', reason: 'no longer wanted' });
    assert.deepEqual(await typed.result, { discarded: { by: 'bob', reason: 'no longer wanted' } });
  });

  test('a wait budget: then the failure, and the letter stays', async () => {
    const { handle, result } = await start('recoverCall', 'write', ['b', 1], {
      recovery: { parkTimeout: '1s' },
    });
    const seen = await result;
    assert.equal(seen.error?.causeMessage, 'refused');
    const letter = await letterOf(handle.workflowId);
    assert.equal(seen.deadLetterId, letter.id);
    assert.equal((await letter.describe()).status, 'WAITING');
  });

  test('within its budget a cancellation of the origin closes the letter, after it that leaves it alone', async () => {
    const options = { recovery: { parkTimeout: '1s' } };
    const late = await start('recoverAndGoOn', 'write', ['e', 1], options);
    const left = await letterOf(late.handle.workflowId);
    await eventually(async () => (await late.handle.query('seen')) !== null);
    await late.handle.cancel();
    await late.result.catch(() => undefined);
    const early = await start('recoverCall', 'write', ['f', 1], { recovery: { parkTimeout: '1 hour' } });
    const closed = await letterOf(early.handle.workflowId);
    await early.handle.cancel();
    assert.equal((await early.result).error?.causeName, 'CancelledFailure');
    await eventually(async () => (await closed.describe()).status === 'DISCARDED');
    // The other was cancelled before that.
    assert.equal((await left.describe()).status, 'WAITING');
  });

  test('an origin that is cancelled closes its letter, one that is terminated leaves it waiting', async () => {
    const one = await start('callOne', 'write', ['c', 1]);
    const closed = await letterOf(one.handle.workflowId);
    await one.handle.cancel();
    const seen = await one.result;
    assert.equal(seen.error?.causeName, 'CancelledFailure');
    const [last] = await eventually(async () => {
      const { story } = await closed.describe();
      return story.at(-1)?.event === 'discarded' && story.slice(-1);
    });
    assert.match(last?.reason ?? '', /cancelled/);

    const two = await start('callOne', 'write', ['t', 1]);
    const left = await letterOf(two.handle.workflowId);
    await Promise.all([assert.rejects(two.result), two.handle.terminate()]);
    mended.add('t');
    assert.equal((await left.replay()).outcome, 'REPLAYED');
  });

  test('a letter that somebody terminates does not keep its origin waiting', async () => {
    const { handle, result } = await start('callOne', 'write', ['k', 1]);
    const letter = await letterOf(handle.workflowId);
    await get().client.workflow.getHandle(letter.id).terminate('by mistake');
    assert.equal((await result).error?.causeMessage, 'refused');
  });

  test('many at once', async () => {
    const { handle, result } = await start('callMany', 'write', 30);
    const letters = await eventually(async () => {
      const { pendingChildren } = (await handle.describe()).raw;
      const started = pendingChildren?.filter(({ runId }) => runId) ?? [];
      return started.length === 30 && started;
    });
    for (let index = 0; index < 30; index++) mended.add(`many-${index}`);
    await Promise.all(
      letters.map(({ workflowId }) =>
        get()
          .recovery.deadLetters.get(workflowId ?? '')
          .replay(),
      ),
    );
    assert.equal(((await result) as unknown[]).length, 30);
  });
});
