import type { ErrorCategory } from '../errors/index.js';
import type { ErrorCount, FleetErrorSummary, ReadQuery } from './error-query.js';
import type { ErrorReport, ReportedErrors } from './messages.js';
import { type Counted, WindowedCounts, type WindowedCountsJson } from './windowed-counts.js';

type Label = Omit<ErrorCount, 'count'>;

/** As it goes into the next run. */
export interface FleetErrorsJson {
  readonly total: number;
  /** Of this process: the last sequence number, and when it reported. */
  readonly workers: readonly (readonly [id: string, sequence: number, at: number])[];
  readonly lastAt?: number;
  readonly operations?: WindowedCountsJson<Label>;
  readonly hosts?: WindowedCountsJson<Label>;
  readonly causes?: WindowedCountsJson<Label>;
}

/** Labels of each kind that have counts of their own. */
const MAX_LABELS = 100;
const OTHER = '(other)';
const SHOWN = 20;
const TOP_CATEGORIES = 5;
const MINUTE_MS = 60_000;
const RECENT_MS = 5 * MINUTE_MS;
/** A worker that failed and reported once is one of the fleet for this time. */
const REPORTED_LATELY_MS = 15 * MINUTE_MS;
/** After this time no report of a worker arrives a second time. */
const REMEMBERED_MS = 60 * MINUTE_MS;
const MAX_WORKERS = 2_000;
/** A report may have waited this long for a recovery worker. Above that it is the clock of the worker that is wrong. */
const MAX_DELAY_MS = 24 * 60 * MINUTE_MS;

/** Errors of a fleet, as its workers report them. */
export class FleetErrors {
  /** Errors so far. */
  total: number;
  /** Of the last report. */
  lastAt: number | undefined;
  private readonly workers: Map<string, { sequence: number; at: number }>;
  private readonly operations: WindowedCounts<Label>;
  private readonly hosts: WindowedCounts<Label>;
  private readonly causes: WindowedCounts<Label>;

  constructor(json?: FleetErrorsJson) {
    this.total = json?.total ?? 0;
    this.lastAt = json?.lastAt;
    this.workers = new Map(json?.workers.map(([id, sequence, at]) => [id, { sequence, at }]));
    const counts = (
      key: (label: Label) => readonly unknown[],
      rest: (label: Label) => Label,
      before?: WindowedCountsJson<Label>,
    ) =>
      new WindowedCounts<Label>(
        { maxLabels: MAX_LABELS, keyOf: (label) => JSON.stringify(key(label)), restOf: rest },
        before,
      );
    this.operations = counts(
      ({ category, operation }) => [category, operation],
      ({ category }) => ({ category, operation: OTHER }),
      json?.operations,
    );
    this.hosts = counts(
      ({ category, host }) => [category, host],
      ({ category }) => ({ category, host: OTHER }),
      json?.hosts,
    );
    this.causes = counts(
      ({ category, group }) => [category, group],
      ({ category }) => ({ category, group: OTHER }),
      json?.causes,
    );
  }

  /** @returns false for a report that was counted already */
  merge({ worker, sequence, sentAt, errors }: ErrorReport, now: number): boolean {
    const known = this.workers.get(worker);
    if (known !== undefined && sequence <= known.sequence) return false;
    this.remember(worker, sequence, now);
    this.lastAt = now;
    const delay = now - sentAt;
    const sent = delay > 0 && delay <= MAX_DELAY_MS ? sentAt : now;
    for (const each of errors) this.count(each, Math.min(now, sent - each.agoMs), now);
    return true;
  }

  /** Workers that reported lately. */
  reporters(now: number): number {
    return [...this.workers.values()].filter(({ at }) => now - at < REPORTED_LATELY_MS).length;
  }

