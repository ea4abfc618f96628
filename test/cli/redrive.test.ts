import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { type LetterOutcome, RecoveryClient, type RedriveReport } from 'temporal-recovery/client';
import { eventually, useHarness } from '../support/harness.js';
import { cliOf, startCli, text } from './command-line.js';
import { Letters } from './letters.js';

describe('the command line and many dead letters', () => {
  const letters = new Letters();
  const get = useHarness('cli-redrive', (h) => letters.start(h, 3));
  const cli = () => cliOf(get());
  const id = (at: number) => letters.ids[at] ?? '';

  test('redrive: a dry run, a run with a patch, its report later, and a bulk discard', async () => {
    const { json, run } = cli();
    const which = ['--queue', get().queue];
    const patch = '[{"op":"replace","path":"/0","value":"good"}]';
    const dry = await json<RedriveReport>(['dlq', 'redrive', ...which, '--dry-run', '--patch', patch]);
    assert.equal(dry.code, 0, dry.stderr);
    assert.equal(dry.answer.total, 3);
    assert.equal(dry.answer.dryRun, true);
    const skipping = [...which, '--skip-origins', 'completed,timedOut'];
    const look = await run(['dlq', 'redrive', ...skipping, '--dry-run']);
    assert.match(look.stdout, /Their workflows: 3 completed; 3 would be skipped/);
    const skipped = await json<RedriveReport>(['dlq', 'redrive', ...skipping, '--yes']);
    assert.deepEqual([skipped.answer.skipped, skipped.answer.origins], [3, { completed: 3 }]);
    const misspelt = await run(['dlq', 'redrive', ...which, '--skip-origins', 'completed,done']);
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /--skip-origins must be one of open, completed, .*; got "done"/);
    const failing = await run(['dlq', 'redrive', ...which, '--limit', '1', '--yes', '--id', get().id('one')]);
    assert.equal(failing.code, 1, failing.stderr);
    assert.match(failing.stdout, /1 failed of 1 letter/);
    const done = await json<RedriveReport & { id: string }>(
      ['dlq', 'redrive', '--ids-file', '-', '--yes', '--patch', patch],
      { input: `${id(0)}\n${id(1).replace('dead-letter/', '')}\n` },
    );
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.answer.replayed, 2);
    const again = await json<RedriveReport>(['dlq', 'redrive', 'show', done.answer.id]);
    assert.equal(again.answer.replayed, 2);
    const outcomes = await json<LetterOutcome[]>(['dlq', 'redrive', 'outcomes', done.answer.id]);
    assert.equal(outcomes.answer.length, 2);
    const over = await run(['dlq', 'redrive', 'pause', done.answer.id]);
    assert.equal(over.code, 4);
    const discarded = await json<RedriveReport>(['dlq', 'discard', ...which, '--yes', '--reason', 'old']);
    assert.equal(discarded.code, 0, discarded.stderr);
    assert.equal(discarded.answer.discarded, 1);
  });

  test('redrive: can be started and left, paused, sped up and cancelled', async () => {
    const { json, run } = cli();
    const more = await Promise.all([1, 2, 3, 4, 5].map((at) => letters.add(get(), `more-${at}`)));
    const ids = more.join('\n');
    const started = await json<{ id: string }>(
      ['dlq', 'redrive', '--ids-file', '-', '--rate', '0.05', '--concurrency', '1', '--yes', '--detach'],
      { input: ids },
    );
    assert.equal(started.code, 0, started.stderr);
    const name = started.answer.id.replace('redrive/', '');
    for (const order of [['pause'], ['resume'], ['set-rate', '0.1'], ['cancel', '--reason', 'enough']]) {
      const [verb = '', ...rest] = order;
      const sent = await run(['dlq', 'redrive', verb, name, ...rest]);
      assert.equal(
        sent.code,
        0,
        `${verb}: ${sent.stderr} ${(await run(['dlq', 'redrive', 'show', name])).stdout}`,
      );
    }
    const watched = await run(['dlq', 'redrive', 'watch', name]);
    assert.equal(watched.code, 1, watched.stderr);
    assert.match(watched.stdout, /CANCELLED/);
  });

  test('redrive: one that was terminated is no bad usage, one whose input is wrong is', async () => {
    const h = get();
    const { client } = h;
    const recovery = new RecoveryClient({ client, taskQueue: h.id('terminated') });
    const redrive = await recovery.redrives.start({ ids: [id(0)], id: h.id('terminated') });
    await client.workflow.getHandle(redrive.id).terminate();
    await assert.rejects(redrive.result(), WorkflowFailedError);
    const bad = await client.workflow.start('redrive', {
      ...{ workflowId: `redrive/${h.id('bad')}`, taskQueue: h.recoveryTaskQueue, args: [{ colour: 'red' }] },
    });
    for (const [workflowId, code, message] of [
      [redrive.id, 1, /terminated/i],
      [bad.workflowId, 2, /colour/],
    ] as const) {
      const watched = await cli().run(['dlq', 'redrive', 'watch', workflowId]);
      assert.equal(watched.code, code, watched.stderr);
      assert.match(watched.stderr, message);
    }
  });

  test('redrive: where no recovery worker answers it is said, and Ctrl-C leaves it waiting', async () => {
    const queue = get().id('nobody');
    const child = startCli([
      ...['dlq', 'redrive', '--ids-file', '-', '--yes', '--json', '--recovery-task-queue', queue],
    ]);
    child.stdin?.end(id(0));
    const [stdout, stderr] = [text(child, 'stdout'), text(child, 'stderr')];
    await eventually(() => stderr().includes(`No recovery worker answered on task queue "${queue}"`));
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    assert.equal(code, 130);
    assert.match(stderr(), /goes on/);
    assert.equal(stdout(), '');
  });

  test('errors: what was dead-lettered, by category and hour', async () => {
    const shown = await cli().run(['errors', '--queue', get().queue, '--since', '1h']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /8 dead letters were written since .*calls that failed for good/);
    assert.match(shown.stdout, /By category\n +8 {2}VALIDATION/);
    const { answer } = await cli().json<{ total: number; byHour: { letters: number }[] }>([
      ...['errors', '--queue', get().queue],
    ]);
    assert.equal(answer.total, 8);
    assert.equal(
      answer.byHour.reduce((sum, { letters }) => sum + letters, 0),
      8,
    );
  });
});
