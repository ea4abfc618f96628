import type { DeadLetterSummary } from '../client/dead-letter/listing.js';

export interface Count {
  readonly name: string;
  readonly letters: number;
}

export interface GroupCount {
  readonly group: string;
  readonly letters: number;
  readonly operation?: string;
  readonly category?: string;
  readonly statusCode?: number;
  readonly message?: string;
}

export interface ErrorSummary {
  readonly since: Date;
  /** Letters looked at: the newest, where there are more. */
  readonly counted: number;
  readonly byStatus: readonly Count[];
  readonly byCategory: readonly Count[];
  readonly byOperation: readonly Count[];
  /** Of each hour that has begun, the oldest first. Hours are UTC's. */
  readonly byHour: readonly { readonly hour: Date; readonly letters: number }[];
  /** The largest first, at most 10. */
  readonly groups: readonly GroupCount[];
}

const HOUR_MS = 3_600_000;
const MAX_GROUPS = 10;
const MAX_HOURS = 168;

export function summariseErrors(letters: readonly DeadLetterSummary[], since: Date, now: Date): ErrorSummary {
  const groups = new Map<string, GroupCount>();
  for (const { group, operation, category, statusCode, message } of letters) {
    if (group === undefined) continue;
    // Newest first: the first of a group has the latest message.
    const known = groups.get(group) ?? { group, letters: 0, operation, category, statusCode, message };
    groups.set(group, { ...known, letters: known.letters + 1 });
  }
  return {
    since,
    counted: letters.length,
    byStatus: counts(letters.map(({ status }) => status)),
    byCategory: counts(letters.map(({ category }) => category ?? 'unknown')),
    byOperation: counts(letters.map(({ operation }) => operation ?? 'unknown')),
    byHour: hours(letters, since, now),
    groups: [...groups.values()].sort((a, b) => b.letters - a.letters).slice(0, MAX_GROUPS),
  };
}

function counts(names: readonly string[]): Count[] {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found].map(([name, letters]) => ({ name, letters })).sort((a, b) => b.letters - a.letters);
}

function hours(letters: readonly DeadLetterSummary[], since: Date, now: Date) {
  const hourOf = (time: Date) => Math.floor(time.getTime() / HOUR_MS);
  const last = hourOf(now);
  const first = Math.max(hourOf(since), last - MAX_HOURS + 1);
  const found = new Map<number, number>();
  for (const { createdAt } of letters) {
    const hour = hourOf(createdAt);
    found.set(hour, (found.get(hour) ?? 0) + 1);
  }
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => ({
    hour: new Date((first + at) * HOUR_MS),
    letters: found.get(first + at) ?? 0,
  }));
}
