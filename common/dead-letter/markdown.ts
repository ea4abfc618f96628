import { breakerWorkflowId } from '../circuit-breaker/id.js';
import { REDRIVE_ID_PREFIX } from '../contract.js';
import { groupWorkflowId } from '../dead-letter-group/id.js';
import { code, fence, inline, MAX_SUMMARY_BYTES, page, searchLink, workflowLink } from '../text/markdown.js';
import { cutBytes, utf8Length } from '../text/text.js';
import { openLettersLink } from './letter-lists.js';
import { originSentence } from './origin-status.js';
import type { DeadLetterRecord, DeadLetterState, StoryEntry } from './record.js';

const DOCS = 'dead-letters.md';
/** Leaves room for what can be done, and for the arguments. */
const MAX_STORY = 6_000;

/** One line for the list and the head of the page: what failed and why. */
export function summary(record: Pick<DeadLetterRecord, 'activityType' | 'error'>): string {
  const { error } = record;
  const status = error.statusCode === undefined ? '' : ` ${error.statusCode}`;
  return cutBytes(
    `${inline(record.activityType, 150)} failed: ${error.errorCategory}${status} · ${inline(error.message, 200)}`,
    MAX_SUMMARY_BYTES,
  );
}

/** Static details: what failed, why, how often, since when, where it came from. */
export function details(record: DeadLetterRecord): string {
  const { error } = record;
  const rows: [string, string | undefined][] = [
    ['What failed', `activity ${code(record.activityType)} on task queue ${code(record.call.taskQueue)}`],
    [
      'Why',
      `**${error.errorCategory}**${error.statusCode === undefined ? '' : ` (status ${error.statusCode})`}`,
    ],
    ['Message', code(error.message, 1000)],
    ['Request', error.requestUrl && code(`${error.requestMethod ?? ''} ${error.requestUrl}`.trim(), 1000)],
    ['Response', error.responseBody && code(error.responseBody, 1000)],
    [
      'Fallback',
      record.fallbackError &&
        `failed as well: ${record.fallbackError.errorCategory} ${code(record.fallbackError.message, 500)}`,
    ],
    ['Attempts', attemptsLine(record)],
    ['First scheduled', record.scheduledAt],
    ['Dead-lettered', record.createdAt],
    ...fromWorkflow(record),
    ['Cause', causeLinks(record)],
    ['Circuit breaker', breakerLink(record)],
    ['Metadata', record.metadata && code(JSON.stringify(record.metadata), 500)],
    ['Tags', record.tags?.map((tag) => code(tag, 200)).join(', ')],
    ['Correlation id', error.correlationId && code(error.correlationId)],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`- **${name}**: ${value}`] : []));
  return page(
    [
      'This is a **dead letter**: an activity failed for good. Its work is kept here so that it can be done later.',
      '',
      ...lines,
    ],
    DOCS,
  );
}

/** The page of its group, where the worker counts its letters by group, and the letters with the same cause. */
function causeLinks(record: DeadLetterRecord): string {
  const { queue, group, hasGroup, origin, searchAttributes } = record;
  const page = hasGroup && workflowLink(origin.namespace, groupWorkflowId({ queue, group }));
  const letters = openLettersLink(origin.namespace, { queue, group }, searchAttributes);
  return [page || code(group), letters].filter(Boolean).join(' · ');
}

/** A list: a breaker that never counted a failure, or that is long gone, has no page. */
function breakerLink({ breaker = '', origin }: DeadLetterRecord): string | undefined {
  return breaker === '' ? undefined : searchLink(origin.namespace, breakerWorkflowId(breaker));
}

/** Current details: state, what to press, and the story so far. */
export function currentDetails(state: DeadLetterState, argumentsPreview?: string): string {
  const { namespace } = state.record.origin;
  const story = newest(state.story.map((entry) => storyLine(entry, namespace)));
  const omitted = state.story.length - story.length;
  return page(
    [
      `### ${headline(state)}`,
      '',
      ...failureLines(state),
      ...actions(state),
      ...restoreLines(state),
      '### Story',
      '',
      ...(omitted > 0 ? [`- … ${omitted} earlier entries are in the query \`deadLetter\``] : []),
      ...story,
      ...(argumentsPreview === undefined
        ? []
        : ['', '### Arguments of the activity', '', ...fence(argumentsPreview)]),
    ],
    DOCS,
  );
}

function failureLines({ failures, supersededBy, record }: DeadLetterState): string[] {
  const { workflowId, runId } = supersededBy ?? {};
  const link = workflowId && `By ${workflowLink(record.origin.namespace, workflowId, runId)}`;
  const lines = link ? [link, ''] : [];
  if (failures === undefined || failures.count < 2) return lines;
  return [
    ...lines,
    `This record has failed **${failures.count} times** since ${failures.firstSeen}, the last time at ${failures.lastSeen}. A replay takes the newest arguments.`,
    '',
  ];
}

const ENDS = {
  REPLAYED: 'the work is done',
  RESOLVED: 'the work was done by other means',
  SUPERSEDED: 'a later call of the same record succeeded',
  DISCARDED: 'the work was not done and need not be done',
  EXPIRED: 'the work was not done',
  TERMINATED: 'its workflow was terminated, the work was not done',
  FAILED: 'its workflow failed, the work was not done',
  TIMED_OUT: 'its workflow timed out, the work was not done',
};

/** A letter that is closed without its work is started again by a client, which reads its history. */
function restoreLines({ status, record }: DeadLetterState): string[] {
  if (status !== 'EXPIRED' && status !== 'DISCARDED') return [];
  return [
    `To do it after all, start this letter again: ${code(`temporal-recovery dlq restore '${record.id}'`, 400)}`,
    '',
  ];
}

