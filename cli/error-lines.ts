import type { BreakerSummary } from '../client/circuit-breaker/breakers.js';
import { oneLine } from '../common/text/text.js';
import { stateStyle } from './commands/breaker/state-style.js';
import { groupMessage } from './commands/dlq/columns.js';
import type { Count, ErrorSummary } from './error-summary.js';
import type { Output } from './output/output.js';
import { age, moment } from './output/time.js';

export interface ShownErrors extends ErrorSummary {
  /** Letters that match, counted or not. */
  readonly total: number;
  readonly breakers: readonly BreakerSummary[];
}

const BAR_WIDTH = 30;
const MAX_OPERATIONS = 10;

export function errorLines(output: Output, shown: ShownErrors): string[] {
  const { since, total, counted, byStatus, byCategory, byOperation, groups, breakers } = shown;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', output.style('bold', title), ...lines];
  const statuses = byStatus.map(({ name, letters }) => `${letters} ${name}`).join(', ');
  return [
    total === 0
      ? `No dead letters were written since ${moment(since)}`
      : `${total} ${total === 1 ? 'dead letter was' : 'dead letters were'} written since ${moment(since)}: calls that failed for good (${statuses} now)`,
    ...(counted < total ? [`The numbers below are of the newest ${counted}`] : []),
    ...section(
      'Circuit breakers that are not closed',
      breakers.map((breaker) => breakerLine(output, breaker)),
    ),
    ...section('By category', countLines(byCategory)),
    ...section('By operation', countLines(byOperation.slice(0, MAX_OPERATIONS))),
    ...(counted === 0 ? [] : section('By hour (UTC)', hourLines(shown))),
    ...section(
      'Largest groups (dlq list --group …)',
      groups.length === 0
        ? []
        : output.table(groups, [
            { title: 'GROUP', cell: ({ group }) => group },
            { title: 'LETTERS', cell: ({ letters }) => letters, align: 'right' },
            {
              title: 'CATEGORY',
              cell: ({ category, statusCode }) => [category, statusCode].filter(Boolean).join(' '),
            },
            { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 12 },
            { title: 'MESSAGE', cell: (group) => groupMessage(group), cutTo: 12 },
          ]),
    ),
  ];
}

function breakerLine(output: Output, { name, status, since, why }: BreakerSummary): string {
  return `  ${stateStyle(output, status)} for ${age(since)}  ${oneLine(name)}${why === undefined ? '' : `  ${oneLine(why)}`}`;
}

function countLines(counts: readonly Count[]): string[] {
  return counts.map(({ name, letters }) => `${String(letters).padStart(7)}  ${oneLine(name)}`);
}

/** Hours at the beginning in which nothing happened are left out. */
function hourLines({ byHour }: ErrorSummary): string[] {
  const first = byHour.findIndex(({ letters }) => letters > 0);
  const shown = first < 0 ? [] : byHour.slice(first);
  const most = Math.max(1, ...shown.map(({ letters }) => letters));
  return shown.map(({ hour, letters }) => {
    const bar = '█'.repeat(Math.ceil((letters / most) * BAR_WIDTH));
    return `  ${hour.toISOString().slice(5, 13).replace('T', ' ')}h ${String(letters).padStart(6)}  ${bar}`.trimEnd();
  });
}
