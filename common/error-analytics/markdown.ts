import {
  CIRCUIT_BREAKER_WORKFLOW,
  DEAD_LETTER_WORKFLOW,
  GROUP_WORKFLOW,
  SEARCH_ATTRIBUTES,
} from '../contract.js';
import { code, listLink, quoted } from '../text/markdown.js';
import { cutBytes, oneLine, utf8Length } from '../text/text.js';
import type { ErrorCount } from './error-query.js';
import type { FleetErrors } from './fleet-errors.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BAR = 24;
const ROWS = 8;
const CAUSES = 8;
const NAME_WIDTH = 34;
const BY = ['category', 'operation', 'host'] as const;
/** Columns of the tables. */
const WINDOWS = [
  ['5 min', 5 * MINUTE_MS],
  ['1 hour', HOUR_MS],
  ['24 hours', 24 * HOUR_MS],
] as const;

/** What the page knows of the server. */
export interface ErrorPageContext {
  readonly namespace: string;
  /** Whether the server can list letters by cause. */
  readonly listsGroups: boolean;
}

/** The errors of a fleet as a small dashboard: figures, bars of text and tables, in blocks of fixed width. */
export function errorDashboard(errors: FleetErrors, now: number, context: ErrorPageContext): string[] {
  const { lastAt, total } = errors;
  const rate = errors.errorRate({ windowMs: WINDOWS[0][1], by: 'category', limit: 0 }, now);
  return [
    rate === 0 ? '### No errors in the last 5 minutes' : `### ${figure(rate)} errors a minute`,
    '',
    `- **As of**: ${time(now)}. The figures below are of that time; reports of workers renew them`,
    ...(lastAt === undefined ? [] : [`- **Last report**: ${time(lastAt)}`]),
    `- **Workers that reported in the last 15 minutes**: ${errors.reporters(now)}`,
    `- **Counted**: ${total} failed attempts since this workflow began`,
    `- **See also**: ${seeAlso(context.namespace)}`,
    ...(total === 0 ? [] : [...bars(errors, now), ...tables(errors, now), ...causes(errors, now, context)]),
  ];
}

function seeAlso(namespace: string): string {
  const running = (type: string) => `WorkflowType="${type}" AND ExecutionStatus="Running"`;
  return [
    listLink(namespace, 'open dead letters', running(DEAD_LETTER_WORKFLOW)),
    listLink(namespace, 'causes of dead letters', running(GROUP_WORKFLOW)),
    listLink(namespace, 'circuit breakers', running(CIRCUIT_BREAKER_WORKFLOW)),
  ].join(' · ');
}

function bars(errors: FleetErrors, now: number): string[] {
  const hour = sums(errors.byMinute(), 5 * MINUTE_MS, 12, now);
  const day = sums(errors.byHour(), HOUR_MS, 24, now);
  return [
    ...section('Last hour, each 5 minutes (UTC)', barLines(hour)),
    ...section('Last 24 hours (UTC)', barLines(day)),
  ];
}

/** Sums of the last periods, the oldest first. */
function sums(counts: ReadonlyMap<number, number>, widthMs: number, periods: number, now: number) {
  const last = Math.floor(now / widthMs);
  const found = Array.from({ length: periods }, (_, at) => ({
    start: (last - periods + 1 + at) * widthMs,
    count: 0,
  }));
  for (const [start, count] of counts) {
    const period = found[Math.floor(start / widthMs) - last + periods - 1];
    if (period !== undefined) period.count += count;
  }
  return found;
}

/** Periods at the beginning without an error are left out. */
function barLines(periods: readonly { readonly start: number; readonly count: number }[]): string[] {
  const first = periods.findIndex(({ count }) => count > 0);
  const most = Math.max(1, ...periods.map(({ count }) => count));
  return periods.slice(first < 0 ? periods.length : first).map(({ start, count }) => {
    const bar = '▇'.repeat(Math.ceil((count / most) * BAR));
    return `${new Date(start).toISOString().slice(11, 16)}  ${bar.padEnd(BAR)} ${count}`;
  });
}

function tables(errors: FleetErrors, now: number): string[] {
  const lines = BY.flatMap((by) => {
    const [short, middle, long] = WINDOWS.map(([, windowMs]) =>
      errors.top({ windowMs, by, limit: 1_000 }, now),
    );
    const shown = (long ?? []).slice(0, ROWS);
    if (shown.length === 0) return [];
    const find = (counts: readonly ErrorCount[] = [], name: string) =>
      counts.find((each) => each[by] === name)?.count ?? 0;
    const rows = shown.map(({ [by]: name = '', count }) =>
      row(name, [find(short, name), find(middle, name), count]),
    );
    return [
      row(
        by.toUpperCase(),
        WINDOWS.map(([title]) => title),
      ),
      ...rows,
      '',
    ];
  });
  return section('Where', lines.slice(0, -1));
}

function row(name: string, cells: readonly (string | number)[]): string {
  return fitted(name, NAME_WIDTH) + cells.map((cell) => String(cell).padStart(10)).join('');
}

const CANNOT_LIST = `The search attribute ${code(SEARCH_ATTRIBUTES.group)} is not registered, so no list can have the letters of one cause. To register it: ${code('temporal-recovery setup')}`;

/** Each with its dead letters, if there are any: the errors that are counted were retried, too. */
function causes(errors: FleetErrors, now: number, { namespace, listsGroups }: ErrorPageContext): string[] {
  const found = errors.top({ windowMs: 24 * HOUR_MS, by: 'cause', limit: CAUSES }, now);
  if (found.length === 0) return [];
  const lines = found.map(({ count, category, statusCode, operation, group, pattern }) => {
    const what = [category, statusCode, operation].filter(Boolean).join(' · ');
    const query = `WorkflowType="${DEAD_LETTER_WORKFLOW}" AND ${SEARCH_ATTRIBUTES.group}=${quoted(group ?? '')}`;
    const parts = [
      `- **${count}** × ${code(what, 200)}`,
      group && (listsGroups ? listLink(namespace, `letters of ${group}`, query) : `group ${code(group)}`),
      pattern && code(pattern, 220),
    ];
    return parts.filter(Boolean).join(' · ');
  });
  return ['', '### Top causes of 24 hours', '', ...(listsGroups ? [] : [CANNOT_LIST, '']), ...lines];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', `### ${title}`, '', '```text', ...lines.map((line) => line.replaceAll('```', "'''")), '```'];
}

function fitted(name: string, width: number): string {
  const line = oneLine(name);
  return utf8Length(line) <= width ? line.padEnd(width) : cutBytes(line, width).padEnd(width);
}

function figure(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

function time(at: number): string {
  return new Date(at).toISOString();
}
