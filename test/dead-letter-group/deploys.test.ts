import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import type { GroupSnapshot } from 'temporal-recovery/client';
import { reportToGroup } from '../../client/dead-letter-group/entity.js';
import { groupFingerprint } from '../../common/dead-letter/group.js';
import { ApiLinkerError, ErrorCategory } from '../../common/errors/index.js';
import { endWorker, forkWorker } from '../support/fork-worker.js';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import type { BuildProcess } from './build-process.js';

const LETTERS = 5;

describe('replay after a deploy', () => {
  const get = useHarness('deploys', (h) =>
    h.startWorker({ workflowsPath, taskQueue: `${h.taskQueue}-none`, plugins: [h.plugin()] }),
  );

  const stage = async (t: TestContext, name: string) => {
    const h = get();
    const [taskQueue, queue] = [h.id(name), h.id(`${name}-letters`)];
    const error = new ApiLinkerError('unknown format', {
      ...{ errorCategory: ErrorCategory.VALIDATION, statusCode: 422 },
    });
    const fingerprint = groupFingerprint('convert', error.toJSON());
    const cause = {
      queue,
      group: fingerprint,
      operation: 'convert',
      category: 'VALIDATION',
      statusCode: 422,
    };
    // With a letter that is not there, so that it exists with these settings.
    await reportToGroup(
      h.client,
      h.recoveryTaskQueue,
      { ...cause, pattern: 'unknown format', goneMs: 1_000 },
      { v: 1, worker: 'test', sequence: 1, letters: 1, oldestMs: 0, newestMs: 0 },
    );
    const group = h.recovery.groups.get(fingerprint, queue);
    await group.setDefault('replayAfterDeploy', { by: 'ada', reason: 'format of 2027' });
    const children: ChildProcess[] = [];
    t.after(() => Promise.all(children.map(endWorker)));
    const start = async (build: string, works: boolean) => {
      const settings: BuildProcess = {
        ...{ build, works, taskQueue, queue, recoveryTaskQueue: h.recoveryTaskQueue },
        ...{ namespace: h.namespace, connectionOptions: h.connectionOptions },
      };
      const child = await forkWorker(require.resolve('./build-process.js'), settings);
      children.push(child);
      return () => endWorker(child);
    };
    const fail = async (id: string) => {
      const { deadLetterId } = await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: h.id(`${name}-${id}`), taskQueue, args: ['convert', [id]] },
      });
      assert.ok(deadLetterId);
      return deadLetterId;
    };
    const until = (condition: (snapshot: GroupSnapshot) => boolean) =>
      eventually(async () => {
        const snapshot = await group.describe();
        return condition(snapshot) && snapshot;
      });
    const statusesOf = (letters: readonly string[]) =>
      Promise.all(letters.map(async (id) => (await h.recovery.deadLetters.get(id).describe()).status));
    return { group, start, fail, until, statusesOf };
  };
  const failAll = async (fail: (id: string) => Promise<string>) => {
    const letters: string[] = [];
    for (let at = 0; at < LETTERS; at++) letters.push(await fail(`${at}`));
    return letters;
  };

  test('a build that works: one letter first, then the others; the group is resolved', async (t) => {
    const { start, fail, until, statusesOf } = await stage(t, 'good');
    const stopOld = await start('1.0.0', false);
    const letters = await failAll(fail);
    const before = await until(({ versions }) => versions[0]?.letters === LETTERS);
    assert.equal(before.versions[0]?.name, '1.0.0');
    // No letter is replayed while only the build runs that failed.
    assert.deepEqual([...new Set(await statusesOf(letters))], ['WAITING']);
    await stopOld();
    await start('1.1.0', true);
    const after = await until(({ status }) => status === 'RESOLVED');
    assert.deepEqual([...new Set(await statusesOf(letters))], ['REPLAYED']);
    const events = after.story.map(({ event }) => event);
    assert.ok(events.includes('workers run 1.1.0: redrive started, one letter first'), events.join('\n'));
    assert.ok(
      events.includes(`redrive with 1.1.0: ${LETTERS} of ${LETTERS} letters replayed`),
      events.join('\n'),
    );
    const redrives = await get().recovery.redrives.list();
    const { by, reason } = await get()
      .recovery.redrives.get(redrives[0]?.id ?? '')
      .progress();
    assert.equal(by, 'ada');
    assert.match(reason ?? '', /replay after a deploy: 1\.1\.0; format of 2027/);
  });

  test('a build that fails too: one letter is replayed, the others are not touched, until a build works', async (t) => {
    const h = get();
    const { start, fail, until, statusesOf } = await stage(t, 'bad');
    const stopOld = await start('2.0.0', false);
    const letters = await failAll(fail);
    await until(({ versions }) => versions[0]?.letters === LETTERS);
    await stopOld();
    const stopBad = await start('2.1.0', false);
    const tried = await until(({ story }) => story.some(({ event }) => /ended as STOPPED/.test(event)));
    assert.match(
      tried.story.at(-1)?.event ?? '',
      /redrive with 2\.1\.0 .*0 of 5 .*5 wait.*waits for the next build/,
    );
    const replays = await Promise.all(
      letters.map(async (id) => (await h.recovery.deadLetters.get(id).state()).replays),
    );
    assert.deepEqual(replays.sort(), [0, 0, 0, 0, 1]);
    assert.notEqual(tried.status, 'RESOLVED');
    await stopBad();
    await start('2.2.0', true);
    await until(({ status }) => status === 'RESOLVED');
    assert.deepEqual([...new Set(await statusesOf(letters))], ['REPLAYED']);
  });
});
