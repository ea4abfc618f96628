import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RedriveProgress } from 'temporal-recovery/client';
import { changedLines } from '../../cli/commands/dlq/redrive/changed-lines.js';
import { progressLine } from '../../cli/commands/dlq/redrive/progress-line.js';
import { summariseErrors } from '../../cli/error-summary.js';
import { printableJson } from '../../cli/output/printable-json.js';
import { type Column, table } from '../../cli/output/table.js';
import { age, longDuration } from '../../cli/output/time.js';
import { cutToWidth, displayWidth } from '../../cli/output/width.js';
import type { DeadLetterSummary } from '../../client/dead-letter/listing.js';

type Row = { status: string; message: string; id: string };
const columns: Column<Row>[] = [
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 10 },
  { title: 'ID', cell: ({ id }) => id },
];
const row: Row = { status: 'WAITING', message: 'a long message that is cut', id: 'sync/write/run/5' };

describe('a table', () => {
  test('aligns columns and cuts nothing without a terminal', () => {
    assert.deepEqual(table([row, { ...row, status: 'HELD' }], columns), [
      'STATUS   MESSAGE                     ID',
      'WAITING  a long message that is cut  sync/write/run/5',
      'HELD     a long message that is cut  sync/write/run/5',
    ]);
  });

  test('cuts what may be cut to the width of the terminal, and never the id', () => {
    const lines = table([row], columns, { width: 40 });
    assert.deepEqual(lines, ['STATUS   MESSAGE        ID', 'WAITING  a long messa…  sync/write/run/5']);
  });

  test('gives the last column a line of its own where the terminal is too narrow', () => {
    assert.deepEqual(table([row], columns, { width: 30 }), [
      'STATUS   MESSAGE',
      '  ID',
      'WAITING  a long message that …',
      '  sync/write/run/5',
    ]);
  });

  test('lets no control character, escape sequence or turned writing through', () => {
    const evil = 'a\u001b[2Jb\r\nc\u009b31md\u202ee\u0007';
    const [, line = ''] = table([{ ...row, message: evil }], columns);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    assert.match(line, /a \[2Jb c 31md e/);
  });

  test('counts wide and combining characters as a terminal does', () => {
    assert.equal(displayWidth('日本'), 4);
    assert.equal(displayWidth('e\u0301'), 1);
    assert.equal(cutToWidth('日本語', 5), '日本…');
    assert.equal(cutToWidth('abc', 3), 'abc');
    assert.equal(cutToWidth('abcd', 3), 'ab…');
  });
});

test('a change is shown once, in what is the same around it', () => {
  assert.deepEqual(changedLines(['[', 'a', 'b', ']'], ['[', 'a', 'c', 'd', ']']), [
    ...['  [', '  a', '- b', '+ c', '+ d', '  ]'],
  ]);
  assert.deepEqual(changedLines(['a'], ['a', 'a']), ['  a', '+ a']);
});

test('JSON for a terminal is the same value with controls escaped', () => {
  const value = { text: '\u009b31m \u202e \u2028', plain: 'ä' };
  const shown = printableJson(value);
  assert.doesNotMatch(shown, /[\u007f-\u009f\u2028\u202e]/);
  assert.deepEqual(JSON.parse(shown), value);
});

test('times are short', () => {
  assert.equal(age('2026-01-01T00:00:00Z', Date.parse('2026-01-01T03:59:00Z')), '3h');
  assert.equal(age('2026-01-02T00:00:00Z', Date.parse('2026-01-01T00:00:00Z')), '0s');
  assert.equal(longDuration(65_000), '1m 05s');
  assert.equal(longDuration(3_900_000), '1h 05m');
});

test('the progress line fits the terminal and tells how far it is', () => {
  const counts = { replayed: 3, resolved: 0, discarded: 0, failed: 1, skipped: 0, held: 0 };
  const progress: RedriveProgress = {
    ...{
      status: 'RUNNING',
      action: 'replay',
      dryRun: false,
      total: 8,
      truncated: false,
      done: 4,
      running: 2,
    },
    ...{ rate: 10, actualRate: 2.04, timeLeftMs: 2_000, startedAt: '', groups: [], problems: [], ...counts },
  };
  assert.equal(
    progressLine(progress),
    `RUNNING · ${'█'.repeat(12)}${'░'.repeat(12)} 4/8 · 3 replayed, 1 failed · 2 in flight · 2/s · 2s left`,
  );
  assert.equal(displayWidth(progressLine(progress, 40)), 39);
});

test('errors are counted by category, operation, cause and hour', () => {
  const at = (time: string, more: object) =>
    ({
      id: 'x',
      status: 'WAITING',
      createdAt: new Date(time),
      operation: 'write',
      group: 'g',
      ...more,
    }) as DeadLetterSummary;
  const summary = summariseErrors(
    [
      at('2026-01-01T10:30:00Z', { category: 'SERVER', message: 'latest' }),
      at('2026-01-01T10:10:00Z', { category: 'SERVER', message: 'older' }),
      at('2026-01-01T08:59:00Z', { category: 'CLIENT', group: 'h', status: 'HELD' }),
    ],
    new Date('2026-01-01T08:00:00Z'),
    new Date('2026-01-01T10:45:00Z'),
  );
  assert.deepEqual(summary.byCategory, [
    { name: 'SERVER', letters: 2 },
    { name: 'CLIENT', letters: 1 },
  ]);
  assert.deepEqual(
    summary.byHour.map(({ letters }) => letters),
    [1, 0, 2],
  );
  assert.equal(summary.groups[0]?.letters, 2);
  assert.equal(summary.groups[0]?.message, 'latest');
  assert.deepEqual(summary.byStatus[1], { name: 'HELD', letters: 1 });
});
