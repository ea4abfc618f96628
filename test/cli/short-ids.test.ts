import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type DeadLetterSummary,
  type RedriveReport,
  type RequestOutcome,
  shortLetterId,
} from 'temporal-recovery/client';
import { letterColumns } from '../../cli/commands/dlq/columns.js';
import { Output } from '../../cli/output/output.js';
import { table } from '../../cli/output/table.js';
import { displayWidth } from '../../cli/output/width.js';
import { isShortLetterId } from '../../common/dead-letter/short-id.js';
import { useHarness } from '../support/harness.js';
import { cliOf } from './command-line.js';
import { Letters } from './letters.js';

describe('short ids of letters', () => {
  const letters = new Letters();
  const get = useHarness('short-ids', (h) => letters.start(h, 4));
  const cli = () => cliOf(get());
  const id = (at: number) => letters.ids[at] ?? '';
  const short = (at: number) => shortLetterId(id(at));

  test('are derived from the id and never change', () => {
    assert.equal(shortLetterId('dead-letter/sync-42/write/6f1d/5'), 'rzy6426v');
    assert.notEqual(shortLetterId('dead-letter/sync-42/write/6f1d/6'), 'rzy6426v');
    const made = Array.from({ length: 10_000 }, (_, at) => shortLetterId(`dead-letter/${at}`));
    assert.ok(made.every(isShortLetterId));
    assert.equal(new Set(made).size, made.length);
  });

  test('are in the list, first, and name a letter wherever one is named', async () => {
    const { run, json } = cli();
    const listed = await run(['dlq', 'list', '--queue', get().queue]);
    for (const at of [0, 1, 2, 3]) assert.match(listed.stdout, new RegExp(`^${short(at)} +WAITING`, 'm'));
    assert.equal(await get().recovery.deadLetters.find(short(2)), id(2));
    const shown = await run(['dlq', 'show', short(0)]);
    assert.match(shown.stdout, new RegExp(`^${id(0)}\n`), shown.stderr);
    assert.match(shown.stdout, new RegExp(`Short id +${short(0)}`));
    assert.match(shown.stdout, new RegExp(`temporal-recovery dlq replay ${short(0)}`));
    const two = await json<({ id: string } & RequestOutcome)[]>([
      ...['dlq', 'discard', short(0), id(1), '--yes'],
    ]);
    assert.deepEqual(
      two.answer.map(({ id: which, outcome }) => [which, outcome]),
      [
        [id(0), 'DISCARDED'],
        [id(1), 'DISCARDED'],
      ],
    );
    const report = await json<RedriveReport>(
      [
        'dlq',
        'redrive',
        '--ids-file',
        '-',
        '--yes',
        '--patch',
        '[{"op":"replace","path":"/0","value":"good"}]',
      ],
      { input: `${short(2)}\n` },
    );
    assert.equal(report.answer.replayed, 1, report.stderr);
  });

  test('of no letter are not found', async () => {
    const { code, stderr } = await cli().run(['dlq', 'show', 'zzzzzzzz']);
    assert.equal(code, 4);
    assert.match(stderr, /No dead letter has the id "zzzzzzzz"/);
  });

  test('a list is of open letters; --all and --status have the closed ones', async () => {
    const { run, json } = cli();
    const which = ['--queue', get().queue];
    const listed = async (...more: string[]) => {
      const { answer, stderr } = await json<DeadLetterSummary[]>(['dlq', 'list', ...which, ...more]);
      assert.equal(stderr, '');
      return answer.map((letter) => letter.shortId).sort();
    };
    assert.deepEqual(await listed(), [short(3)]);
    assert.deepEqual(await listed('--all'), [0, 1, 2, 3].map(short).sort());
    assert.deepEqual(await listed('--status', 'DISCARDED'), [0, 1].map(short).sort());
    assert.match(
      (await run(['dlq', 'list', ...which])).stdout,
      /^1 open letter; --all shows the closed ones/m,
    );
    const lines = await run(['dlq', 'list', ...which, '--all', '-o', 'jsonl']);
    const parsed = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as DeadLetterSummary);
    assert.deepEqual(parsed.map((letter) => letter.shortId).sort(), [0, 1, 2, 3].map(short).sort());
    const wide = await run(['dlq', 'list', ...which, '-o', 'wide']);
    assert.match(wide.stdout, /QUEUE +GROUP +ATTEMPTS +LETTER/);
    assert.ok(wide.stdout.includes(id(3).replace('dead-letter/', '')));
    const asTemporalSaysIt = await run(['-o', 'text', 'dlq', 'list', ...which]);
    assert.match(asTemporalSaysIt.stdout, /^ID +STATUS/);
  });
});

test('a letter is one line of 110 columns, and of 80', () => {
  const letter: DeadLetterSummary = {
    ...{ id: 'dead-letter/country-sync-2026-11-26/writeCountry/0af3/5', shortId: 'rzy6426v' },
    ...{ status: 'REPLAYING', createdAt: new Date(), category: 'VALIDATION', statusCode: 422 },
    ...{ operation: 'writeCountryToTarget', originWorkflowId: 'country-sync-2026-11-26' },
    message: 'PUT /countries/ATA answered 422: "capital" must NOT have fewer than 1 items',
  };
  const columns = letterColumns(new Output('table'), [letter]).filter(({ wide }) => !wide);
  for (const width of [110, 80]) {
    const lines = table([letter], columns, { width });
    assert.equal(lines.length, 2, lines.join('\n'));
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    assert.match(lines[1] ?? '', /^rzy6426v /);
  }
});
