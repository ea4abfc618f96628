import { REDRIVE_ID_PREFIX, REDRIVE_WORKFLOW } from '../contract.js';
import { openLettersLink, openLettersQuery } from '../dead-letter/letter-lists.js';
import {
  code,
  externalLink,
  listLink,
  page,
  quoted,
  rejectedSection,
  workflowLink,
} from '../text/markdown.js';
import type { GroupCount, GroupSnapshot, GroupStoryEntry } from './messages.js';
import { exampleOf, type GroupOrderKind } from './orders.js';
import { GroupDefault, GroupStatus } from './state.js';

const MEANING: Record<GroupStatus, string> = {
  OPEN: 'needs somebody who looks after it',
  MUTED: 'is known: no alerts for now',
  RESOLVED: 'is mended; a new letter makes it REGRESSED',
  REGRESSED: 'has come back after it was resolved',
};

const NEXT: Record<GroupDefault, string> = {
  wait: 'wait for a decision',
  discard:
    'are written and closed as DISCARDED; calls that are parked or share the letter of their record wait',
  park: 'keep their workflow waiting for the outcome of the letter',
  replayAfterDeploy: 'wait; when workers of another build run the activity, one is replayed, then the others',
};

const BAR = 12;
/** Bytes. A longer one would move the numbers out of sight: the name that the SDK gives to a build has 80. */
const MAX_CELL = 36;
const SHOWN_KEYS = 8;
const SHOWN_ENTRIES = 20;

/** What the page knows of the workflow itself. */
export interface GroupPageContext {
  readonly namespace: string;
  readonly workflowId: string;
  /** Rejected signals, newest last. */
  readonly notes: readonly string[];
  /** Search attributes known to be registered. */
  readonly searchAttributes: readonly string[];
  /** Redrives that it has started: their number, and how their workflow ids begin. */
  readonly redrives: { readonly count: number; readonly idPrefix: string };
}

/** The page of a group: its state, what it counts, what can be done, what has been. */
export function groupDetails(group: GroupSnapshot, context: GroupPageContext): string {
  const { status, note, owner, link, mutedUntil, mutedUpTo, preset, sample, redrive, before } = group;
  const { namespace, workflowId, searchAttributes, redrives } = context;
  const who = [preset.by && `by ${code(preset.by)}`, preset.reason && `reason: ${code(preset.reason, 500)}`];
  const rows: [string, string | undefined][] = [
    [
      'Cause',
      code(
        [group.operation, group.category, group.statusCode, group.pattern].filter(Boolean).join(' · '),
        700,
      ),
    ],
    ['Letters written', `${group.letters}, first ${group.firstSeen}, last ${group.lastSeen}`],
    ['Owner', owner && code(owner)],
    ['Note', note && code(note, 1_000)],
    ['Link', link && externalLink(link)],
    ['Muted until', mutedUntil],
    ['Muted up to', mutedUpTo === undefined ? undefined : `${mutedUpTo} letters in all`],
    ['Next letters', [NEXT[preset.action], ...who.filter(Boolean)].join(' · ')],
    ['Redrive after a deploy', redrive && workflowLink(namespace, redrive)],
    ['Redrives', redrivesLink(namespace, redrives)],
    ['Newest letter', sample && workflowLink(namespace, sample.id)],
    [
      'Open letters',
      openLettersLink(namespace, group, searchAttributes) ??
        `list view with ${code(openLettersQuery(group), 700)}`,
    ],
    ['Message', sample?.message && code(sample.message, 400)],
    [
      'Before',
      before &&
        `${before.letters} letters, ended as ${before.status}: ${workflowLink(namespace, workflowId, before.runId)}`,
    ],
  ];
  return page(
    [
      `### ${status}: ${MEANING[status]}`,
      '',
      ...rows.flatMap(([name, value]) => (value ? [`- **${name}**: ${value}`] : [])),
      `- **Queue, group**: ${code(group.queue)}, ${code(group.group)}`,
      ...table('Version', group.versions),
      ...table('Host', group.hosts),
      ...table('Activity', group.activities),
      '',
      'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
      '',
      ...ACTIONS.map(([kind, what]) => `- ${what}: signal \`${kind}\`, input \`${exampleOf(kind)}\``),
      ...(status === GroupStatus.MUTED
        ? [`- End the mute: signal \`unmute\`, input \`${exampleOf('unmute')}\``]
        : []),
      ...rejectedSection(context.notes),
      '',
      '### What has happened',
      '',
      ...(group.story.length === 0 ? ['- no more than its letters'] : []),
      ...group.story
        .slice(-SHOWN_ENTRIES)
        .map((entry) => line(entry, namespace))
        .reverse(),
    ],
    'dead-letter-groups.md',
  );
}

const ACTIONS: readonly (readonly [GroupOrderKind, string])[] = [
  ['redrive', 'Replay its open letters, one first (it makes a redrive)'],
  ['resolve', 'Say that the cause is mended'],
  [
    'mute',
    'Get no alerts for some time, or until many more letters (one of `for`, `until` and `letters` is enough)',
  ],
  ['assign', 'Say who looks after it'],
  ['note', 'Leave a note for the next reader'],
  ['link', 'Link a ticket'],
  [
    'setDefault',
    `What is done with its next letters (${Object.values(GroupDefault)
      .map((each) => `\`${each}\``)
      .join(', ')})`,
  ],
];

/** A list, newest first: a redrive that could not be started is in none. */
function redrivesLink(
  namespace: string,
  { count, idPrefix }: GroupPageContext['redrives'],
): string | undefined {
  if (count === 0) return undefined;
  const query = `WorkflowType="${REDRIVE_WORKFLOW}" AND WorkflowId STARTS_WITH ${quoted(idPrefix)}`;
  return `${count} started: ${listLink(namespace, 'redrives of this group', query)}`;
}

function table(title: string, counts: readonly GroupCount[]): string[] {
  if (counts.length === 0) return [];
  const most = counts[0]?.letters ?? 1;
  const rows = counts.slice(0, SHOWN_KEYS).map(({ name, letters, lastSeen }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((letters / most) * BAR)));
    return `| ${code(name.replaceAll('|', '/'), MAX_CELL)} | ${letters} | \`${bar}\` | ${lastSeen.replace(/\.\d+Z$/, 'Z')} |`;
  });
  return ['', `| ${title} | Letters | | Last |`, '| --- | ---: | --- | --- |', ...rows];
}

/** The UI does not break it: the end of a line with one would be out of sight. Such are the names that the SDK gives to builds. */
const LONG_WORD = /\S{60,}/g;

const STARTED = new RegExp(`^(.*: )(${REDRIVE_ID_PREFIX}\\S+)$`);

function line({ at, event, by, reason }: GroupStoryEntry, namespace: string): string {
  const [, what = '', redrive] = STARTED.exec(event) ?? [];
  const told =
    redrive === undefined
      ? code(
          event.replace(LONG_WORD, (word) => `${word.slice(0, MAX_CELL)}…`),
          300,
        )
      : `${code(what.slice(0, -2))} ${workflowLink(namespace, redrive)}`;
  const who = by === undefined ? '' : ` · by ${code(by)}`;
  return `- ${at} — ${told}${who}${reason === undefined ? '' : ` · reason: ${code(reason, 500)}`}`;
}
