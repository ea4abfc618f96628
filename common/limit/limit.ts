import type { Duration } from '../text/duration.js';
import { readDuration } from '../text/duration.js';
import { show } from '../text/show.js';

/** Calls in any window of a length. */
export interface LimitWindow {
  /** The most calls that begin in any window of this length. */
  readonly calls: number;
  /** Length of the window: milliseconds or a string such as `'1 minute'`, from 100 ms to 31 days. */
  readonly per: Duration;
}

/** A limit with more than windows. */
export interface LimitSettings {
  /** All of them are kept at the same time. */
  readonly windows?: readonly LimitWindow[];
  /** The most calls that run at the same time. */
  readonly concurrency?: number;
}

/** A known limit of a service: one window, several, or windows and `concurrency`. */
export type LimitInput = LimitWindow | readonly LimitWindow[] | LimitSettings;

/** A limit as it is used and sent. Durations in milliseconds. */
export interface Limit {
  /** The shortest window first. */
  readonly windows: readonly Share[];
  /** Calls at the same time. */
  readonly concurrency?: number;
}

/** Calls in any window of `perMs`; with 0 calls at the same time. */
export interface Share {
  /** Calls in the window. */
  readonly calls: number;
  /** Length of the window in milliseconds. */
  readonly perMs: number;
}

/** Windows up to this length are divided among the workers. Of longer ones the workers get tokens. */
export const LONGEST_SHARED_MS = 60_000;
const SHORTEST_MS = 100;
const LONGEST_MS = 31 * 24 * 3_600_000;
const MAX_WINDOWS = 5;
/** Of a short window: a worker keeps the time of each call in it. */
const MAX_SHARED_CALLS = 100_000;
const MAX_CALLS = 1_000_000_000;
const MAX_CONCURRENCY = 100_000;

/** Reads a limit; what is wrong goes to `problems`, as `path: expected …, got …`. */
export function readLimit(input: unknown, path: string, problems: string[]): Limit | undefined {
  const before = problems.length;
  if (typeof input !== 'object' || input === null) {
    problems.push(
      `${path}: expected { calls, per }, a list of these, or { windows, concurrency }, got ${show(input)}`,
    );
    return undefined;
  }
  const settings = fieldsOf(input);
  for (const field of Object.keys(settings)) {
    if (field !== 'windows' && field !== 'concurrency')
      problems.push(`${path}.${field}: unknown field; known here are windows, concurrency`);
  }
  const windows = readWindows(settings.windows, path, problems);
  const concurrency = settings.concurrency ?? undefined;
  if (concurrency !== undefined && !isWhole(concurrency, MAX_CONCURRENCY)) {
    problems.push(
      `${path}.concurrency: expected a whole number from 1 to ${MAX_CONCURRENCY}, got ${show(concurrency)}`,
    );
  }
  if (problems.length === before && windows.length === 0 && concurrency === undefined)
    problems.push(`${path}: expected at least one window { calls, per }, or concurrency`);
  if (problems.length > before) return undefined;
  return { windows, ...(concurrency === undefined ? {} : { concurrency: concurrency as number }) };
}

function fieldsOf(input: object): { windows?: unknown; concurrency?: unknown } {
  if (Array.isArray(input)) return { windows: input };
  return 'calls' in input || 'per' in input ? { windows: [input] } : input;
}

function readWindows(input: unknown, path: string, problems: string[]): Share[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input) || input.length > MAX_WINDOWS) {
    problems.push(`${path}.windows: expected a list of at most ${MAX_WINDOWS} windows, got ${show(input)}`);
    return [];
  }
  const windows = input.flatMap((each, at) => readWindow(each, `${path}[${at}]`, problems) ?? []);
  windows.sort((a, b) => a.perMs - b.perMs);
  for (const [at, { perMs }] of windows.entries()) {
    if (windows[at + 1]?.perMs === perMs)
      problems.push(`${path}: two windows are ${perMs} ms long; keep the one with fewer calls`);
  }
  return windows;
}

function readWindow(input: unknown, path: string, problems: string[]): Share | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push(`${path}: expected { calls, per }, got ${show(input)}`);
    return undefined;
  }
  const { calls, per, ...others } = input as Record<string, unknown>;
  for (const field of Object.keys(others))
    problems.push(`${path}.${field}: unknown field; known here are calls, per`);
  const perMs = readDuration(per);
  if (perMs === undefined || perMs < SHORTEST_MS || perMs > LONGEST_MS) {
    problems.push(
      `${path}.per: expected a duration from ${SHORTEST_MS} ms to 31 days, in milliseconds or as a string such as "1 minute", got ${show(per)}`,
    );
    return undefined;
  }
  const most = perMs <= LONGEST_SHARED_MS ? MAX_SHARED_CALLS : MAX_CALLS;
  if (!isWhole(calls, most)) {
    problems.push(
      `${path}.calls: expected a whole number from 1 to ${most.toLocaleString('en')}, got ${show(calls)}`,
    );
    return undefined;
  }
  return { calls, perMs };
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

/** What is divided among the workers: the short windows, and the calls at the same time. */
export function dividedOf({ windows, concurrency }: Limit): Share[] {
  return [
    ...windows.filter(({ perMs }) => perMs <= LONGEST_SHARED_MS),
    ...(concurrency === undefined ? [] : [{ calls: concurrency, perMs: 0 }]),
  ];
}

/** What the workers get tokens of. */
export function longOf({ windows }: Limit): readonly Share[] {
  return windows.filter(({ perMs }) => perMs > LONGEST_SHARED_MS);
}

/** For people, as in "10 calls per second, 5 at the same time". */
export function describeLimit({ windows, concurrency }: Limit): string {
  return [
    ...windows.map(
      ({ calls, perMs }) =>
        `${calls.toLocaleString('en')} ${calls === 1 ? 'call' : 'calls'} per ${describePer(perMs)}`,
    ),
    ...(concurrency === undefined ? [] : [`${concurrency.toLocaleString('en')} at the same time`]),
  ].join(', ');
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

function describePer(perMs: number): string {
  for (const [name, ms] of UNITS) {
    if (perMs % ms !== 0) continue;
    return perMs === ms ? name : `${perMs / ms} ${name}s`;
  }
  return `${perMs} ms`;
}

/** A limit as it is written in options. */
export function settingsOf({ windows, concurrency }: Limit): LimitSettings {
  return {
    windows: windows.map(({ calls, perMs }) => ({ calls, per: perMs })),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

export function sameLimit(a: Limit, b: Limit): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
