import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { GroupSnapshot } from 'temporal-recovery/client';
import type { GroupRow } from '../../cli/commands/dlq/group/rows.js';
import { cliOf } from '../cli/command-line.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('groups on the command line', () => {
  const activities = {
    ship: async (what: string) => {
      throw Object.assign(new Error(`no ${what}`), { status: 422 });
    },
  };
  const get = useHarness('group-cli', (h) => h.startWorker({ workflowsPath, activities, buildId: '3.1' }));
  const fail = async (what: string) => {
    const h = get();
    const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
      ...{ workflowId: h.id(randomUUID()), taskQueue: h.taskQueue, args: ['ship', [what]] },
    });
    return deadLetterId ?? '';
  };
  const rows = async (...more: string[]) =>
    (await cliOf(get()).json<GroupRow[]>(['dlq', 'groups', '--queue', get().queue, ...more])).answer;

  test('groups by one query, with open letters counted; an order is done when the command ends; old letters are found too', async () => {
    const h = get();
    const cli = cliOf(h);
    const letters = [await fail('stock'), await fail('stock'), await fail('address')];
    const [large, small] = await eventually(async () => {
      const found = await rows();
      return (
        found.length === 2 &&
        found[0]?.letters === 2 &&
        found[0].written === 2 &&
        found[1]?.written === 1 &&
        found
      );
    });
    assert.deepEqual(large?.statuses, { WAITING: 2 });
    assert.deepEqual(
      [large?.state, large?.queues, large?.operation, large?.message],
      ['OPEN', [h.queue], 'ship', 'no stock'],
    );
    assert.deepEqual(Object.keys(large?.versions ?? {}), ['3.1']);
    const group = large?.group ?? '';

    const assigned = await cli.json<GroupSnapshot>([
      'dlq',
      'group',
      'assign',
      group,
      'team-stock',
      '--by',
      'ada',
    ]);
    assert.equal(assigned.code, 0);
    assert.equal(assigned.answer.owner, 'team-stock');
    const muted = await cli.run(['dlq', 'group', 'mute', group, '--for', '1d', '--reason', 'known']);
    assert.equal(muted.code, 0, muted.stderr);
    assert.match(muted.stdout, /MUTED for \d+s[\s\S]*Owner +team-stock[\s\S]*muted until .* · reason: known/);
    const shown = await cli.run(['dlq', 'group', 'show', group]);
    assert.match(shown.stdout, /Versions\n +3\.1 +2/);
    const refused = await cli.run(['dlq', 'group', 'mute', group]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /until when\? Give for, until or letters/);
    const wrong = await cli.run(['dlq', 'group', 'default', group, 'drop']);
    assert.match(wrong.stderr, /<action> must be one of wait, discard, park, replayAfterDeploy/);
    const table = await cli.run(['dlq', 'groups', '--queue', h.queue]);
    assert.match(table.stdout, /GROUP +STATE +LETTERS +STATUS +LAST +OWNER/);

    // As with letters of an older version.
    const old = h.recovery.groups.get(small?.group ?? '', h.queue);
    await h.client.workflow.getHandle(old.workflowId).terminate();
    const both = await eventually(async () => {
      const found = await rows();
      return found.some(({ state }) => state === undefined) && found;
    });
    assert.deepEqual(
      both.map(({ letters: open, state, owner }) => [open, state, owner]),
      [
        [2, 'MUTED', 'team-stock'],
        [1, undefined, undefined],
      ],
    );
    const noted = await cli.json<GroupSnapshot>(['dlq', 'group', 'note', old.group, 'typo in the form']);
    assert.equal(noted.answer.note, 'typo in the form');

    await h.recovery.deadLetters.get(letters[2] ?? '').discard({ by: 'ada' });
    await eventually(async () => (await rows()).length === 1);
    const all = await eventually(async () => {
      const found = await rows('--all');
      return found.length === 2 && found;
    });
    assert.deepEqual(all[1]?.letters, 0);
    const missing = await cli.run(['dlq', 'group', 'show', '0'.repeat(13)]);
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /has no dead letters of the group/);
  });
});
