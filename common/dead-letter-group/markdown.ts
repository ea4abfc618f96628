import { code, page, workflowLink } from '../text/markdown.js';
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
const SHOWN_KEYS = 8;
const SHOWN_ENTRIES = 20;

/** What the page knows of the workflow itself. */
export interface GroupPageContext {
  readonly namespace: string;
  readonly workflowId: string;
  /** Rejected signals, newest last. */
  readonly notes: readonly string[];
}

/** The page of a group: its state, what it counts, what can be done, what has been. */
export function groupDetails(group: GroupSnapshot, context: GroupPageContext): string {
  const { status, note, owner, link, mutedUntil, mutedUpTo, preset, sample, redrive, before } = group;
  const { namespace, workflowId } = context;
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
    ['Link', link && code(link, 500)],
    ['Muted until', mutedUntil],
    ['Muted up to', mutedUpTo === undefined ? undefined : `${mutedUpTo} letters in all`],
    ['Next letters', [NEXT[preset.action], ...who.filter(Boolean)].join(' · ')],
    ['Redrive after a deploy', redrive && workflowLink(namespace, redrive)],
    ['Newest letter', sample && workflowLink(namespace, sample.id)],
    ['Message', sample?.message && code(sample.message, 400)],
    [
      'Before',
      before &&
        `${before.letters} letters, ended as ${before.status}: ${workflowLink(namespace, workflowId, before.runId)}`,
    ],
  ];
  return page([
    `### ${status}: ${MEANING[status]}`,
    '',
    ...rows.flatMap(([name, value]) => (value ? [`- **${name}**: ${value}`] : [])),
    `- **Queue, group**: ${code(group.queue)}, ${code(group.group)}. Open letters: list view with ${code(openLetters(group), 700)}`,
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
    ...(context.notes.length === 0
      ? []
      : [
          '',
          '### Rejected as invalid, nothing changed',
          '',
          ...context.notes.map((each) => `- ${code(each, 400)}`),
        ]),
    '',
    '### What has happened',
    '',
    ...(group.story.length === 0 ? ['- no more than its letters'] : []),
    ...group.story.slice(-SHOWN_ENTRIES).map(line).reverse(),
  ]);
}

const ACTIONS: readonly (readonly [GroupOrderKind, string])[] = [
  ['redrive', 'Replay its open letters, one first (it makes a redrive)'],
  ['resolve', 'Say that the cause is mended'],
  ['mute', 'Get no alerts for some time'],
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

/** A visibility query of the open letters of a group. */
function openLetters({ queue, group }: { readonly queue: string; readonly group: string }): string {
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
  return `WorkflowType="deadLetter" AND RecoveryQueue=${quoted(queue)} AND RecoveryGroup=${quoted(group)} AND ExecutionStatus="Running"`;
}

function table(title: string, counts: readonly GroupCount[]): string[] {
  if (counts.length === 0) return [];
  const most = counts[0]?.letters ?? 1;
  const rows = counts.slice(0, SHOWN_KEYS).map(({ name, letters, lastSeen }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((letters / most) * BAR)));
    return `| ${code(name.replaceAll('|', '/'), 100)} | ${letters} | \`${bar}\` | ${lastSeen} |`;
  });
  return ['', `| ${title} | Letters | | Last |`, '| --- | ---: | --- | --- |', ...rows];
}

function line({ at, event, by, reason }: GroupStoryEntry): string {
  const who = by === undefined ? '' : ` · by ${code(by)}`;
  return `- ${at} — ${code(event, 300)}${who}${reason === undefined ? '' : ` · reason: ${code(reason, 500)}`}`;
}
