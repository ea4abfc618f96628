import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DeadLetterClosedError,
  DeadLetterNotFoundError,
  type DeadLetterStatus,
  InvalidRequestError,
} from 'temporal-recovery/client';
import { savedViews } from '../../cli/saved-views.js';
import { cliOf } from '../cli/command-line.js';
import { Letters } from '../cli/letters.js';
import { eventually, useHarness } from '../support/harness.js';

const ENDED = ['TERMINATED', 'FAILED', 'TIMED_OUT'] as const;

describe('letters whose workflow was ended, and letters that are restored', () => {
  const letters = new Letters();
  const get = useHarness('restore', (h) => letters.start(h, 0));
  const add = async (name: string) => {
    const id = await letters.add(get(), name);
    return { id, letter: get().recovery.deadLetters.get(id) };
  };
  const list = (status?: DeadLetterStatus) => get().recovery.deadLetters.list({ queue: get().queue, status });
  const count = (status?: DeadLetterStatus) =>
    get().recovery.deadLetters.count({ queue: get().queue, status });
  const has = (status: DeadLetterStatus, id: string) =>
    eventually(async () => (await list(status)).some((each) => each.id === id && each.status === status));
  /** A letter with a record of its own: its workflow is ended by what is wrong with it, or by a time limit. */
  const copy = async (name: string, overrides: object, timeout?: `${number}s`) => {
    const { letter } = await add(`${name}-template`);
    const { record } = await letter.state();
    const id = `${record.id}-copy`;
    await get().client.workflow.start('deadLetter', {
      ...{ workflowId: id, taskQueue: get().recoveryTaskQueue, workflowExecutionTimeout: timeout },
      args: [{ ...record, id, ...overrides }],
      searchAttributes: {
        RecoveryQueue: [get().queue],
        RecoveryStatus: ['WAITING'],
        RecoveryGroup: ['made-up'],
      },
    });
    await letter.discard();
    return id;
  };

  test('one that was terminated is TERMINATED everywhere, and counts nowhere as open', async () => {
    const { id, letter } = await add('terminated');
    await get().client.workflow.getHandle(id).terminate('by hand');
    await has('TERMINATED', id);
    assert.equal((await letter.state()).status, 'TERMINATED');
    assert.equal((await letter.describe()).status, 'TERMINATED');
    assert.ok(!(await list('WAITING')).some((each) => each.id === id));
    assert.equal((await list()).find((each) => each.id === id)?.status, 'TERMINATED');
    assert.equal(await count('WAITING'), (await list('WAITING')).length);
    assert.equal(await count('TERMINATED'), 1);
    const group = (await list()).find((each) => each.id === id)?.group;
    const groups = { queue: get().queue, group };
    const [found] = await get().recovery.deadLetters.groups({ ...groups, status: 'TERMINATED' });
    assert.deepEqual(found?.statuses, { TERMINATED: 1 });
    for (const each of await get().recovery.deadLetters.groups(groups))
      assert.equal(each.statuses.TERMINATED, undefined);
    await assert.rejects(letter.replay(), (error: Error) => {
      assert.ok(error instanceof DeadLetterClosedError);
      assert.match(
        error.message,
        /is closed \(TERMINATED\); it accepts no more requests, until it is restored/,
      );
      return true;
    });
    const shown = await cliOf(get()).run(['dlq', 'show', id]);
    assert.match(shown.stdout, /TERMINATED · written/);
    assert.match(shown.stdout, /Start it again: temporal-recovery dlq restore /);
    for (const { name, query } of savedViews(undefined, get().namespace).filter((view) =>
      /Dead/.test(view.name),
    )) {
      const own = `${query} AND WorkflowId = '${id}'`;
      const { count: seen } = await get().client.workflow.count(own);
      assert.equal(seen, name === 'Dead letters whose workflow was ended' ? 1 : 0, name);
    }
  });

  test('those whose workflow failed or timed out are FAILED and TIMED_OUT', async () => {
    const failed = await copy('failed', { argumentCount: 'two' });
    const timedOut = await copy('timed-out', {}, '1s');
    await has('FAILED', failed);
    await has('TIMED_OUT', timedOut);
    assert.ok(!(await list('WAITING')).some(({ id }) => id === failed || id === timedOut));
    for (const status of ENDED) assert.equal(await count(status), (await list(status)).length);
  });

  test('restore starts a terminated one again, with its story, and it is listed once and replayed', async () => {
    const { id, letter } = await add('restored');
    assert.equal((await letter.replay({ by: 'ada' })).outcome, 'FAILED');
    const before = await letter.state();
    await get().client.workflow.getHandle(id).terminate();
    await has('TERMINATED', id);
    const answer = await letter.restore({
      by: 'bob',
      reason: 'Bearer abcdefghijklmnop0123456789 was\nwrong',
    });
    assert.deepEqual(answer, { outcome: 'RESTORED', status: 'WAITING' });
    const { status, story, replays, record } = await letter.state();
    assert.deepEqual([status, replays, record.id], ['WAITING', 1, id]);
    assert.deepEqual(story.slice(0, -1), before.story);
    const { event, by, reason, message } = story.at(-1) ?? {};
    assert.deepEqual([event, by, message], ['restored', 'bob', 'it was TERMINATED']);
    assert.ok(reason?.endsWith(' was wrong') && !reason.includes('abcdef'), reason);
    await has('WAITING', id);
    const own = (all: readonly { id: string }[]) => all.filter((each) => each.id === id).length;
    assert.equal(own(await list()), 1);
    assert.equal(own(await list('TERMINATED')), 0);
    assert.equal(await count('TERMINATED'), (await list('TERMINATED')).length);
    assert.equal(await count(), (await list()).length);
    const { outcome } = await letter.replay({ args: ['good'] });
    assert.equal(outcome, 'REPLAYED');
    assert.deepEqual((await letter.describe()).args, ['bad', { token: 'hunter2', currency: 'EUR' }]);
    await assert.rejects(letter.restore(), (error: Error) => {
      assert.ok(error instanceof InvalidRequestError);
      assert.match(error.message, /is REPLAYED, its work is done; letters that are DISCARDED, EXPIRED, /);
      return true;
    });
  });

  test('so it does with a discarded one, as often as it takes, and not with one that is open', async () => {
    const { id, letter } = await add('discarded');
    for (const times of [1, 2]) {
      await letter.discard({ by: 'ada' });
      await has('DISCARDED', id);
      await letter.restore();
      const { story } = await letter.state();
      assert.equal(story.filter(({ event }) => event === 'restored').length, times);
    }
    await assert.rejects(letter.restore(), /is open already; replay, resolve or discard it/);
    await assert.rejects(
      get().recovery.deadLetters.get('dead-letter/none').restore(),
      DeadLetterNotFoundError,
    );
  });

  test('so it does with one that was terminated before its workflow began', async () => {
    const { letter: template } = await add('unbegun-template');
    const { record } = await template.state();
    const id = `${record.id}-unbegun`;
    const { client, recovery } = get();
    // Nobody polls this task queue.
    await client.workflow.signalWithStart('deadLetter', {
      ...{ workflowId: id, taskQueue: get().id('nobody'), args: [{ ...record, id }] },
      ...{ signal: 'arguments', signalArgs: ['bad', {}] },
    });
    await client.workflow.getHandle(id).terminate();
    const letter = recovery.deadLetters.get(id);
    assert.equal((await letter.state()).status, 'TERMINATED');
    assert.equal((await letter.restore({ by: 'ada' })).outcome, 'RESTORED');
    const { taskQueue, memo } = await client.workflow.getHandle(id).describe();
    assert.equal(taskQueue, get().id('nobody'));
    assert.ok(memo?.deadLetter);
    await client.workflow.getHandle(id).terminate();
    const { story } = await letter.state();
    assert.deepEqual(
      story.map(({ event }) => event),
      ['dead-lettered', 'restored'],
    );
    await template.discard();
  });

  test('arguments that are too large for one input come along', async () => {
    const h = get();
    const large = 'x'.repeat(1_500_000);
    const origin = await h.client.workflow.start('callOne', {
      ...{ workflowId: h.id('large'), taskQueue: h.taskQueue, args: ['write', ['bad', large]] },
    });
    const { deadLetterId = '' } = (await origin.result()) as { deadLetterId?: string };
    const letter = h.recovery.deadLetters.get(deadLetterId);
    await letter.discard();
    await letter.restore();
    assert.equal((await letter.replay()).outcome, 'FAILED');
    assert.deepEqual(letters.seen.at(-1), ['bad', large]);
    await letter.discard();
  });

  test('the command restores by how an id begins, and says what became of it', async () => {
    const { id, letter } = await add('command');
    await get().client.workflow.getHandle(id).terminate();
    await has('TERMINATED', id);
    const restored = await cliOf(get()).run(['dlq', 'restore', get().id('command'), '--by', 'cli']);
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /RESTORED +.*needs a decision again/);
    assert.equal((await letter.state()).story.at(-1)?.by, 'cli');
    const again = await cliOf(get()).run(['dlq', 'restore', id]);
    assert.notEqual(again.code, 0);
    assert.match(again.stderr, /is open already/);
  });
});
