import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { AlertEvent } from '../../common/alerts/alert-event.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('alerts of groups', () => {
  const seen: AlertEvent[] = [];
  const activities = {
    charge: async () => {
      throw Object.assign(new Error('card expired'), { status: 422 });
    },
  };
  const get = useHarness('group-alerts', (h) =>
    h.startWorker({
      ...{ workflowsPath, activities },
      plugins: [h.plugin({ alerts: { onGroup: (events) => void seen.push(...events), every: '1 second' } })],
    }),
  );
  const fail = async () => {
    const h = get();
    const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(randomUUID()), taskQueue: h.taskQueue, args: ['charge', []] },
    });
    return deadLetterId ?? '';
  };

  test('a new group and one that has come back are an event each; further letters and a muted group are none', async () => {
    const h = get();
    const letter = await fail();
    const { record } = await h.recovery.deadLetters.get(letter).state();
    const group = h.recovery.groups.get(record.group, h.queue);
    const first = await eventually(() => seen[0]);
    assert.ok(first.kind === 'group');
    assert.deepEqual(
      [first.change, first.fingerprint, first.queue, first.message, first.letters, first.workflowId],
      ['new', record.group, h.queue, 'card expired', 1, group.workflowId],
    );
    await fail();
    await group.assign('team-cards');
    await group.resolve();
    await eventually(async () => (await group.describe()).letters === 2);
    await eventually(async () => {
      await fail();
      return (await group.describe()).status === 'REGRESSED';
    });
    const second = await eventually(() => seen[1]);
    assert.ok(second.kind === 'group');
    assert.deepEqual([second.change, second.owner], ['regressed', 'team-cards']);
    const { letters } = await group.describe();
    await group.mute({ letters: 1 });
    await eventually(async () => (await group.describe()).status === 'MUTED');
    await fail();
    await eventually(async () => (await group.describe()).letters > letters);
    assert.equal(seen.length, 2);
  });
});
