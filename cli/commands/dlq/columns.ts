import type { DeadLetterSummary } from '../../../client/dead-letter/listing.js';
import { messagePattern } from '../../../common/dead-letter/group.js';
import { shortLetterId } from '../../../common/dead-letter/short-id.js';
import { isCorrelationTag } from '../../../common/dead-letter/tags.js';
import type { Output } from '../../output/output.js';
import type { Column } from '../../output/table.js';
import { age } from '../../output/time.js';
import type { GroupRow } from './group/rows.js';
import { groupStyle } from './group/state-style.js';

const COLOURS = {
  WAITING: 'yellow',
  HELD: 'cyan',
  REPLAYING: 'cyan',
  REPLAYED: 'green',
  RESOLVED: 'green',
  SUPERSEDED: 'green',
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
export function withoutPrefix(id: string): string {
  return id.replace(/^dead-letter\//, '');
}

/** The id in front, as people copy it. Columns that no letter has anything for are left out. */
export function letterColumns(
  output: Output,
  letters: readonly DeadLetterSummary[],
): Column<DeadLetterSummary>[] {
  const correlation: Column<DeadLetterSummary>[] = letters.some(({ correlationId }) => correlationId)
    ? [{ title: 'CORRELATION', cell: ({ correlationId }) => correlationId, cutTo: 8 }]
    : [];
  const tags: Column<DeadLetterSummary>[] = letters.some((letter) => ownTags(letter) !== undefined)
    ? [{ title: 'TAGS', cell: (letter) => ownTags(letter), cutTo: 10 }]
    : [];
  return [
    { title: 'ID', cell: ({ shortId }) => shortId },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      colour: (text, { status }) => statusStyle(output, status, text),
    },
    { title: 'AGE', cell: ({ createdAt }) => age(createdAt), align: 'right' },
    { title: 'CATEGORY', cell: ({ category, statusCode }) => categoryCell(category, statusCode) },
    { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 9 },
    { title: 'WORKFLOW', cell: ({ originWorkflowId }) => originWorkflowId, cutTo: 10 },
    ...correlation,
    ...tags,
    { title: 'QUEUE', cell: ({ queue }) => queue, wide: true },
    { title: 'GROUP', cell: ({ group }) => group, wide: true },
    { title: 'ATTEMPTS', cell: ({ attempts }) => attempts, align: 'right', wide: true },
    { title: 'LETTER', cell: ({ id }) => withoutPrefix(id), wide: true },
    { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 12 },
  ];
}

/** The correlation id has a column of its own. */
export function ownTags({ tags }: { readonly tags?: readonly string[] }): string | undefined {
  return tags?.filter((tag) => !isCorrelationTag(tag)).join(', ') || undefined;
}

export function groupColumns(output: Output, groups: readonly GroupRow[]): Column<GroupRow>[] {
  const owner: Column<GroupRow>[] = groups.some((group) => group.owner)
    ? [{ title: 'OWNER', cell: (group) => group.owner, cutTo: 10 }]
    : [];
  const states: Column<GroupRow>[] = groups.some((group) => group.state)
    ? [
        {
          title: 'STATE',
          cell: ({ state }) => state,
          colour: (text, { state }) => (state === undefined ? text : groupStyle(output, state, text)),
        },
      ]
    : [];
  return [
    { title: 'GROUP', cell: ({ group }) => group },
    ...states,
    { title: 'LETTERS', cell: ({ letters }) => letters, align: 'right' },
    {
      title: 'STATUS',
      cell: ({ statuses }) =>
        Object.entries(statuses)
          .map(([status, count]) => `${count} ${status}`)
          .join(', '),
    },
    { title: 'LAST', cell: ({ lastSeen }) => age(lastSeen), align: 'right' },
    ...owner,
    { title: 'CATEGORY', cell: ({ category, statusCode }) => categoryCell(category, statusCode) },
    { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 9 },
    { title: 'MESSAGE', cell: (group) => groupMessage(group), cutTo: 12 },
    { title: 'WRITTEN', cell: ({ written }) => written, align: 'right', wide: true },
    { title: 'VERSIONS', cell: ({ versions = {} }) => Object.keys(versions).join(', '), wide: true },
    { title: 'HOSTS', cell: ({ hosts = {} }) => Object.keys(hosts).join(', '), wide: true },
    { title: 'NOTE', cell: ({ note }) => note, wide: true },
    { title: 'EXAMPLE', cell: ({ message }) => message, wide: true },
    {
      title: 'LETTER',
      cell: ({ sampleId }) => (sampleId === undefined ? undefined : shortLetterId(sampleId)),
      wide: true,
    },
  ];
}

/** Of several letters no number or id of one of them. */
export function groupMessage({
  letters,
  message,
}: {
  readonly letters: number;
  readonly message?: string;
}): string | undefined {
  return message === undefined || letters === 1 ? message : messagePattern(message);
}

function categoryCell(category: string | undefined, statusCode: number | undefined): string {
  return [category, statusCode].filter((part) => part !== undefined).join(' ');
}
