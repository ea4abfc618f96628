import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { DeadLetterQueue, RecoveryClient, type StartRedriveOptions } from 'temporal-recovery/client';
import { eventually, useHarness } from '../support/harness.js';
import { makeLetters, refuse, Target, type TestRecord } from './scene.js';

const workflowsPath = require.resolve('./workflows.js');

describe('redrive', { concurrency: 4 }, () => {
  const get = useHarness('redrive', (h) =>
    // Its recovery worker serves all tests of this file.
    h.startWorker({ taskQueue: h.id('recovery'), workflowsPath }),
  );

  /** A task queue with a target of its own, and letters of it. */
  const scene = async (name: string, count: number, options: object = {}) => {
    const h = get();
    const target = new Target();
    const taskQueue = h.id(name);
    await h.startWorker({
      taskQueue,
      workflowsPath,
      activities: {
        ...target.activities,
        addDomain: async (record: TestRecord) => [{ ...record, email: `${record.id}@new.example` }],
        failing: async () => refuse(),
      },
      plugins: [h.plugin({ queue: taskQueue, ...options })],
    });
    const letters = await makeLetters(h, taskQueue, taskQueue, count);
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });
    const start = (request: StartRedriveOptions) =>
      recovery.redrives.start({ by: 'ada', reason: 'test', ...request });
    const statuses = async () =>
      Promise.all(letters.map(async (id) => (await recovery.deadLetters.get(id).state()).status));
    return { h, target, queue: taskQueue, letters, recovery, start, statuses };
  };

  test('replays the letters of a filter; the report has the outcome of each', async () => {
    const { target, queue, letters, start, recovery } = await scene('all', 30);
    target.answer = (record) => (record.id % 10 === 3 ? refuse() : 'written');
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const redrive = await start({ filter: { queue }, rate: 100, concurrency: 20 });
    const report = await redrive.result();
    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
    assert.equal(report.status, 'COMPLETED', report.why);
    assert.deepEqual([report.total, report.replayed, report.failed, report.untouched], [30, 27, 3, 0]);
    assert.deepEqual(report.outcomes.map(({ id }) => id).sort(), [...letters].sort());
    assert.equal(report.outcomes.find(({ outcome }) => outcome === 'FAILED')?.message, 'refused');
    assert.equal(report.groups[0]?.letters, 30);
    const read = [];
    for await (const outcome of redrive.outcomes()) read.push(outcome);
    assert.deepEqual(read.map(({ id }) => id).sort(), [...letters].sort());
    for (let id = 0; id < 30; id++) assert.equal(target.callsOf(id), 2, `record ${id}`);
    const { story } = await recovery.deadLetters.get(letters[0] ?? '').state();
    assert.equal(story[1]?.by, 'ada');
    assert.equal(story[1]?.reason, `test · ${redrive.id}`);
  });

  test('a dry run tells what would be done, and does nothing', async () => {
    const { target, queue, start, statuses } = await scene('dry', 5);
    const redrive = await start({
      filter: { queue, category: 'VALIDATION' },
      dryRun: true,
      transform: { patch: [{ op: 'replace', path: '/0/email', value: 'new@example.com' }] },
    });
    const report = await redrive.result();
    assert.deepEqual([report.total, report.replayed, report.untouched], [5, 0, 5]);
    assert.equal(report.previews?.length, 5);
    const [preview] = report.previews ?? [];
    assert.ok(preview);
    const [before] = preview.before as [TestRecord];
    const [after] = preview.after as [TestRecord];
    assert.equal(before.email, `${before.id}@example.com`);
    assert.deepEqual(after, { id: before.id, email: 'new@example.com' });
    assert.equal(target.calls.length, 5);
    assert.deepEqual(new Set(await statuses()), new Set(['WAITING']));
  });

  test('counts what became of the workflows the letters came from, and skips letters by it', async () => {
    const { h, target, queue, letters, start, recovery } = await scene('origins', 4);
    const { workflowId } = await h.client.workflow.start('writeAndStay', {
      ...{ workflowId: `${queue}-open`, taskQueue: queue, args: [4, 2] },
    });
    await eventually(async () => (await h.recovery.deadLetters.count({ queue })) === 6);
    const items = new DeadLetterQueue(h.client, {
      ...{
        activity: 'write',
        activityTaskQueue: queue,
        taskQueue: h.recoveryTaskQueue,
        queue: h.id('items'),
      },
    });
    const item = await items.addItem(new Error('no'), { id: 9 });
    const skipOrigins = ['open'] as const;
    const origins = { completed: 4, open: 2 };

    const dry = await (await start({ filter: { queue }, dryRun: true, skipOrigins })).result();
    assert.deepEqual([dry.origins, dry.skipOrigins, dry.skipped], [origins, ['open'], 0]);
    // Items of a queue come from no workflow, and unknown letters from none that could be looked up.
    const ids = [...letters, item, 'dead-letter/unknown'];
    const byIds = await (await start({ ids, dryRun: true })).result();
    assert.deepEqual([byIds.total, byIds.origins], [6, { completed: 4 }]);
    assert.equal(target.calls.length, 6);

    target.answer = () => 'written';
    const redrive = await start({ filter: { queue }, skipOrigins });
    const report = await redrive.result();
    assert.deepEqual([report.replayed, report.skipped, report.origins], [4, 2, origins]);
    for (const id of [4, 5]) assert.equal(target.callsOf(id), 1);
    const skipped = report.outcomes.filter(({ outcome }) => outcome === 'SKIPPED');
    assert.deepEqual(
      skipped.map(({ origin }) => origin),
      ['open', 'open'],
    );
    assert.match(skipped[0]?.message ?? '', /The workflow it came from is open, and such letters/);
    assert.equal((await recovery.deadLetters.get(skipped[0]?.id ?? '').state()).status, 'WAITING');
    await h.client.workflow.getHandle(workflowId).terminate();
    const rest = await (await start({ filter: { queue }, skipOrigins })).result();
    assert.deepEqual([rest.replayed, rest.origins], [2, { terminated: 2 }]);
  });

  test('arguments are edited by a JSON Patch; letters it does not fit are skipped and stay as they are', async () => {
    const { target, queue, start, letters, recovery } = await scene('patch', 4);
    target.answer = (record) => (record.email === 'new@example.com' ? 'written' : refuse());
    const report = await (
      await start({
        filter: { queue },
        transform: {
          patch: [
            { op: 'test', path: '/0/id', value: 2 },
            { op: 'replace', path: '/0/email', value: 'new@example.com' },
          ],
        },
      })
    ).result();
    assert.deepEqual([report.replayed, report.skipped, report.failed], [1, 3, 0]);
    const skipped = report.outcomes.find(({ outcome }) => outcome === 'SKIPPED');
    assert.equal(skipped?.message, 'The patch does not fit: test /0/id: the value is another one');
    const replayed = report.outcomes.find(({ outcome }) => outcome === 'REPLAYED')?.id ?? '';
    assert.ok(letters.includes(replayed));
    const { story, args } = await recovery.deadLetters.get(replayed).describe();
    assert.equal(story.at(-1)?.edited, true);
    assert.deepEqual(args, [{ id: 2, email: '2@example.com' }]);
  });

  test('arguments are mapped by an activity of the user; one that fails skips the letter', async () => {
    const { target, queue, start } = await scene('mapped', 3);
    target.answer = (record) => (record.email?.endsWith('@new.example') ? 'written' : refuse());
    const failed = await (await start({ filter: { queue }, transform: { activity: 'failing' } })).result();
    assert.deepEqual([failed.replayed, failed.skipped], [0, 3]);
    assert.match(
      failed.outcomes[0]?.message ?? '',
      /^Activity failing on task queue .* gave no arguments: refused/,
    );
    const report = await (await start({ filter: { queue }, transform: { activity: 'addDomain' } })).result();
    assert.equal(report.replayed, 3, JSON.stringify(report.outcomes));
  });

  test('a canary that fails stops it before the others are touched', async () => {
    const { target, queue, start } = await scene('canary', 12);
    const report = await (await start({ filter: { queue }, canary: 2, rate: 100 })).result();
    assert.equal(report.status, 'STOPPED');
    assert.match(report.why ?? '', /a letter of the canary failed: refused/);
    // Letters that are skipped prove nothing.
    const patch = [{ op: 'test' as const, path: '/0/id', value: 11 }];
    const choosy = await (
      await start({ filter: { queue }, canary: 2, rate: 100, transform: { patch } })
    ).result();
    assert.deepEqual([choosy.status, choosy.failed, choosy.replayed], ['STOPPED', 1, 0]);
    assert.deepEqual([report.failed, report.untouched], [2, 10]);
    assert.equal(target.calls.length, 15);
    target.answer = () => 'written';
    const again = await (await start({ filter: { queue }, canary: 2, rate: 100 })).result();
    assert.deepEqual([again.status, again.replayed], ['COMPLETED', 12]);
  });

  test('stops when more than a share has failed', async () => {
    const { target, queue, start } = await scene('share', 40);
    target.answer = (record) => (record.id % 4 === 0 ? 'written' : refuse());
    const report = await (await start({ filter: { queue }, rate: 5, maxFailureShare: 0.5 })).result();
    assert.equal(report.status, 'STOPPED');
    assert.match(report.why ?? '', /% failed, more than 50 %/);
    // At the latest after 30 of 40, should the 10 that are written all come first.
    assert.ok(report.untouched >= 10, `${report.untouched} untouched`);
  });

  test('pauses, goes on at another rate, and is cancelled, with who and why', async () => {
    const { h, target, queue, start } = await scene('orders', 40);
    target.answer = () => 'written';
    const redrive = await start({ filter: { queue }, rate: 2 });
    await eventually(async () => (await redrive.progress()).replayed > 0);
    await redrive.pause({ by: 'bob', reason: 'lunch' });
    const paused = await eventually(async () => {
      const progress = await redrive.progress();
      return progress.status === 'PAUSED' && progress;
    });
    assert.ok(paused.done < 40);
    await h.client.workflow.getHandle(redrive.id).signal('setRate', 'fast');
    await redrive.setRate(4);
    await redrive.resume();
    await eventually(async () => (await redrive.progress()).done > paused.done);
    const { rate, timeLeftMs } = await redrive.progress();
    assert.equal(rate, 4);
    assert.ok((timeLeftMs ?? 0) > 0);
    await redrive.cancel({ by: 'bob', reason: 'enough' });
    const report = await redrive.result();
    assert.equal(report.status, 'CANCELLED');
    assert.equal(report.why, 'cancelled by bob (enough)');
    assert.ok(report.untouched > 0 && report.replayed >= paused.done);
    assert.equal(target.calls.length, 40 + report.replayed);
    const metadata = await h.client.workflow
      .getHandle(redrive.id)
      .query<{ currentDetails?: string }, []>('__temporal_workflow_metadata');
    assert.match(metadata.currentDetails ?? '', /CANCELLED[\s\S]*pause by bob \(lunch\)/);
    assert.match(metadata.currentDetails ?? '', /rejected as invalid, nothing changed: setRate/);
    await assert.rejects(redrive.pause(), { name: 'RedriveNotFoundError' });
  });

  test('at a low rate no order begins the next letter before its time, but that of a new rate', async () => {
    const { target, queue, start } = await scene('low', 3);
    const calledAt: number[] = [];
    target.answer = () => {
      calledAt.push(performance.now());
      return 'written';
    };
    const redrive = await start({ filter: { queue }, rate: 0.12 });
    await eventually(() => calledAt.length === 1);
    await eventually(async () => (await redrive.progress()).done === 1);
    await redrive.pause();
    await eventually(async () => (await redrive.progress()).status === 'PAUSED');
    await redrive.resume();
    await redrive.setRate(0.15);
    await eventually(() => calledAt.length === 2);
    const [first = 0, second = 0] = calledAt;
    assert.ok(second - first > 6_000, `${second - first} ms after the first`);
    await redrive.setRate(10);
    assert.equal((await redrive.result()).replayed, 3);
    assert.ok(performance.now() - second < 6_000, 'the third at once');
  });

  test('goes on without waiting for slow replays, and has their outcome in the end', async () => {
    const { target, queue, start } = await scene('slow', 12);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    target.answer = async (record) => {
      if (record.id === 5) await released;
      return 'written';
    };
    const redrive = await start({ filter: { queue }, rate: 50, concurrency: 3 });
    await eventually(async () => (await redrive.progress()).replayed === 11);
    assert.equal((await redrive.progress()).running, 1);
    // Whoever ends it gets the outcome of what is under way.
    await redrive.cancel();
    await eventually(async () => (await redrive.progress()).status === 'FINISHING');
    release();
    const report = await redrive.result();
    assert.deepEqual([report.status, report.replayed, report.untouched], ['CANCELLED', 12, 0]);
    assert.equal(target.callsOf(5), 2);
  });

  test('a redrive with the id of an earlier one is another one', async () => {
    const { h, target, queue, start } = await scene('again', 2);
    const id = h.id('nightly');
    const first = await (await start({ id, filter: { queue }, maxFailureShare: 1 })).result();
    assert.equal(first.failed, 2);
    target.answer = () => 'written';
    const second = await (await start({ id, filter: { queue } })).result();
    assert.equal(second.replayed, 2);
    assert.equal(target.calls.length, 6);
  });

  test('letters by id; those that are closed or unknown are skipped', async () => {
    const { target, letters, start, recovery } = await scene('ids', 3);
    target.answer = () => 'written';
    const [first = '', second = ''] = letters;
    await recovery.deadLetters.get(first).discard({ by: 'bob' });
    const report = await (await start({ ids: [first, second, 'dead-letter/none'] })).result();
    assert.deepEqual([report.total, report.replayed, report.skipped], [3, 1, 2]);
    const messageOf = (id: string) => report.outcomes.find((outcome) => outcome.id === id)?.message;
    assert.equal(messageOf(first), 'The letter was DISCARDED already, by bob');
    assert.match(messageOf('dead-letter/none') ?? '', /No dead letter has the id/);
  });

  test('resolves or discards a whole group', async () => {
    const { queue, start, recovery, statuses } = await scene('group', 6);
    const [group] = await recovery.deadLetters.groups({ queue });
    assert.ok(group);
    assert.deepEqual([group.letters, group.message, group.category], [6, 'refused', 'VALIDATION']);
    assert.deepEqual(group.statuses, { WAITING: 6 });
    assert.ok(group.firstSeen <= group.lastSeen);
    const resolved = await (
      await start({
        action: 'resolve',
        filter: { queue, group: group.group },
        limit: 2,
        result: { by: 'hand' },
      })
    ).result();
    assert.deepEqual([resolved.resolved, resolved.truncated], [2, true]);
    assert.equal(resolved.groups[0]?.letters, 2, 'of those that were taken');
    // What was closed a moment ago may still be listed.
    await eventually(async () => (await recovery.deadLetters.groups({ queue }))[0]?.letters === 4);
    const discarded = await (
      await start({ action: 'discard', filter: { queue, group: group.group }, rate: 100 })
    ).result();
    assert.equal(discarded.discarded, 4);
    assert.deepEqual((await statuses()).sort(), [...Array(4).fill('DISCARDED'), 'RESOLVED', 'RESOLVED']);
  });

  test('a wrong request is refused before any work starts, from any starter', async () => {
    const { h, recovery } = await scene('wrong', 1);
    const wrong: [StartRedriveOptions, RegExp][] = [
      [{}, /which letters\? Give ids, filter or query/],
      [{ filter: {}, rate: 0 }, /rate: .*0\.01/],
      [{ filter: { category: 'BAD' as never } }, /category must be one of/],
      [
        { filter: {}, transform: { patch: [{ op: 'replace', path: 'email', value: 1 }] } },
        /path into the arguments/,
      ],
      [{ filter: {}, concurency: 5 } as never, /concurency: unknown field; known are action, filter/],
      [{ filter: {}, action: 'discard', transform: { activity: 'x' } }, /transform is for action replay/],
      [{ filter: {}, action: 'resolve', skipOrigins: ['open'] }, /skipOrigins is for action replay; got/],
      [{ filter: {}, skipOrigins: ['done'] as never }, /skipOrigins\.0: .*"open"\|"completed"/],
    ];
    for (const [request, message] of wrong) {
      await assert.rejects(recovery.redrives.start(request), { name: 'InvalidRequestError', message });
    }
    const handle = await h.client.workflow.start('redrive', {
      taskQueue: h.recoveryTaskQueue,
      workflowId: `redrive/${h.id('by-hand')}`,
      args: [{ filter: { qeue: 'x' } }],
    });
    await assert.rejects(handle.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError);
      assert.match(error.cause?.message ?? '', /unknown field "qeue"; known are queue, category/);
      return true;
    });
    await assert.rejects(recovery.redrives.get(handle.workflowId).result(), { name: 'InvalidRequestError' });
    const odd = await recovery.redrives.start({ query: 'NoSuchAttribute = 1' });
    await assert.rejects(odd.result(), {
      name: 'InvalidRequestError',
      message: /the server does not take the query: .*NoSuchAttribute/,
    });
    await assert.rejects(recovery.redrives.get('redrive/none').progress(), { name: 'RedriveNotFoundError' });
  });

  test('started by hand it is signed by whom the server knows as its starter', async () => {
    const { h, queue, recovery } = await scene('by-hand', 1);
    const workflowId = `redrive/${h.id('by-hand-2')}`;
    const { client, namespace } = h;
    await new Client({ connection: client.connection, namespace, identity: 'grace' }).workflow.start(
      'redrive',
      {
        ...{ taskQueue: h.recoveryTaskQueue, workflowId },
        args: [{ filter: { queue } }],
      },
    );
    const redrive = recovery.redrives.get(workflowId);
    assert.equal((await redrive.result()).by, 'grace');
  });

  test('a letter is found by how its id begins', async () => {
    const { letters, recovery, queue } = await scene('find', 3);
    const [first = ''] = letters;
    assert.equal(await recovery.deadLetters.find(first), first);
    assert.equal(await recovery.deadLetters.find(first.slice(0, -1)).catch(() => first), first);
    assert.equal(await recovery.deadLetters.find(first.replace('dead-letter/', '')), first);
    await assert.rejects(recovery.deadLetters.find(`${queue}-origin`), {
      name: 'InvalidRequestError',
      message: /Several dead letters have an id that begins with/,
    });
    await assert.rejects(recovery.deadLetters.find('nothing-like-it'), { name: 'DeadLetterNotFoundError' });
  });
});
