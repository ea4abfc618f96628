import { ErrorCategory } from '../errors/index.js';
import { fields, isPlain, oneOf, optional, problemOf, range, text, time } from '../shape.js';
import { type Duration, readDuration } from '../text/duration.js';
import { show } from '../text/show.js';
import type { ErrorSummary } from './error-analytics.js';
import { MAX_WINDOW_MS } from './windowed-counts.js';

/** Which errors of the fleet are counted. */
export interface ErrorFilter {
  /**
   * Errors of this time, up to now: milliseconds or a string such as `'5 minutes'`, at most 167 hours. Windows begin at whole
   * minutes, those of two hours and more at whole hours.
   */
  readonly window?: Duration;
  /** Errors of this category. */
  readonly category?: ErrorCategory;
  /** Errors of calls of this operation. Errors of hosts are then not known. */
  readonly operation?: string;
}

export const COUNTED_BY = ['category', 'operation', 'host', 'cause'] as const;

/** Which counts `topErrors` gives, and how many. */
export interface TopErrorsQuery extends ErrorFilter {
  /** What errors are counted by. @default 'category' */
  readonly by?: (typeof COUNTED_BY)[number];
  /** Number of entries. @default 5 */
  readonly limit?: number;
}

/** As the queries of the workflow take it. */
export interface AskedErrors extends TopErrorsQuery {
  /** Milliseconds since the epoch. A query alone does not move the clock of a workflow. @default the time of its last task */
  readonly now?: number;
}

/** Errors that have something in common. `(other)` counts what is not among the 100 most frequent ones. */
export interface ErrorCount {
  /** Number of errors in the window. */
  readonly count: number;
  /** Category, where errors are counted by it or by cause. */
  readonly category?: ErrorCategory;
  /** Operation, where errors are counted by it or by cause. */
  readonly operation?: string;
  /** Host of the request, with its port if the address has one. */
  readonly host?: string;
  /** Fingerprint of the cause, as in search attribute `RecoveryGroup`. */
  readonly group?: string;
  /** HTTP status, where the cause has one. */
  readonly statusCode?: number;
  /** The message with `<n>`, `<id>`, `<value>` and `<url>` in place of what differs from one error to the next. */
  readonly pattern?: string;
}

/** Errors of attempts of all workers that share a recovery task queue. */
export interface FleetErrorSummary extends ErrorSummary {
  /** When the window begins; ISO 8601. */
  readonly since: string;
  /** When it ends: the time of the request. */
  readonly until: string;
  /** When the last report of a worker came; ISO 8601. Absent before the first. */
  readonly lastReportAt?: string;
  /** Workers that reported in the last 15 minutes. */
  readonly workers: number;
  /** The most frequent first, at most 20. */
  readonly operations: readonly ErrorCount[];
  /** The same by host; absent with a filter by operation. */
  readonly hosts?: readonly ErrorCount[];
  /** The same by cause: operation, category, status and pattern of the message. */
  readonly causes: readonly ErrorCount[];
}

export interface ReadQuery {
  readonly windowMs: number;
  readonly category?: string;
  readonly operation?: string;
  readonly by: (typeof COUNTED_BY)[number];
  readonly limit: number;
  readonly now?: number;
}

const DEFAULT_LIMIT = 5;
const MAX_LIMIT = 1_000;
const MINUTE_MS = 60_000;

const query = fields({
  category: optional(oneOf(Object.values(ErrorCategory))),
  operation: optional(text(1_000)),
  by: optional(oneOf(COUNTED_BY)),
  limit: optional(range(0, MAX_LIMIT)),
  now: optional(time),
});

/** @throws TypeError that names field, value and fix */
export function readErrorQuery(value: unknown, defaultWindowMs: number): ReadQuery {
  const given = value ?? {};
  const problem = isPlain(given)
    ? problemOf(query, given, 'query')
    : `query must be an object such as {"window": "1 hour"}; got ${show(given)}`;
  if (problem !== undefined) throw new TypeError(problem);
  const { window, category, operation, by, limit, now } = given as AskedErrors;
  return {
    windowMs: window === undefined || window === null ? defaultWindowMs : readWindow(window),
    category: category ?? undefined,
    operation: operation ?? undefined,
    by: by ?? 'category',
    limit: Math.floor(limit ?? DEFAULT_LIMIT),
    ...(now === undefined || now === null ? {} : { now }),
  };
}

function readWindow(window: unknown): number {
  const ms = readDuration(window);
  if (ms !== undefined && ms >= MINUTE_MS && ms <= MAX_WINDOW_MS) return ms;
  throw new TypeError(
    `query.window must be milliseconds or a string such as "5 minutes", from 1 minute to 167 hours; got ${show(window)}`,
  );
}
