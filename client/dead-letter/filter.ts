import { DEAD_LETTER_WORKFLOW, SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { DeadLetterStatus } from '../../common/dead-letter/record.js';
import { OPEN_STATUSES } from '../../common/dead-letter/status.js';
import { cleanTag, MAX_TAGS } from '../../common/dead-letter/tags.js';
import { ErrorCategory } from '../../common/errors/index.js';
import { show } from '../../common/text/show.js';
import { InvalidRequestError } from '../errors.js';

/** Which dead letters. Several conditions must all hold. */
export interface DeadLetterFilter {
  /** Name of the dead-letter queue. */
  queue?: string;
  /** Category of the error, as in `DeadLetterSummary.category`. */
  category?: ErrorCategory;
  /** Activity type. */
  operation?: string;
  /** Fingerprint of the cause, as in `DeadLetterSummary.group`. */
  group?: string;
  /** One state. TERMINATED, FAILED and TIMED_OUT: the letter's workflow ended before the work was done. */
  status?: DeadLetterStatus;
  /** `true`: only open letters. `false`: only closed letters. @default both */
  open?: boolean;
  /**
   * Correlation id of the error. It is no search attribute: the letters that the other conditions leave are read,
   * some seconds for ten thousand, at most 100,000 (more is an InvalidRequestError). Letters written before 0.5.0 are not found by it.
   */
  correlationId?: string;
  /**
   * Tags, all of which a letter must have: those of the plugin's option `tags`, and `correlation:<id>`. Where the search
   * attribute `RecoveryTags` is not registered, the letters that the other conditions leave are read, as for `correlationId`.
   */
  tags?: readonly string[];
  /** Dead-lettered at this time or later: a `Date` or an ISO string with time zone. */
  since?: Date | string;
  /** Dead-lettered before this time. */
  until?: Date | string;
}

const CONDITIONS = ['queue', 'category', 'operation', 'group'] as const;
const TEXTS = [...CONDITIONS, 'status', 'correlationId'] as const;
const KNOWN = [...TEXTS, 'tags', 'open', 'since', 'until'];
/** Clocks of workers and server may differ by less. */
const CLOCK_SKEW_MS = 3_600_000;

/**
 * The visibility query of a filter.
 * @throws InvalidRequestError naming the field, the value and what is allowed
 */
export function visibilityQuery(filter: DeadLetterFilter): string {
  for (const key of Object.keys(filter)) {
    if (!KNOWN.includes(key))
      throw new InvalidRequestError(`filter: unknown field "${key}"; known are ${KNOWN.join(', ')}`);
  }
  oneOf('category', filter.category, Object.values(ErrorCategory));
  oneOf('status', filter.status, Object.values(DeadLetterStatus));
  const parts = [`WorkflowType = ${quote(DEAD_LETTER_WORKFLOW)}`, "ExecutionStatus != 'ContinuedAsNew'"];
  for (const field of TEXTS) {
    const value = filter[field];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new InvalidRequestError(
        `filter: ${field} must be a string that is not empty; got ${show(value)}`,
      );
    }
  }
  for (const field of CONDITIONS) {
    const value = filter[field];
    if (value !== undefined) parts.push(`${SEARCH_ATTRIBUTES[field]} = ${quote(value)}`);
  }
  if (filter.status !== undefined) parts.push(hasStatus(filter.status));
  if (filter.open !== undefined) parts.push(isOpenCondition(filter.open));
  checkTags(filter.tags);
  const { since } = timeRange(filter);
  // Fewer letters to read. No run of a letter starts before the letter was written.
  if (isRead(filter) && since !== undefined) {
    parts.push(`StartTime >= '${new Date(since - CLOCK_SKEW_MS).toISOString()}'`);
  }
  return parts.join(' AND ');
}

const RUNNING = "ExecutionStatus = 'Running'";

function isOpenCondition(open: unknown): string {
  if (typeof open !== 'boolean') {
    throw new InvalidRequestError(`filter: open must be true or false; got ${show(open)}`);
  }
  return open ? RUNNING : "ExecutionStatus != 'Running'";
}

