import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { GroupSnapshot } from 'temporal-recovery/client';
import { reportToGroup } from '../../client/dead-letter-group/entity.js';
import { groupFingerprint } from '../../common/dead-letter/group.js';
import { groupWorkflowId } from '../../common/dead-letter-group/id.js';
import type { GroupReport } from '../../common/dead-letter-group/messages.js';
import { ApiLinkerError, ErrorCategory } from '../../common/errors/index.js';
import { recoveryBundle } from '../../worker/recovery-worker/bundle.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

describe('groups of dead letters', () => {
  let mended = false;
  const activities = {
    /** Its message has no word in common with that of another name. */
    async sendInvoice(name: string, url?: string) {
      if (mended) return 'sent';
      throw Object.assign(new Error(`${name} rejected invoice 4711`), {
        ...{ status: 422, config: url === undefined ? undefined : { url, method: 'post' } },
      });
    },
  };
  const get = useHarness('groups', (h) =>
    h.startWorker({ workflowsPath, activities, buildId: 'v1', plugins: [h.plugin()] }),
  );
  /** A cause of its own. */
  const newCause = () => `word${randomUUID().replaceAll(/[^a-z]/g, '')}`;
  const fail = async (name: string, url?: string) => {
    const h = get();
    const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
      workflowId: h.id(randomUUID().slice(0, 8)),
      taskQueue: h.taskQueue,
      args: ['sendInvoice', [name, url]],
    });
    assert.ok(deadLetterId);
    return deadLetterId;
  };
  const handleOf = async (letterId: string) => {
    const h = get();
    const { record } = await h.recovery.deadLetters.get(letterId).state();
    return h.recovery.groups.get(record.group, h.queue);
  };
  const until = (
    group: { describe(): Promise<GroupSnapshot> },
    condition: (snapshot: GroupSnapshot) => boolean,
  ) =>
    eventually(async () => {
      const snapshot = await group.describe();
      return condition(snapshot) && snapshot;
    });
  const detailsOf = async (workflowId: string) => {
    const metadata = await get()
      .client.workflow.getHandle(workflowId)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  };

  test('the first letter makes the group; later ones add to its counts by version, host and activity', async () => {
    const h = get();
    const name = newCause();
    const first = await fail(name, 'https://invoices.example/send?token=s3cret');
    const group = await handleOf(first);
    const one = await until(group, ({ letters }) => letters === 1);
    assert.equal(one.status, 'OPEN');
    assert.equal(one.operation, 'sendInvoice');
    assert.equal(one.statusCode, 422);
    assert.equal(one.pattern, `${name} rejected invoice <n>`);
    const second = await fail(name, 'https://invoices.example/send');
    const two = await until(group, ({ letters }) => letters === 2);
    assert.equal(two.sample?.id, second);
    const names = (of: readonly { name: string; letters: number }[]) =>
      of.map((each) => [each.name, each.letters]);
    assert.deepEqual(names(two.versions), [['v1', 2]]);
    assert.deepEqual(names(two.activities), [['sendInvoice', 2]]);
    const details = await detailsOf(group.workflowId);
    assert.match(details, /### OPEN/);
    assert.match(details, /signal `redrive`, input `\{"canary": 1, "by": "you"\}`/);
    assert.match(details, new RegExp(`\\[dead-letter/.*\\]\\(/namespaces/${h.namespace}/workflows/`));
    assert.doesNotMatch(details, /s3cret/);
    const [listed] = await eventually(async () => {
      const found = await h.recovery.groups.list({ queue: h.queue, group: two.group });
      return found[0]?.letters === 2 && found;
    });
    assert.equal(listed?.status, 'OPEN');
    assert.deepEqual(listed?.versions, { v1: 2 });
    assert.equal(listed?.sampleId, second);
  });

  test('note, owner, link and mute are in the story with their author; invalid signals change nothing', async () => {
    const h = get();
    const letter = await fail(newCause());
    const group = await handleOf(letter);
    await until(group, ({ letters }) => letters === 1);
    await group.assign('team-billing', { by: 'ada' });
    await group.note('known, password=hunter2', { by: 'ada' });
    await group.link('https://tickets.example/42');
    await group.mute({ for: '1 day', letters: 100, by: 'ada', reason: 'not before Monday' });
    const muted = await until(group, ({ status }) => status === 'MUTED');
    assert.equal(muted.owner, 'team-billing');
    assert.equal(muted.note, 'known, password=[REDACTED]');
    assert.equal(muted.link, 'https://tickets.example/42');
    assert.equal(muted.mutedUpTo, 101);
    assert.deepEqual(
      muted.story.map(({ event, by }) => [event.split(' ')[0], by]),
      [
        ['assigned', 'ada'],
        ['note', 'ada'],
        ['link', h.client.options.identity],
        ['muted', 'ada'],
      ],
    );
    const { connection, options } = h.client;
    const outside = new Client({
      connection,
      namespace: options.namespace,
      identity: 'grace@laptop',
    }).workflow.getHandle(group.workflowId);
    for (const [signal, input] of [
      ['mute', {}],
      ['mute', 7],
      ['assign', { who: 'me' }],
      ['setDefault', 'explode'],
      ['link', { link: 'javascript:alert(1)' }],
      ['report', { v: 1, letters: -1 }],
      ['report', undefined],
    ] as const) {
      await outside.signal(signal, ...(input === undefined ? [] : [input]));
    }
    await eventually(async () =>
      /Rejected as invalid[\s\S]*setDefault: action must be one of wait, discard, park, replayAfterDeploy/.test(
        await detailsOf(group.workflowId),
      ),
    );
    const after = await group.describe();
    assert.deepEqual({ ...after, story: [] }, { ...muted, story: [] });
    await outside.signal('assign', 'grace');
    await outside.signal('unmute');
    const open = await until(group, ({ status }) => status === 'OPEN');
    assert.equal(open.owner, 'grace');
    assert.equal(open.story.at(-1)?.by, 'grace@laptop');
    await assert.rejects(group.mute({ for: 'soon' }), /mute: for must be a duration above 0/);
    await eventually(async () => {
      const query = `WorkflowType = 'deadLetterGroup' AND RecoveryStatus = 'OPEN' AND WorkflowId = '${group.workflowId}'`;
      return (await h.client.workflow.count(query)).count === 1;
    });
    // A query for letters that does not say so finds letters alone.
    const types: string[] = [];
    for await (const { type } of h.client.workflow.list({ query: `RecoveryQueue = '${h.queue}'` }))
      types.push(type);
    assert.deepEqual([...new Set(types)], ['deadLetter']);
  });

  test('resolved: the next letter makes it REGRESSED; letters written before it was resolved do not', async () => {
    const h = get();
    const name = newCause();
    const group = await handleOf(await fail(name));
    await until(group, ({ letters }) => letters === 1);
    await group.resolve({ by: 'ada', reason: 'mended in 1.4.2' });
    const resolved = await until(group, ({ status }) => status === 'RESOLVED');
    const report: GroupReport = {
      ...{ v: 1, worker: 'late', sequence: 1, letters: 3, oldestMs: 3_600_000, newestMs: 3_000_000 },
    };
    const { queue, group: fingerprint, operation, category, pattern } = resolved;
    const cause = { queue, group: fingerprint, operation, category, pattern };
    await reportToGroup(h.client, h.recoveryTaskQueue, cause, report);
    await reportToGroup(h.client, h.recoveryTaskQueue, cause, report);
    const late = await until(group, ({ letters }) => letters > 1);
    assert.deepEqual([late.status, late.letters], ['RESOLVED', 4]);
    await fail(name);
    const back = await until(group, ({ status }) => status === 'REGRESSED');
    assert.equal(back.letters, 5);
    assert.match(back.story.at(-1)?.event ?? '', /regressed in v1/);
  });

  test('default discard: the next letters are written, closed as DISCARDED with the reason; wait again ends it', async () => {
    const h = get();
    const name = newCause();
    const letter = await fail(name);
    const group = await handleOf(letter);
    await group.setDefault('discard', { by: 'ada', reason: 'test data of a partner' });
    await until(group, ({ preset }) => preset.action === 'discard');
    const closed = await eventually(async () => {
      const state = await h.recovery.deadLetters.get(await fail(name)).describe();
      return state.status === 'DISCARDED' && state;
    });
    const { by, reason } = closed.story.at(-1) ?? {};
    assert.deepEqual([by, reason], ['ada', 'default of its group: test data of a partner']);
    assert.equal((await h.recovery.deadLetters.get(letter).state()).status, 'WAITING');
    await group.setDefault('wait');
    await eventually(async () => {
      const state = await h.recovery.deadLetters.get(await fail(name)).describe();
      return state.status === 'WAITING';
    });
  });

  test('default park: the workflow waits for the outcome of its letter', async () => {
    const h = get();
    const name = newCause();
    const group = await handleOf(await fail(name));
    await group.setDefault('park', { by: 'ada' });
    await until(group, ({ preset }) => preset.action === 'park');
    const open = await eventually(async () => {
      const handle = await h.client.workflow.start<typeof callOne>('callOne', {
        workflowId: h.id(randomUUID().slice(0, 8)),
        taskQueue: h.taskQueue,
        args: ['sendInvoice', [name]],
      });
      const ended = await Promise.race([
        handle.result(),
        new Promise<undefined>((resolve) => setTimeout(resolve, 5_000, undefined)),
      ]);
      return ended === undefined && handle;
    });
    const [letter] = await eventually(async () => {
      const found = await h.recovery.deadLetters.list({ queue: h.queue, group: group.group, open: true });
      const ofIt = found.filter(({ originWorkflowId }) => originWorkflowId === open.workflowId);
      return ofIt.length > 0 && ofIt;
    });
    await h.recovery.deadLetters.get(letter?.id ?? '').resolve({ result: 'by hand', by: 'ada' });
    assert.deepEqual(await open.result(), { result: 'by hand' });
  });

  test('redrive: one signal replays its open letters', async (t) => {
    const name = newCause();
    const letters = [await fail(name), await fail(name), await fail(name)];
    const group = await handleOf(letters[0] ?? '');
    await until(group, (snapshot) => snapshot.letters === 3);
    mended = true;
    t.after(() => {
      mended = false;
    });
    await eventually(async () => {
      const count = await get().recovery.deadLetters.count({
        queue: get().queue,
        group: group.group,
        open: true,
      });
      return count === 3;
    });
    await get().client.workflow.getHandle(group.workflowId).signal('redrive', { by: 'ada' });
    for (const letter of letters) {
      await eventually(async () => {
        const { status } = await get().recovery.deadLetters.get(letter).describe();
        return status === 'REPLAYED';
      });
    }
    const { story } = await group.describe();
    assert.match(story.at(-1)?.event ?? '', /^redrive started: redrive\/group-/);
  });

  test('an order to letters that no group has counted makes the group; without letters it is an error', async () => {
    const h = get();
    const letter = await fail(newCause());
    const group = await handleOf(letter);
    await until(group, ({ letters }) => letters === 1);
    await h.client.workflow.getHandle(group.workflowId).terminate('as with letters of an older version');
    await eventually(async () => (await h.recovery.deadLetters.list({ group: group.group })).length === 1);
    await group.assign('ada');
    const made = await until(group, ({ owner }) => owner === 'ada');
    assert.equal(made.operation, 'sendInvoice');
    await assert.rejects(h.recovery.groups.get('0'.repeat(13), h.queue).assign('ada'), {
      name: 'GroupNotFoundError',
    });
  });

  test('many signals: it goes on in new runs, and no letter is counted twice or lost', async () => {
    const h = get();
    const group = `${Date.now()}`;
    const cause = { queue: h.queue, group, operation: 'flood', category: 'SERVER', pattern: 'down' };
    let letters = 0;
    for (let sequence = 1; sequence <= 60; sequence++) {
      await Promise.all(
        Array.from({ length: 40 }, (_, worker) =>
          reportToGroup(h.client, h.recoveryTaskQueue, cause, {
            ...{ v: 1, worker: `w${worker}`, sequence, letters: 2, oldestMs: 5, newestMs: 0 },
            hosts: { [`host-${sequence}`]: 2 },
            versions: { v1: 2 },
          }),
        ),
      );
      letters += 80;
    }
    const handle = h.recovery.groups.get(group, h.queue);
    await handle.assign('ada');
    const all = await until(handle, ({ owner }) => owner === 'ada');
    assert.equal(all.letters, letters);
    assert.equal(all.hosts.length, 20);
    assert.equal(all.versions[0]?.letters, letters);
    const runs = [];
    for await (const { runId } of h.client.workflow.list({ query: `WorkflowId = '${handle.workflowId}'` }))
      runs.push(runId);
    const histories = [];
    for (const runId of runs) {
      const history = await h.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
      if ((history.events?.length ?? 0) > 3) histories.push({ workflowId: runId, history });
    }
    for await (const { error } of Worker.runReplayHistories(
      { workflowBundle: await recoveryBundle() },
      histories,
    ))
      assert.equal(error, undefined);
  });

  test('an earlier state that cannot be read: the group starts from zero, and says so', async () => {
    const h = get();
    const cause = {
      queue: h.queue,
      group: 'unreadable',
      operation: 'send',
      category: 'SERVER',
      pattern: 'x',
    };
    await h.client.workflow.start('deadLetterGroup', {
      ...{ workflowId: groupWorkflowId(cause), taskQueue: h.recoveryTaskQueue },
      args: [{ v: 1, ...cause, searchAttributes: [], state: { status: 'OPEN', letters: 1.5 } }],
    });
    const { story, letters } = await h.recovery.groups.get('unreadable', h.queue).describe();
    assert.equal(letters, 0);
    assert.match(
      story[0]?.event ?? '',
      /^starts from zero, because its earlier state cannot be read: state\./,
    );
    // A reason that grows when its secrets are hidden.
    const group = h.recovery.groups.get('unreadable', h.queue);
    await h.client.workflow
      .getHandle(group.workflowId)
      .signal('setDefault', { action: 'discard', reason: 'pwd=a '.repeat(83) });
    const { preset } = await until(group, (seen) => seen.preset.action === 'discard');
    assert.ok((preset.reason?.length ?? 0) <= 1_000);
    await group.setDefault('wait');
  });

  test('what is no group ends at once and says why', async () => {
    const h = get();
    const handle = await h.client.workflow.start('deadLetterGroup', {
      workflowId: h.id('none'),
      taskQueue: h.recoveryTaskQueue,
      args: [{ v: 1, queue: 'q' }],
    });
    await assert.rejects(handle.result(), (error: Error) => {
      assert.match(String(error.cause), /not that of a group of dead letters: input.group must be/);
      return true;
    });
  });

  test('the fingerprint is that of its letters', async () => {
    const name = newCause();
    const group = await handleOf(await fail(name));
    const error = new ApiLinkerError(`${name} rejected invoice 9`, {
      ...{ errorCategory: ErrorCategory.CLIENT, statusCode: 422 },
    });
    const { category } = await until(group, ({ letters }) => letters === 1);
    assert.equal(
      groupFingerprint('sendInvoice', { ...error.toJSON(), errorCategory: category as ErrorCategory }),
      group.group,
    );
  });
});
