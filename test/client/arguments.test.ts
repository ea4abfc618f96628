import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeadLetterQueue } from 'temporal-recovery';
import { cliOf } from '../cli/command-line.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';

describe('arguments of a letter that come late', () => {
  const get = useHarness('arguments', (h) => h.startWorker({ workflowsPath, activities: { write } }));
  const write = async () => undefined;

  /** As a parked letter with large arguments is started: without them. */
  const startLate = async (name: string) => {
    const { client, recovery, recoveryTaskQueue: taskQueue, ...h } = get();
    const queue = new DeadLetterQueue(client, {
      activity: 'write',
      activityTaskQueue: h.taskQueue,
      taskQueue,
    });
    const { record } = await recovery.deadLetters.get(await queue.addItem(new Error('no'), 1)).state();
    const id = `dead-letter/${get().id(name)}`;
    const parked = { ...record, id, parked: true, argumentCount: 2 };
    return client.workflow.start('deadLetter', { workflowId: id, taskQueue, args: [parked, null] });
  };

  test('are found behind other events', async () => {
    const late = await startLate('late');
    for (let at = 0; at < 25; at++) await late.signal('replay', 'nonsense');
    await late.signal('arguments', 'first', { second: 2 });
    const { args } = await get().recovery.deadLetters.get(late.workflowId).describe();
    assert.deepEqual(args, ['first', { second: 2 }]);
  });

  test('are not edited before they are there', async () => {
    const late = await startLate('absent');
    const letter = get().recovery.deadLetters.get(late.workflowId);
    assert.deepEqual(await eventually(async () => (await letter.describe()).args), []);
    const edited = await cliOf(get()).run(['dlq', 'edit', late.workflowId, '--yes'], {
      env: { EDITOR: 'true' },
    });
    assert.equal(edited.code, 2, edited.stdout);
    assert.match(edited.stderr, /0 of 2 are in the letter's history/);
  });
});
