import type { CountWindow, TimeWindow } from './config.js';

/** The calls of a window as plain JSON. */
export type CallWindow = CountedCalls | TimedCalls;

interface CountedCalls {
  /** One character per call, oldest first: `s`uccess or `f`ailure, in capitals if slow. */
  readonly calls: string;
}

interface TimedCalls {
  /** Milliseconds per bucket. */
  readonly width: number;
  readonly buckets: readonly Bucket[];
}

/** Number of the bucket (time divided by width), calls, failures, slow calls. */
type Bucket = readonly [index: number, calls: number, failures: number, slow: number];

export interface Counts {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

export interface Call {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** The window with one more call. A window of another kind than the configured one is replaced by an empty one. */
export function addCall(
  window: CallWindow | undefined,
  config: CountWindow | TimeWindow,
  call: Call,
  now: number,
): CallWindow {
  if (config.type === 'count') {
    const letter = call.failed ? 'f' : 's';
    const before = window !== undefined && 'calls' in window ? window.calls : '';
    return { calls: (before + (call.slow ? letter.toUpperCase() : letter)).slice(-config.size) };
  }
  const width = config.duration / config.buckets;
  const current = Math.floor(now / width);
  const buckets = [...liveBuckets(window, config, width, current)];
  const newest = buckets.at(-1);
  const [, calls, failures, slow] = newest?.[0] === current ? newest : ([current, 0, 0, 0] as const);
  if (newest?.[0] === current) buckets.pop();
  buckets.push([current, calls + 1, failures + Number(call.failed), slow + Number(call.slow)]);
  return { width, buckets };
}

/** What happened within the window, seen from `now`. */
export function countCalls(
  window: CallWindow | undefined,
  config: CountWindow | TimeWindow,
  now: number,
): Counts {
  if (config.type === 'count') {
    const text = window !== undefined && 'calls' in window ? window.calls.slice(-config.size) : '';
    return { calls: text.length, failures: matches(text, /f/gi), slow: matches(text, /[SF]/g) };
  }
  const width = config.duration / config.buckets;
  const live = liveBuckets(window, config, width, Math.floor(now / width));
  const sum = (field: 1 | 2 | 3) => live.reduce((total, bucket) => total + bucket[field], 0);
  return { calls: sum(1), failures: sum(2), slow: sum(3) };
}

/** Expiry is a matter of the bucket's number, not of calls that come by: it works while idle. */
function liveBuckets(
  window: CallWindow | undefined,
  config: TimeWindow,
  width: number,
  current: number,
): readonly Bucket[] {
  if (window === undefined || !('buckets' in window) || window.width !== width) return [];
  // A clock that was set back would keep old buckets for ever: they move with it.
  const ahead = Math.max(0, (window.buckets.at(-1)?.[0] ?? current) - current);
  return window.buckets
    .map(([index, calls, failures, slow]): Bucket => [index - ahead, calls, failures, slow])
    .filter(([index]) => index > current - config.buckets);
}

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