function headline({ status, record, replays }: DeadLetterState): string {
  const times = replays === 1 ? 'once' : `${replays} times`;
  const tried = replays === 0 ? '' : `, replayed ${times}`;
  switch (status) {
    case 'WAITING':
      return `WAITING for a decision since ${record.createdAt}${tried}`;
    case 'HELD':
      return `HELD until its circuit breaker closes; then it is replayed automatically${replays === 0 ? '' : ` (tried ${times} so far)`}`;
    case 'REPLAYING':
      return `REPLAYING now (replay ${replays})`;
    default:
      return `${status}${tried}: ${ENDS[status]}`;
  }
}

function actions({ status, record, breaker, origin }: DeadLetterState): string[] {
  if (status !== 'WAITING' && status !== 'HELD' && status !== 'REPLAYING') return [];
  return [
    ...(record.parked ? ['The workflow it came from **waits** for the outcome of this letter.', ''] : []),
    ...(origin === undefined || (record.parked && origin.status === 'open')
      ? []
      : [`${originSentence(origin.status)} (Looked up at ${origin.at}.)`, '']),
    ...(status === 'REPLAYING' ? ['Signals sent now wait for the end of this replay.', ''] : []),
    ...(status === 'HELD' && breaker !== undefined
      ? [
          `Breaker details and manual controls: ${workflowLink(record.origin.namespace, breakerWorkflowId(breaker))}`,
          '',
        ]
      : []),
    'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
    '',
    status === 'HELD'
      ? '- Wait: it is replayed automatically when the breaker closes. To try now: signal `replay`, input `{"force": true, "by": "you"}`'
      : '- Try again with the same arguments: signal `replay`, input `{"by": "you", "reason": "service is back"}`',
    '- Try again with other arguments: signal `replay`, input `{"args": [ … all arguments … ], "by": "you"}`',
    '- The work was done by other means: signal `resolve`, input `{"by": "you", "reason": "…"}`',
    '- The work need not be done: signal `discard`, input `{"by": "you", "reason": "…"}`; the button **Request Cancellation** does the same without a reason',
    '',
  ];
}

const EVENTS: Record<StoryEntry['event'], string> = {
  'dead-lettered': 'dead-lettered',
  'replay-started': 'replay started',
  'replay-succeeded': 'replay **succeeded**',
  'replay-failed': 'replay **failed**',
  'replay-skipped': 'replay skipped',
  held: '**held**',
  'gave-up': '**automatic replay gave up**',
  'not-told': 'notification **failed**',
  expired: '**expired**: no decision in time',
  resolved: '**resolved**',
  discarded: '**discarded**',
  restored: '**restored**: it needs a decision again',
  superseded: '**superseded**: a later call of the same record succeeded',
  'failed-again': '**failed again**: the record has a newer failure',
  refused: 'signal **rejected** as invalid, nothing changed',
};

/** As many of the last lines as there is room for; the last one in any case. */
function newest(lines: readonly string[]): string[] {
  let room = MAX_STORY;
  const isOld = (line: string, fromEnd: number) => {
    room -= utf8Length(line);
    return room < 0 && fromEnd > 0;
  };
  const old = [...lines].reverse().findIndex(isOld);
  return old === -1 ? [...lines] : lines.slice(-old);
}

/** A redrive ends its reason with its id, which is the whole reason where none was given. */
const BY_REDRIVE = new RegExp(`^(?:(.*) · )?(${REDRIVE_ID_PREFIX}\\S+)$`);

function reasonText(reason: string, namespace: string): string {
  const [, why, redrive] = BY_REDRIVE.exec(reason) ?? [];
  if (redrive === undefined) return ` · reason: ${code(reason, 300)}`;
  return `${why === undefined ? '' : ` · reason: ${code(why, 300)}`} · redrive ${workflowLink(namespace, redrive)}`;
}

function storyLine(entry: StoryEntry, namespace: string): string {
  const status = entry.status === undefined ? '' : ` ${entry.status}`;
  const parts = [
    `- ${entry.at} — ${EVENTS[entry.event]}`,
    entry.edited ? ' with edited arguments' : '',
    entry.by ? ` by ${code(entry.by, 100)}` : '',
    entry.category ? ` · ${entry.category}${status}` : '',
    entry.message ? ` · ${code(entry.message, 300)}` : '',
    entry.reason ? reasonText(entry.reason, namespace) : '',
    entry.origin ? ` · origin: ${entry.origin}` : '',
    entry.editedArgs ? ` · arguments: ${code(entry.editedArgs, 600)}` : '',
  ];
  return parts.join('');
}

function attemptsLine(record: DeadLetterRecord): string | undefined {
  if (record.attemptCount === undefined) return undefined;
  const times = record.attempts.flatMap(({ failedAt, category, status }) =>
    failedAt === undefined
      ? []
      : [`${failedAt.slice(11, 23)} ${category}${status === undefined ? '' : ` ${status}`}`],
  );
  const last = times.slice(-10).join(', ');
  return `${record.attemptCount}${last === '' ? '' : ` (failed at ${last})`}`;
}

/** Items of a `DeadLetterQueue` come from no workflow. */
function fromWorkflow(record: DeadLetterRecord): [string, string][] {
  const { workflowType, scheduledEventId, activityId, workflowId } = record.origin;
  if (scheduledEventId === 0) return [['From', code(workflowId)]];
  return [
    ['From workflow', linkToOrigin(record)],
    ['Workflow type', code(workflowType)],
    ['Event', `ActivityTaskScheduled, event ${scheduledEventId}, activity id ${code(activityId)}`],
  ];
}

function linkToOrigin({ origin }: DeadLetterRecord): string {
  return workflowLink(origin.namespace, origin.workflowId, origin.runId);
}
