import type { Command } from 'commander';
import type { DeadLetterDescription } from '../../../client/dead-letter/handle.js';
import type { OriginStatus } from '../../../common/dead-letter/origin-status.js';
import { shownArguments } from '../../../common/dead-letter/preview.js';
import type { RecordFailures, StoryEntry } from '../../../common/dead-letter/record.js';
import { redactorOf } from '../../../common/dead-letter/record-redaction.js';
import { shortLetterId } from '../../../common/dead-letter/short-id.js';
import { RESTORABLE_STATUSES } from '../../../common/dead-letter/status.js';
import { beginning, oneLine } from '../../../common/text/text.js';
import { answered } from '../../answered.js';
import { LETTER_NAME, letterId } from '../../input/letter-id.js';
import type { Output } from '../../output/output.js';
import { printableJson } from '../../output/printable-json.js';
import { rows } from '../../output/rows.js';
import { age, moment } from '../../output/time.js';
import type { Runner } from '../../runner.js';
import { ownTags, statusStyle } from './columns.js';

interface Options {
  readonly attempts?: boolean;
  readonly reveal?: boolean;
}

export function addShow(dlq: Command, run: Runner): void {
  dlq
    .command('show')
    .description('show a dead letter: what failed and why, its story, its arguments')
    .argument('<id>', LETTER_NAME)
    .option(
      '--reveal',
      'show the arguments as they are; without it secrets are left out (--json always has them as they are)',
    )
    .option('--attempts', 'the attempts of the call, and earlier failures of the same record')
    .action((given: string, { reveal, attempts }: Options, command: Command) =>
      run(command, async (session) => {
        const id = await letterId(session, given);
        const letter = await answered(session, id, () => session.recovery.deadLetters.get(id).describe());
        session.output.answer(letter, () => [
          ...describe(session.output, id, letter, reveal === true),
          ...(attempts ? attemptLines(session.output, letter) : []),
        ]);
      }),
    );
}

function describe(output: Output, id: string, letter: DeadLetterDescription, reveal: boolean): string[] {
  const { record, status, replays, story } = letter;
  const { error, origin, call } = record;
  const code = error.statusCode === undefined ? '' : ` (status ${error.statusCode})`;
  const isOpen = status === 'WAITING' || status === 'HELD';
  return [
    output.style('bold', oneLine(id)),
    `${statusStyle(output, status)} · written ${age(record.createdAt)} ago${replays === 0 ? '' : ` · replayed ${replays === 1 ? 'once' : `${replays} times`}`}`,
    '',
    ...rows([
      ['Short id', shortLetterId(id)],
      ['What failed', `activity ${record.activityType} on task queue ${call.taskQueue}`],
      ['Operation', record.operation === record.activityType ? undefined : record.operation],
      ['Why', `${error.errorCategory}${code}: ${error.message}`],
      ['Request', error.requestUrl && `${error.requestMethod ?? ''} ${error.requestUrl}`],
      ['Response', error.responseBody && beginning(error.responseBody, 1_000)],
      ['Fallback', record.fallbackError && `failed as well: ${record.fallbackError.message}`],
      ['Attempts', record.attemptCount],
      ['Scheduled', record.scheduledAt && moment(record.scheduledAt)],
      ['Written', moment(record.createdAt)],
      ['Queue', record.queue],
      ['Group', record.group],
      ['Breaker', record.breaker ?? record.held?.breaker],
      ['Held by', letter.breaker && `circuit breaker ${letter.breaker}`],
      ['Workflow', `${origin.workflowType} ${origin.workflowId}, run ${origin.runId}`],
      ['It is now', letter.origin && ORIGIN_NOW[letter.origin.status]],
      ['Parked', record.parked && 'the workflow waits for the outcome of this letter'],
      ['Metadata', record.metadata && JSON.stringify(record.metadata)],
      [
        'Done by',
        letter.supersededBy && `workflow ${letter.supersededBy.workflowId}, run ${letter.supersededBy.runId}`,
      ],
      ['Failures', letter.failures && failuresLine(letter.failures)],
      ['Tags', ownTags(record)],
      ['Correlation', error.correlationId],
    ]),
    '',
    output.style('bold', 'Story'),
    ...story.map((entry) => `  ${storyLine(entry)}`),
    '',
    output.style('bold', 'Arguments'),
    ...argumentLines(letter, reveal).map((line) => `  ${line}`),
    ...(isOpen
      ? [
          '',
          `Run it again: temporal-recovery dlq replay ${shortLetterId(id)}`,
          'With other arguments: dlq edit; done by other means: dlq resolve; not needed: dlq discard',
        ]
      : []),
    ...(RESTORABLE_STATUSES.includes(status)
      ? ['', `Start it again: temporal-recovery dlq restore ${shortLetterId(id)}`]
      : []),
  ];
}

/** Of the workflow that made the call. */
const ORIGIN_NOW: Record<OriginStatus, string> = {
  open: 'open; it was notified of the failure, unless it is parked',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
  timedOut: 'timed out',
  continuedAsNew: 'continued as new',
  retried: 'retried; a newer run of it may make this call itself',
  reset: 'reset; a newer run of it may make this call itself',
  gone: 'gone; the server does not keep it any more',
  unknown: 'unknown; it could not be looked up',
};

/** As in the UI: secrets and the paths of `redact` are left out, and everything is where the letter says so. */
function argumentLines({ args, record }: DeadLetterDescription, reveal: boolean): string[] {
  if (reveal) return printableJson(args).split('\n');
  if (record.showArguments === false) return ['(not to be shown, says the letter; --reveal shows them)'];
  const shown = shownArguments(args, record.redact, redactorOf(record));
  return printableJson(shown).split('\n');
}

function failuresLine({ count, firstSeen, lastSeen }: RecordFailures): string {
  if (count === 1) return '1 of this record';
  return `${count} of this record, the first ${age(firstSeen)} ago, the last ${age(lastSeen)} ago`;
}

function attemptLines(output: Output, { record, failures }: DeadLetterDescription): string[] {
  const attempts = record.attempts.map(({ attempt, failedAt, category, status, message }) =>
    [failedAt === undefined ? '' : moment(failedAt), `attempt ${attempt}`, category, status, message]
      .filter((part) => part !== undefined && part !== '')
      .join(' · '),
  );
  const earlier = (failures?.earlier ?? []).map((each) =>
    [moment(each.at), `${each.category}${each.status === undefined ? '' : ` ${each.status}`}`, each.message]
      .concat(
        `workflow ${each.workflowId}`,
        each.arguments === undefined ? [] : `arguments: ${each.arguments}`,
      )
      .join(' · '),
  );
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', output.style('bold', title), ...lines.map((line) => `  ${oneLine(line)}`)];
  return [
    ...section('Attempts of the newest call', attempts),
    ...section('Earlier failures of this record', earlier),
  ];
}

function storyLine(entry: StoryEntry): string {
  const parts = [
    `${moment(entry.at)}  ${entry.event}`,
    entry.edited && 'with edited arguments',
    entry.by && `by ${entry.by}`,
    entry.category && `${entry.category}${entry.status === undefined ? '' : ` ${entry.status}`}`,
    entry.message,
    entry.reason && `reason: ${entry.reason}`,
    entry.origin && `origin: ${entry.origin}`,
    entry.editedArgs && `arguments: ${entry.editedArgs}`,
  ];
  return oneLine(parts.filter(Boolean).join(' · '));
}