  summary(query: ReadQuery, now: number): FleetErrorSummary {
    const { windowMs, category, operation } = query;
    const window = this.operations.window(windowMs, now);
    const matching = window.counts.filter(({ label }) => matches(label, query));
    const byCategory = grouped(matching, ({ category }) => ({ category }));
    return {
      since: iso(window.since),
      until: iso(now),
      ...(this.lastAt === undefined ? {} : { lastReportAt: iso(this.lastAt) }),
      workers: this.reporters(now),
      totalErrors: sum(matching),
      errorCountsByCategory: Object.fromEntries(byCategory.map(({ category, count }) => [category, count])),
      recentErrorRate: this.errorRate({ ...query, windowMs: RECENT_MS }, now),
      topErrors: byCategory
        .slice(0, TOP_CATEGORIES)
        .map(({ category = 'UNKNOWN', count }) => ({ category, count })),
      operations: this.top({ ...query, by: 'operation', limit: SHOWN }, now),
      ...(operation === undefined
        ? { hosts: this.top({ windowMs, category, by: 'host', limit: SHOWN }, now) }
        : {}),
      causes: this.top({ ...query, by: 'cause', limit: SHOWN }, now),
    };
  }

  /** Errors per minute. */
  errorRate(query: ReadQuery, now: number): number {
    const { since, counts } = this.operations.window(query.windowMs, now);
    const count = sum(counts.filter(({ label }) => matches(label, query)));
    // The window begins at a whole minute: it is a little longer than was asked for.
    return (count * MINUTE_MS) / Math.max(MINUTE_MS, now - since);
  }

  /** The most frequent first. */
  top(query: ReadQuery, now: number): ErrorCount[] {
    const { by, windowMs, limit } = query;
    const counts = {
      category: this.operations,
      operation: this.operations,
      host: this.hosts,
      cause: this.causes,
    }[by];
    const matching = counts.window(windowMs, now).counts.filter(({ label }) => matches(label, query));
    const common = {
      category: ({ category }: Label) => ({ category }),
      operation: ({ operation }: Label) => ({ operation }),
      host: ({ host }: Label) => ({ host }),
      cause: (label: Label) => label,
    }[by];
    return grouped(matching, common).slice(0, limit);
  }

  byMinute(): Map<number, number> {
    return this.operations.byMinute();
  }

  byHour(): Map<number, number> {
    return this.operations.byHour();
  }

  json(): FleetErrorsJson {
    const { total, lastAt, workers, operations, hosts, causes } = this;
    return {
      total,
      ...(lastAt === undefined ? {} : { lastAt }),
      workers: [...workers].map(([id, { sequence, at }]) => [id, sequence, at] as const),
      operations: operations.json(),
      hosts: hosts.json(),
      causes: causes.json(),
    };
  }

  private count(error: ReportedErrors, at: number, now: number): void {
    const { count, operation = OTHER, host, group = OTHER, statusCode, pattern } = error;
    const category = error.category as ErrorCategory;
    this.total += count;
    this.operations.add({ category, operation }, count, at, now);
    if (host !== undefined) this.hosts.add({ category, host }, count, at, now);
    const cause = group === OTHER ? { category, group } : { category, operation, group, statusCode, pattern };
    this.causes.add(cause, count, at, now);
  }

  private remember(worker: string, sequence: number, now: number): void {
    // The one that reported last is the last in the map.
    this.workers.delete(worker);
    this.workers.set(worker, { sequence, at: now });
    for (const [id, { at }] of this.workers) {
      if (this.workers.size <= MAX_WORKERS && now - at < REMEMBERED_MS) break;
      this.workers.delete(id);
    }
  }
}

function matches(label: Label, { category, operation }: ReadQuery): boolean {
  if (category !== undefined && label.category !== category) return false;
  return operation === undefined || label.operation === operation;
}

function grouped(counted: readonly Counted<Label>[], common: (label: Label) => Label): ErrorCount[] {
  const found = new Map<string, ErrorCount>();
  for (const { label, count } of counted) {
    const shared = common(label);
    const key = JSON.stringify(shared);
    found.set(key, { ...shared, count: count + (found.get(key)?.count ?? 0) });
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

const sum = (counted: readonly Counted<Label>[]): number =>
  counted.reduce((all, { count }) => all + count, 0);

const iso = (at: number): string => new Date(at).toISOString();
