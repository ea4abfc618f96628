import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { readGroup, reportToGroup } from '../../client/dead-letter-group/entity.js';
import { groupFingerprint } from '../../common/dead-letter/group.js';
import { ApiLinkerError, ErrorCategory } from '../../common/errors/index.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

const IDLE_MS = 2_000;

describe('a group without letters', () => {
  const activities = {
    scan: async (what: string) => {
      throw Object.assign(new Error(`cannot scan ${what}`), { status: 422 });
    },
  };
  const get = useHarness('group-idle', (h) => h.startWorker({ workflowsPath, activities }));
  const fail = async (what: string) => {
    const h = get();
    const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(randomUUID()), taskQueue: h.taskQueue, args: ['scan', [what]] },
    });
    return deadLetterId ?? '';
  };
  /** The group of `cannot scan …` with one letter that is not there. */
  const newGroup = async (what: string) => {
    const h = get();
    const error = new ApiLinkerError(`cannot scan ${what}`, {
      ...{ errorCategory: ErrorCategory.VALIDATION, statusCode: 422 },
    });
    const group = groupFingerprint('scan', error.toJSON());
    const cause = { queue: h.queue, group, operation: 'scan', category: 'VALIDATION', statusCode: 422 };
    await reportToGroup(
      h.client,
      h.recoveryTaskQueue,
      { ...cause, pattern: `cannot scan ${what}`, idleMs: IDLE_MS },
      { v: 1, worker: 'test', sequence: 1, letters: 1, oldestMs: 0, newestMs: 0 },
    );
    return h.recovery.groups.get(group, h.queue);
  };
  const runOf = (group: { readonly group: string; readonly queue: string }) =>
    readGroup(get().client, { queue: group.queue, group: group.group });

  test('ends, and comes back as REGRESSED with its owner and a link if it was resolved', async () => {
    const h = get();
    const group = await newGroup('labels');
    await group.assign('team-scan');
    await group.resolve({ by: 'ada' });
    const ended = await eventually(async () => {
      const run = await runOf(group);
      return run?.isRunning === false && run;
    });
    const outcome = await h.client.workflow.getHandle(group.workflowId).result();
    assert.deepEqual(outcome, {
      ...{ queue: h.queue, group: group.group, status: 'RESOLVED', letters: 1, ended: 'idle' },
    });
    await fail('labels');
    const back = await eventually(async () => {
      const snapshot = await group.describe();
      return snapshot.status === 'REGRESSED' && snapshot;
    });
    assert.deepEqual([back.letters, back.owner, back.before?.runId], [1, 'team-scan', ended.runId]);
    assert.deepEqual([back.before?.letters, back.before?.status], [1, 'RESOLVED']);
  });

  test('stays while a letter of it is open, and while it has a default', async () => {
    const group = await newGroup('crates');
    const letter = await fail('crates');
    const preset = await newGroup('boxes');
    await preset.setDefault('discard');
    const looked = async (workflowId: string) => {
      const { events } = await get().client.workflow.getHandle(workflowId).fetchHistory();
      return (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length;
    };
    await eventually(async () => (await looked(group.workflowId)) >= 2);
    assert.equal((await runOf(group))?.isRunning, true);
    assert.equal((await runOf(preset))?.isRunning, true);
    await get().recovery.deadLetters.get(letter).discard({ by: 'ada' });
    await eventually(async () => (await runOf(group))?.isRunning === false);
    assert.equal((await runOf(preset))?.isRunning, true);
  });
});