/** Names of the server's query language. */
const EXECUTION_STATUS: Partial<Record<DeadLetterStatus, string>> = {
  TERMINATED: 'Terminated',
  FAILED: 'Failed',
  TIMED_OUT: 'TimedOut',
};

/** A letter whose workflow was ended keeps the search attribute it had: its workflow's status tells. */
function hasStatus(status: DeadLetterStatus): string {
  const attribute = SEARCH_ATTRIBUTES.status;
  const ended = EXECUTION_STATUS[status];
  if (ended !== undefined) {
    const open = OPEN_STATUSES.map(quote).join(', ');
    return `ExecutionStatus = '${ended}' AND (${attribute} IS NULL OR ${attribute} IN (${open}))`;
  }
  const isOpen = OPEN_STATUSES.includes(status);
  return `${attribute} = ${quote(status)}${isOpen ? ` AND ${RUNNING}` : ''}`;
}

/** Whether a query is of letters that are not closed. */
export function isOfOpenLetters(query: string): boolean {
  return query.includes(RUNNING);
}

function checkTags(tags: unknown): void {
  if (tags === undefined) return;
  const isList = Array.isArray(tags) && tags.length > 0 && tags.length <= MAX_TAGS;
  if (isList && tags.every((tag) => typeof tag === 'string' && cleanTag(tag) !== '')) return;
  throw new InvalidRequestError(
    `filter: tags must be an array of 1 to ${MAX_TAGS} strings that are not empty; got ${show(tags)}`,
  );
}

/** What a query cannot say of a filter, and has to be looked at in each letter. */
export interface Condition extends TimeRange {
  readonly correlationId?: string;
  readonly tags?: readonly string[];
}

/** Whether letters have to be read that the condition does not name. */
export function isRead({ correlationId, tags }: Pick<Condition, 'correlationId' | 'tags'>): boolean {
  return correlationId !== undefined || tags !== undefined;
}

/** @throws InvalidRequestError */
export function conditionOf(filter: DeadLetterFilter): Condition {
  const { correlationId, tags } = filter;
  return { ...timeRange(filter), correlationId, tags: tags?.map(cleanTag) };
}

export function meets(
  condition: Condition,
  letter: { readonly createdAt: Date; readonly correlationId?: string; readonly tags?: readonly string[] },
): boolean {
  const { correlationId, tags = [] } = condition;
  if (correlationId !== undefined && letter.correlationId !== correlationId) return false;
  if (tags.some((tag) => !letter.tags?.includes(tag))) return false;
  return isWithin(condition, letter.createdAt);
}

/** From when to when, in milliseconds since the epoch: the end is not in it. */
export interface TimeRange {
  readonly since?: number;
  readonly until?: number;
}

/** @throws InvalidRequestError */
function timeRange({ since, until }: DeadLetterFilter): TimeRange {
  return { since: timeOf('since', since), until: timeOf('until', until) };
}

function isWithin({ since, until }: TimeRange, time: Date): boolean {
  const at = time.getTime();
  return (since === undefined || at >= since) && (until === undefined || at < until);
}

/** The range as a condition on the start of a workflow, to be added to a query. */
export function startedWithin({ since, until }: TimeRange): string {
  const from = since === undefined ? '' : ` AND StartTime >= '${new Date(since).toISOString()}'`;
  const to = until === undefined ? '' : ` AND StartTime < '${new Date(until).toISOString()}'`;
  return from + to;
}

function timeOf(field: string, value: Date | string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = value instanceof Date ? value.getTime() : Date.parse(value);
  if (Number.isNaN(time)) {
    throw new InvalidRequestError(
      `filter: ${field} must be a Date or an ISO time such as "2026-01-31T08:00:00Z"; got ${show(value)}`,
    );
  }
  return time;
}

function oneOf(field: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw new InvalidRequestError(
      `filter: ${field} must be one of ${allowed.join(', ')}; got ${show(value)}`,
    );
  }
}

/** Visibility takes both kinds of quotes and escapes with a backslash. */
export function quote(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
