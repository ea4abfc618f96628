import type { DeadLetterGroup } from '../../../client/dead-letter/groups.js';
import type { DeadLetterSummary } from '../../../client/dead-letter/listing.js';
import type { Output } from '../../output/output.js';
import type { Column } from '../../output/table.js';
import { age } from '../../output/time.js';

const COLOURS = {
  WAITING: 'yellow',
  HELD: 'cyan',
  REPLAYING: 'cyan',
  REPLAYED: 'green',
  RESOLVED: 'green',
  DISCARDED: 'dim',
  EXPIRED: 'red',
  TERMINATED: 'red',
  FAILED: 'red',
  TIMED_OUT: 'red',
} as const;

export function statusStyle(output: Output, status: string, text = status): string {
  const style = COLOURS[status as keyof typeof COLOURS];
  return style === undefined ? text : output.style(style, text);
}

/** Without the prefix that all ids share; commands take it back with or without. */
export function shortId(id: string): string {
  return id.replace(/^dead-letter\//, '');
}

/** The column of correlation ids is there only where one of the letters has one. */
export function letterColumns(
  output: Output,
  letters: readonly DeadLetterSummary[],
): Column<DeadLetterSummary>[] {
  const correlation: Column<DeadLetterSummary>[] = letters.some(({ correlationId }) => correlationId)
    ? [{ title: 'CORRELATION', cell: ({ correlationId }) => correlationId, cutTo: 12 }]
    : [];
  return [
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      colour: (text, { status }) => statusStyle(output, status, text),
    },
    { title: 'AGE', cell: ({ createdAt }) => age(createdAt), align: 'right' },
    {
      title: 'CATEGORY',
      cell: ({ category, statusCode }) => categoryCell(category, statusCode),
    },
    { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 12 },
    { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 30 },
    ...correlation,
    { title: 'ID', cell: ({ id }) => shortId(id) },
  ];
}

export function groupColumns(): Column<DeadLetterGroup>[] {
  return [
    { title: 'LETTERS', cell: ({ letters }) => letters, align: 'right' },
    {
      title: 'STATUS',
      cell: ({ statuses }) =>
        Object.entries(statuses)
          .map(([status, count]) => `${count} ${status}`)
          .join(', '),
    },
    { title: 'LAST', cell: ({ lastSeen }) => age(lastSeen), align: 'right' },
    {
      title: 'CATEGORY',
      cell: ({ category, statusCode }) => categoryCell(category, statusCode),
    },
    { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 12 },
    { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 30 },
    { title: 'GROUP', cell: ({ group }) => group },
  ];
}

function categoryCell(category: string | undefined, statusCode: number | undefined): string {
  return [category, statusCode].filter((part) => part !== undefined).join(' ');
}
