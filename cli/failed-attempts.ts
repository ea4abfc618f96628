import type { ErrorCount, FleetErrorSummary, FleetErrorsClient } from '../client/index.js';
import { oneLine } from '../common/text/text.js';
import type { Output } from './output/output.js';
import { moment } from './output/time.js';

const MINUTE_MS = 60_000;
/** What the workers' counts reach back to. */
const MAX_WINDOW_MS = 167 * 60 * MINUTE_MS;
const MAX_LINES = 10;

/**
 * Attempts that failed, as the workers have reported them. Undefined where there are none, and where no recovery worker answers: then
 * a note says so, and letters are all that is known.
 */
export async function failedAttempts(
  errors: FleetErrorsClient,
  { from, operation }: { readonly from: Date; readonly operation?: string },
  note: (line: string) => void,
): Promise<FleetErrorSummary | undefined> {
  const window = Math.min(MAX_WINDOW_MS, Math.max(MINUTE_MS, Date.now() - from.getTime()));
  try {
    return await errors.summary({ window, ...(operation === undefined ? {} : { operation }) });
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error));
    note(`Failed attempts are not known: no recovery worker answers (${why}). Letters are shown`);
    return undefined;
  }
}

export function attemptLines(output: Output, shown: FleetErrorSummary): string[] {
  const { since, totalErrors, recentErrorRate, workers, errorCountsByCategory, operations, hosts, causes } =
    shown;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', output.style('bold', title), ...lines];
  const counted = (counts: readonly ErrorCount[], name: 'operation' | 'host') =>
    counts.slice(0, MAX_LINES).map((each) => line(each.count, each[name]));
  const categories = Object.entries(errorCountsByCategory).sort(([, a = 0], [, b = 0]) => b - a);
  return [
    totalErrors === 0
      ? `No attempts failed since ${moment(since)}`
      : `${totalErrors} ${totalErrors === 1 ? 'attempt' : 'attempts'} failed since ${moment(since)}, ${recentErrorRate.toFixed(1)} a minute in the last 5 minutes; ${workers} ${workers === 1 ? 'worker' : 'workers'} reported in the last 15 minutes`,
    ...section(
      'Attempts by category',
      categories.map(([category, count]) => line(count, category)),
    ),
    ...section('Attempts by operation', counted(operations, 'operation')),
    ...section('Attempts by host', counted(hosts ?? [], 'host')),
    ...section(
      'Most frequent causes',
      causes.length === 0
        ? []
        : output.table(causes.slice(0, MAX_LINES), [
            { title: 'GROUP', cell: ({ group }) => group },
            { title: 'ATTEMPTS', cell: ({ count }) => count, align: 'right' },
            {
              title: 'CATEGORY',
              cell: ({ category, statusCode }) => [category, statusCode].filter(Boolean).join(' '),
            },
            { title: 'OPERATION', cell: ({ operation }) => operation, cutTo: 12 },
            { title: 'MESSAGE', cell: ({ pattern }) => pattern, cutTo: 12 },
          ]),
    ),
    '',
  ];
}

function line(count: number | undefined, name = ''): string {
  return `${String(count).padStart(7)}  ${oneLine(name)}`;
}
