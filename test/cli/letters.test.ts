import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { DeadLetterQueue } from 'temporal-recovery';
import type { DeadLetterDescription, DeadLetterGroup, DeadLetterSummary } from 'temporal-recovery/client';
import { useHarness } from '../support/harness.js';
import { cliOf } from './command-line.js';
import { Letters } from './letters.js';

type Answers = { id: string; outcome: string; message?: string }[];

describe('the command line and dead letters', () => {
  const letters = new Letters();
  const get = useHarness('cli', (h) => letters.start(h, 4));
  const cli = () => cliOf(get());
  const id = (at: number) => letters.ids[at] ?? '';

  test('list: a table for people, JSON with the names of the client API', async () => {
    const { run, json } = cli();
    const shown = await run(['dlq', 'list', '--queue', get().queue, '--limit', '2']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^ID +STATUS +AGE +CATEGORY +OPERATION +WORKFLOW +MESSAGE\n/);
    assert.match(shown.stdout, /WAITING +\d+[sm] +VALIDATION 422 +write/);
    assert.match(shown.stdout, /The newest 2 of 4 open letters; --limit shows more/);
    assert.ok(!shown.stdout.includes('\u001b'));
    const { answer } = await json<DeadLetterSummary[]>(['dlq', 'list', '--queue', get().queue]);
    assert.deepEqual(answer.map((each) => each.id).sort(), [...letters.ids].sort());
    assert.equal(answer[0]?.category, 'VALIDATION');
    const none = await json<unknown[]>(['dlq', 'list', '--queue', get().queue, '--until', '1h']);
    assert.deepEqual(none.answer, []);
  });

  test('groups: letters of one cause', async () => {
    const { answer } = await cli().json<DeadLetterGroup[]>(['dlq', 'groups', '--queue', get().queue]);
    assert.equal(answer.length, 1);
    assert.equal(answer[0]?.letters, 4);
    const shown = await cli().run(['dlq', 'groups', '--queue', get().queue]);
    assert.match(shown.stdout, / 4 {2}4 WAITING/);
  });

  test('show: by a unique prefix, without secrets unless they are asked for', async () => {
    const { run, json } = cli();
    const prefix = get().id('letter-0');
    const shown = await run(['dlq', 'show', prefix]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /WAITING · written/);
    assert.match(shown.stdout, /Why +VALIDATION \(status 422\): rejected/);
    assert.match(shown.stdout, /dead-lettered/);
    assert.match(shown.stdout, /It is now +completed/);
    assert.match(shown.stdout, /"currency": "EUR"/);
    assert.match(shown.stdout, /temporal-recovery dlq replay /);
    assert.ok(!shown.stdout.includes('hunter2') && !shown.stdout.includes('\u001b'));
    assert.match((await run(['dlq', 'show', prefix, '--reveal'])).stdout, /hunter2/);
    const { answer } = await json<DeadLetterDescription>(['dlq', 'show', id(0)]);
    assert.equal(answer.origin?.status, 'completed');
    assert.deepEqual(answer.args, ['bad', { token: 'hunter2', currency: 'EUR' }]);
    assert.equal(answer.record.id, id(0));
  });

  test('show: what a queue does not show is not shown here either', async () => {
    const h = get();
    const queue = new DeadLetterQueue(h.client, {
      ...{ activity: 'write', activityTaskQueue: h.taskQueue, taskQueue: h.recoveryTaskQueue },
      ...{ queue: h.id('private'), redact: ['/0/customer/email'] },
    });
    const item = await queue.addItem(new Error('no'), {
      customer: { email: 'ada@example.com', name: 'Ada' },
    });
    const shown = await cli().run(['dlq', 'show', item]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /"name": "Ada"/);
    assert.ok(!shown.stdout.includes('ada@example.com'), shown.stdout);
    assert.match((await cli().run(['dlq', 'show', item, '--reveal'])).stdout, /ada@example\.com/);
  });

  test('an ambiguous prefix lists the candidates, an unknown one is not found', async () => {
    const ambiguous = await cli().run(['dlq', 'show', get().id('letter')]);
    assert.equal(ambiguous.code, 2);
    const [first = '', ...candidates] = ambiguous.stderr.trimEnd().split('\n');
    assert.match(first, /Several dead letters have an id that begins with/);
    assert.equal(candidates.length, 4, ambiguous.stderr);
    for (const line of candidates) assert.match(line, /^ {2}[0-9a-z]{8} {2}dead-letter\/\S+letter-\d\/\S+$/);
    const absent = await cli().json(['dlq', 'replay', 'no-such-letter']);
    assert.equal(absent.code, 4);
    assert.equal(JSON.parse(absent.stderr).error.name, 'DeadLetterNotFoundError');
    assert.equal(absent.stdout, '');
  });

  test('replay: waits for the outcome; one that fails again is exit code 1', async () => {
    const failed = await cli().json<Answers>(['dlq', 'replay', id(0), '--by', 'ada', '--reason', 'try']);
    assert.equal(failed.code, 1);
    assert.equal(failed.answer[0]?.outcome, 'FAILED');
    const { story } = await get().recovery.deadLetters.get(id(0)).state();
    const started = story.find(({ event }) => event === 'replay-started');
    assert.equal(started?.by, 'ada');
    const done = await cli().run(['dlq', 'replay', id(0), '--args', '["good"]']);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /^REPLAYED .*\(origin: completed\)/);
    const again = await cli().run(['dlq', 'replay', id(0)]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is closed \(REPLAYED\)/);
  });

  test('bulk needs a confirmation, and without a terminal --yes', async () => {
    const { run } = cli();
    const bulk = [
      ['dlq', 'replay', id(1), id(2)],
      ['dlq', 'discard', id(1), id(2)],
      ['dlq', 'redrive', '--queue', get().queue],
      ['dlq', 'discard', '--queue', get().queue],
    ];
    for (const { code, stderr } of await Promise.all(bulk.map((args) => run(args)))) {
      assert.equal(code, 2, stderr);
      assert.match(stderr, /(Replay|Discard) [234] letters\? There is no terminal.*--yes/);
    }
    assert.equal(await get().recovery.deadLetters.count({ queue: get().queue, status: 'WAITING' }), 3);
  });

  test('which letters must be said, and only once', async () => {
    const { run } = cli();
    for (const args of [
      ['dlq', 'discard'],
      ['dlq', 'redrive'],
      ['dlq', 'discard', id(1), '--group', 'x'],
    ]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /which letters\?|not both/);
    }
  });

  test('edit: the editor’s arguments are replayed; unchanged does nothing; the file is gone', async () => {
    const editor = join(tmpdir(), `${get().id('editor')}.sh`);
    const log = `${editor}.log`;
    const script = (body: string) =>
      writeFile(editor, `#!/bin/sh\necho "$1 $(stat -c %a "$1")" > ${log}\n${body}\n`);
    const edit = (...more: string[]) =>
      cli().json<Answers>(['dlq', 'edit', id(1), ...more], { env: { EDITOR: `sh ${editor}` } });
    try {
      await script('true');
      assert.equal((await edit()).code, 2, 'without a terminal --yes is needed');
      const unchanged = await edit('--yes');
      assert.equal(unchanged.code, 0, unchanged.stderr);
      assert.deepEqual(unchanged.answer, []);

      await script('echo "[ oops" > "$1"');
      const broken = await edit('--yes');
      assert.equal(broken.code, 2);
      const kept = /is in (\S+arguments\.json)/.exec(JSON.parse(broken.stderr).error.message)?.[1] ?? '';
      assert.equal(await readFile(kept, 'utf8'), '[ oops\n');
      await rm(dirname(kept), { recursive: true });

      await script('exit 3');
      assert.equal((await edit('--yes')).code, 1);

      await script('sed -i s/bad/good/ "$1"');
      const done = await edit('--yes', '--by', 'ada');
      assert.equal(done.code, 0, done.stderr);
      assert.equal(done.answer[0]?.outcome, 'REPLAYED');
      assert.deepEqual(letters.seen.at(-1), ['good', { token: 'hunter2', currency: 'EUR' }]);
      const [file = '', mode] = (await readFile(log, 'utf8')).trim().split(' ');
      assert.equal(mode, '600');
      await assert.rejects(readdir(dirname(file)), /ENOENT/);
    } finally {
      await Promise.all([editor, log].map((file) => rm(file, { force: true })));
    }
  });

  test('resolve and discard by id; --args-file from stdin', async () => {
    const resolved = await cli().json<Answers>(['dlq', 'resolve', id(2), '--result', '{"ok":true}']);
    assert.equal(resolved.code, 0, resolved.stderr);
    assert.equal(resolved.answer[0]?.outcome, 'RESOLVED');
    const bad = await cli().run(['dlq', 'resolve', id(3), '--result', 'ok']);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /--result must be JSON/);
    const edited = await cli().json<Answers>(['dlq', 'edit', id(3), '--args-file', '-'], {
      input: '["good", 1]',
    });
    assert.equal(edited.answer[0]?.outcome, 'REPLAYED', edited.stderr);
    assert.deepEqual(letters.seen.at(-1), ['good', 1]);
  });
});
