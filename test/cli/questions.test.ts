import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { eventually, useHarness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { cliOf, startCli, text } from './command-line.js';

describe('what the command line says before it acts, and while it waits', () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const write = async (record: string) => {
    if (record === 'slow') return released;
    throw Object.assign(new Error(`record ${record} is refused`), { status: 422 });
  };
  const ids: string[] = [];
  const get = useHarness('cli-questions', async (h) => {
    await h.startWorker({ workflowsPath, activities: { write } });
    for (const record of ['4711', '4712']) {
      const { deadLetterId = '' } = await h.client.workflow.execute<typeof callOne>('callOne', {
        ...{ workflowId: h.id(record), taskQueue: h.taskQueue, args: ['write', [record]] },
      });
      ids.push(deadLetterId);
    }
    await eventually(async () => (await h.recovery.deadLetters.count({ queue: h.queue })) === 2);
  });

  test('letters to be changed are listed by cause, with no number of one record', async () => {
    const { run, json } = cliOf(get());
    for (const which of [ids, ['--queue', get().queue]]) {
      const { code, stderr } = await run(['dlq', 'resolve', ...which]);
      assert.equal(code, 2);
      assert.match(stderr, /^GROUP +LETTERS/);
      assert.match(stderr, / 2 {2}2 WAITING .*VALIDATION 422 +write +record <n> is refused/);
      assert.match(stderr, /Resolve 2 letters\? There is no terminal to answer on: give --yes/);
    }
    const silent = await json(['dlq', 'resolve', ...ids]);
    assert.equal(JSON.parse(silent.stderr).error.exitCode, 2);
    const one = (await get().recovery.deadLetters.groups({ queue: get().queue }))[0];
    assert.equal(one?.pattern, 'record <n> is refused');
  });

  test('replay: that it waits is said once it takes longer', async () => {
    const { recoveryTaskQueue } = get();
    const child = startCli([
      ...['dlq', 'replay', ids[0] ?? '', '--args', '["slow"]', '--recovery-task-queue', recoveryTaskQueue],
    ]);
    child.stdin?.end();
    const [stdout, stderr] = [text(child, 'stdout'), text(child, 'stderr')];
    await eventually(() => stderr().includes('The replay is in flight; Ctrl-C stops waiting'));
    release();
    const [code] = await once(child, 'close');
    assert.equal(code, 0, stderr());
    assert.match(stdout(), /^REPLAYED/);
  });
});
