import { originsText } from '../../../../common/dead-letter/origin-status.js';
import { shortLetterId } from '../../../../common/dead-letter/short-id.js';
import type { LetterOutcome, RedriveReport } from '../../../../common/redrive/types.js';
import { oneLine } from '../../../../common/text/text.js';
import { ExitCode } from '../../../exit-codes.js';
import type { Output } from '../../../output/output.js';
import { printableJson } from '../../../output/printable-json.js';
import { longDuration } from '../../../output/time.js';
import { groupMessage, withoutPrefix } from '../columns.js';
import { changedLines } from './changed-lines.js';
import { countsText } from './progress-line.js';

const MAX_PROBLEMS = 20;

/** What became of a redrive. */
export function reportLines(output: Output, id: string, report: RedriveReport): string[] {
  const { status, dryRun, total, untouched, truncated, why, groups, startedAt, endedAt } = report;
  const letters = `${total} ${total === 1 ? 'letter' : 'letters'}`;
  const problems = report.outcomes.filter(({ outcome }) => outcome === 'FAILED' || outcome === 'SKIPPED');
  const took = longDuration(Date.parse(endedAt) - Date.parse(startedAt));
  const style = reportExitCode(report) === ExitCode.DONE ? 'green' : 'red';
  return [
    dryRun
      ? `${output.style(style, status)}, a dry run: ${letters} would be taken (${report.action}); nothing was done`
      : `${output.style(style, status)} in ${took}: ${countsText(report) || 'nothing done'} of ${letters}`,
    ...(why === undefined || dryRun ? [] : [`Why: ${oneLine(why)}`]),
    ...(untouched > 0 && !dryRun ? [`${untouched} were left as they are`] : []),
    ...originLines(report),
    ...(truncated ? ['More letters match than this redrive takes: start another one after it'] : []),
    ...(dryRun && groups.length > 0
      ? [
          '',
          ...output.table(groups, [
            { title: 'GROUP', cell: ({ group }) => group },
            { title: 'LETTERS', cell: (group) => group.letters, align: 'right' },
            { title: 'CATEGORY', cell: ({ category }) => category },
            { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 12 },
            { title: 'MESSAGE', cell: (group) => groupMessage(group), cutTo: 12 },
          ]),
        ]
      : []),
    ...previewLines(output, report),
    ...problemLines(output, problems),
    `Redrive: ${id}`,
  ];
}

/** What became of the workflows the letters came from: a replay repeats only the call. */
function originLines({ origins, skipOrigins = [], dryRun }: RedriveReport): string[] {
  if (origins === undefined) return [];
  const skipped = skipOrigins.reduce((sum, status) => sum + (origins[status] ?? 0), 0);
  return [
    `Their workflows: ${originsText(origins)}${dryRun && skipped > 0 ? `; ${skipped} would be skipped` : ''}`,
  ];
}

/** FAILED, unless the redrive completed without a failed letter. Held and skipped letters are not failures. */
export function reportExitCode({ status, failed }: RedriveReport): ExitCode {
  return status === 'COMPLETED' && failed === 0 ? ExitCode.DONE : ExitCode.FAILED;
}

function problemLines(output: Output, problems: readonly LetterOutcome[]): string[] {
  if (problems.length === 0) return [];
  return [
    '',
    ...output.table(problems.slice(0, MAX_PROBLEMS), [
      { title: 'ID', cell: ({ id }) => shortLetterId(id) },
      { title: 'OUTCOME', cell: ({ outcome }) => outcome },
      { title: 'LETTER', cell: ({ id }) => withoutPrefix(id), wide: true },
      { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 30 },
    ]),
    ...(problems.length > MAX_PROBLEMS ? ['… all of them: temporal-recovery dlq redrive outcomes'] : []),
    '',
  ];
}

function previewLines(output: Output, { previews = [] }: RedriveReport): string[] {
  return previews.flatMap(({ id, before, after, message }) => [
    '',
    output.style('bold', `${shortLetterId(id)}  ${oneLine(withoutPrefix(id))}`),
    ...(message === undefined
      ? changedLines(printableJson(before).split('\n'), printableJson(after).split('\n')).map((line) =>
          line.startsWith('-')
            ? output.style('red', line)
            : line.startsWith('+')
              ? output.style('green', line)
              : line,
        )
      : [`  ${oneLine(message)}`]),
  ]);
}
