import { breakerWorkflowId } from '../circuit-breaker/id.js';
import { openLettersLink } from '../dead-letter/letter-lists.js';
import { originsText } from '../dead-letter/origin-status.js';
import { code, inline, listLink, MAX_SUMMARY_BYTES, page, workflowLink } from '../text/markdown.js';
import { cutBytes } from '../text/text.js';
import { type LetterOutcome, type RedriveGroup, type RedriveProgress, RedriveStatus } from './types.js';

const MAX_TEXT = 300;
const BAR_WIDTH = 30;

const MEANING: Record<RedriveStatus, string> = {
  SNAPSHOT: 'lists the letters',
  CANARY: 'handles a few letters first',
  RUNNING: 'handles the letters',
  PAUSED: 'waits for the signal `resume`',
  WAITING_FOR_BREAKER: 'waits for a circuit breaker to close, then goes on slowly',
  FINISHING: 'waits for the last replays',
  COMPLETED: 'handled all letters',
  STOPPED: 'stopped automatically; the remaining letters wait as before',
  CANCELLED: 'was cancelled; the remaining letters wait as before',
};

const OVER: readonly RedriveStatus[] = [
  RedriveStatus.COMPLETED,
  RedriveStatus.STOPPED,
  RedriveStatus.CANCELLED,
];

/** What the page knows of the workflow itself. */
export interface RedrivePageContext {
  readonly namespace: string;
  /** What people have asked for, oldest first. */
  readonly orders: readonly string[];
  /** Workflow id of the group that has started it. */
  readonly startedBy?: string;
  /** Visibility query by which the letters were listed. */
  readonly query?: string;
  /** There are conditions that a query cannot have, such as tags: the list may have more letters than the redrive. */
  readonly hasMoreConditions: boolean;
  /** The circuit breaker that it waits for. */
  readonly breaker?: string;
  /** Search attributes known to be registered. */
  readonly searchAttributes: readonly string[];
}

/** The page of a redrive: how far it is, what went wrong, what can be done. */
export function redriveDetails(progress: RedriveProgress, context: RedrivePageContext): string {
  const { namespace, orders, startedBy, query, hasMoreConditions, breaker } = context;
  const { status, dryRun, why, problems, groups, truncated } = progress;
  return page(
    [
      `### ${status}: ${dryRun && status === RedriveStatus.COMPLETED ? 'a dry run, nothing was changed' : MEANING[status]}${waiting(progress)}`,
      '',
      ...(why === undefined ? [] : [`- **Why**: ${code(why, MAX_TEXT)}`]),
      ...(breaker === undefined
        ? []
        : [`- **Circuit breaker**: ${workflowLink(namespace, breakerWorkflowId(breaker))}`]),
      ...counts(progress),
      ...(startedBy === undefined ? [] : [`- **Started from**: ${workflowLink(namespace, startedBy)}`]),
      ...(query === undefined
        ? []
        : [
            `- **Open letters**: ${listLink(namespace, 'those that match and are still open', query)}${hasMoreConditions ? ', and others: this redrive has conditions that a list cannot have' : ''}`,
          ]),
      ...(truncated ? ['- **More letters match** than one redrive takes: start another one after this'] : []),
      '',
      ...actions(status),
      ...section('Not done', problems.map((each) => problem(each, namespace)).reverse()),
      ...section(
        'Letters by cause',
        groups.map((each) => group(each, context)),
      ),
      ...section('Orders', orders.map((order) => `- ${code(order, MAX_TEXT)}`).reverse()),
    ],
    'redrive.md',
  );
}

/** Letters that a redrive leaves behind though it is over. */
function waiting({ status, failed }: RedriveProgress): string {
  return status === RedriveStatus.COMPLETED && failed > 0 ? `; ${failed} failed and wait for a decision` : '';
}

/** One line for lists. */
export function redriveSummary(action: string, letters: string, by: string | undefined): string {
  const who = by === undefined ? '' : ` · by ${inline(by, 100)}`;
  return cutBytes(`Redrive: ${action} ${inline(letters, 250)}${who}`, MAX_SUMMARY_BYTES);
}

function counts(progress: RedriveProgress): string[] {
  const { total, done, running, rate, actualRate, timeLeftMs, startedAt, by, reason } = progress;
  const named = Object.entries({
    replayed: progress.replayed,
    resolved: progress.resolved,
    discarded: progress.discarded,
    failed: progress.failed,
    skipped: progress.skipped,
    'held by a circuit breaker': progress.held,
    'in flight': running,
  }).filter(([, count]) => count > 0);
  const filled = total === 0 ? 0 : Math.round((done / total) * BAR_WIDTH);
  return [
    `- **Done**: ${done} of ${total} letters \`${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}\``,
    ...(named.length === 0
      ? []
      : [`- **So far**: ${named.map(([name, count]) => `${count} ${name}`).join(', ')}`]),
    ...(progress.origins === undefined
      ? []
      : [
          `- **Workflows they came from**: ${originsText(progress.origins)}${progress.skipOrigins === undefined ? '' : `; skips ${progress.skipOrigins.join(', ')}`}`,
        ]),
    `- **Rate**: ${actualRate} a second recently, at most ${rate}`,
    ...(timeLeftMs === undefined || timeLeftMs === 0
      ? []
      : [`- **Time left**: about ${duration(timeLeftMs)}`]),
    `- **Started**: ${startedAt}${by === undefined ? '' : ` by ${code(by, MAX_TEXT)}`}${reason === undefined ? '' : ` · reason: ${code(reason, MAX_TEXT)}`}`,
  ];
}

function actions(status: RedriveStatus): string[] {
  if (OVER.includes(status)) return [];
  return [
    'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
    '',
    status === RedriveStatus.PAUSED
      ? '- Go on: signal `resume`, input `{"by": "you"}`'
      : '- Wait: signal `pause`, input `{"by": "you", "reason": "…"}`',
    '- Go slower or faster: signal `setRate`, input `{"rate": 5, "by": "you"}` (letters a second)',
    '- End it after the letters in flight: signal `cancel`, input `{"by": "you", "reason": "…"}`',
    '',
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, '', ...lines, ''];
}

function problem({ id, outcome, message }: LetterOutcome, namespace: string): string {
  const why = message === undefined ? '' : ` · ${code(message, MAX_TEXT)}`;
  return `- ${outcome} ${workflowLink(namespace, id)}${why}`;
}

function group(
  { letters, operation, category, message, group }: RedriveGroup,
  { namespace, searchAttributes }: RedrivePageContext,
): string {
  const link = group === '' ? undefined : openLettersLink(namespace, { group }, searchAttributes);
  const cause = [operation, category, message].filter(Boolean).join(' · ');
  return `- ${letters} × ${code(cause === '' ? 'unknown' : cause, MAX_TEXT)}${link === undefined ? '' : ` · ${link}`}`;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
