import {
  count,
  fields,
  flag,
  iso,
  listOf,
  mapOf,
  name,
  oneOf,
  optional,
  problemOf,
  range,
  text,
} from '../shape.js';
import { type Limit, readLimit, type Share } from './limit.js';
import type { ShownChange, ShownStated } from './rules.js';

/** What a worker sends to the entity of a limit, with the update `lease`. Durations in milliseconds. */
export interface LeaseRequest {
  readonly v: 1;
  readonly worker: string;
  /** The limit that the worker is configured with, and when it was: of workers that differ, the latest is right. */
  readonly limit: Limit;
  readonly configuredAt: string;
  /** Keys that need more than the worker may use unasked. */
  readonly keys: readonly KeyRequest[];
  /** Calls in long windows since the report before. The same number again is the same report. */
  readonly report?: { readonly sequence: number; readonly used: Readonly<Record<string, number>> };
  /** The worker stops. */
  readonly leaves?: true;
}

export interface KeyRequest {
  /** Of `quotaKey`; the empty key is that of all calls that have none. */
  readonly key: string;
  /** False gives back what the worker has of this key. */
  readonly asks: boolean;
  /** Calls that came lately. */
  readonly perSecond: number;
  /** Calls that wait on the worker. */
  readonly waiting: number;
  readonly running: number;
  /** Calls that the worker will have made at most in each of its windows, when the answer comes. */
  readonly claimed: readonly Share[];
}

/** What the entity answers. */
export interface LeaseAnswer {
  readonly v: 1;
  /** What holds for keys without a limit of their own. */
  readonly limit: Limit;
  /** The share of each key that is not listed, from 0 to 1. */
  readonly base: number;
  readonly baseForMs: number;
  /** Keys that must be asked for. */
  readonly listed: readonly string[];
  readonly keys: readonly KeyLease[];
  /** Keys of the report that the entity has no room to count: the worker counts them itself. */
  readonly uncounted?: readonly string[];
  /** The least time between two requests of a worker. */
  readonly renewInMs: number;
  /** Workers that use the limit. */
  readonly workers: number;
}

/** What a worker may use of a key until its lease ends. */
export interface KeyLease {
  readonly key: string;
  /** Set where a person has given the key, or all keys, another limit. */
  readonly limit?: Limit;
  readonly shares: readonly Share[];
  readonly forMs: number;
  /** When a worker that goes on with the key asks again. */
  readonly renewInMs: number;
  /** Calls in long windows, where the limit has one. */
  readonly tokens?: number;
  /** Set without tokens: when there may be some again. */
  readonly tokensInMs?: number;
}

/** A limit as `client.limits` and the page show it. */
export interface LimitSnapshot {
  /** Name of the limit: that of the circuit breaker. */
  readonly name: string;
  /** What holds now. */
  readonly limit: Limit;
  /** What the workers are configured with. */
  readonly configured: Limit;
  /** No worker has asked for it yet: `configured` is what a person has set, and no call is limited by it. */
  readonly unknownToWorkers?: true;
  /** Set where a person has changed it. */
  readonly changed?: ShownChange;
  /** Keys that a person has given another limit. */
  readonly changedKeys: readonly (ShownChange & { readonly key: string })[];
  /** What the service states, and until when it counts; a limit that a person has set comes first. */
  readonly stated: readonly ShownStated[];
  /** ISO; set where workers are configured differently. */
  readonly conflictAt?: string;
  /** Workers that have a share of it now. */
  readonly workers: number;
  /** Keys that are used for more than half of the limit, the busiest first. */
  readonly keys: readonly ShownKey[];
  /** What people have changed, oldest first. */
  readonly changes: readonly string[];
}

/** A quota key of a limit, as it is shown. */
export interface ShownKey {
  /** The key of `quotaKey`; empty for calls without one. */
  readonly key: string;
  /** Workers that have a share. */
  readonly workers: number;
  /** Calls a second that the workers would make. */
  readonly wantedPerSecond: number;
  /** Use of windows longer than a minute. */
  readonly long: readonly { readonly calls: number; readonly perMs: number; readonly used: number }[];
}

/** What of a limit stands in the memo of its workflow. */
export interface LimitMemo {
  readonly v: 1;
  readonly name: string;
  readonly limit: Limit;
  /** Who has changed it, why and until when. */
  readonly changed?: string;
}

export const MAX_KEY = 200;
/** Characters of a worker's id. */
export const MAX_WORKER = 100;
/** Keys in one message. */
export const MAX_KEYS = 500;
/** Of a key: its windows, and the calls at the same time. */
const MAX_SHARES = 6;
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

const share = fields({ calls: count, perMs: range(0, TEN_YEARS_MS) });
const keyRequest = fields({
  key: text(MAX_KEY),
  asks: flag,
  perSecond: range(0, 1_000_000_000),
  waiting: count,
  running: count,
  claimed: listOf(share),
});
const request = fields({
  v: oneOf([1]),
  worker: name(MAX_WORKER),
  configuredAt: iso,
  keys: listOf(keyRequest),
  report: optional(fields({ sequence: count, used: mapOf(count) })),
  leaves: optional(flag),
});

/**
 * Reads a request: only what is known of it is kept. Workers send it, but an update can be sent by anybody.
 * @returns undefined where something is wrong; that goes to `problems`, as a sentence
 */
export function readLeaseRequest(value: unknown, problems: string[]): LeaseRequest | undefined {
  const problem = problemOf(request, value, 'The lease request') ?? tooMany(value as LeaseRequest);
  if (problem !== undefined) {
    problems.push(problem);
    return undefined;
  }
  const { worker, configuredAt, keys, report, leaves, ...others } = value as LeaseRequest;
  const limit = asLimit(others.limit, problems);
  if (limit === undefined) return undefined;
  return {
    ...{ v: 1, worker, limit, configuredAt },
    keys: keys.map(({ key, asks, perSecond, waiting, running, claimed }) => ({
      ...{ key, asks, perSecond, waiting, running },
      claimed: claimed.map(({ calls, perMs }) => ({ calls, perMs })),
    })),
    ...(report ? { report: { sequence: report.sequence, used: report.used } } : {}),
    ...(leaves ? { leaves } : {}),
  };
}

function tooMany({ keys, report }: LeaseRequest): string | undefined {
  const used = Object.keys(report?.used ?? {});
  if (keys.some(({ claimed }) => claimed.length > MAX_SHARES))
    return `The lease request must claim at most ${MAX_SHARES} shares of a key`;
  if (keys.length <= MAX_KEYS && used.length <= MAX_KEYS && used.every((key) => key.length <= MAX_KEY))
    return undefined;
  return `The lease request must have at most ${MAX_KEYS} keys of at most ${MAX_KEY} characters`;
}

/** Reads a limit as it is sent, as one that a person wrote; what is wrong goes to `problems`. */
export function asLimit(value: unknown, problems: string[], path = 'limit'): Limit | undefined {
  const { windows, concurrency } = (value ?? {}) as Partial<Limit>;
  const asWritten = Array.isArray(windows)
    ? windows.map((each) => ({ calls: each?.calls, per: each?.perMs }))
    : windows;
  return readLimit(
    {
      ...(asWritten === undefined ? {} : { windows: asWritten }),
      ...(concurrency === undefined ? {} : { concurrency }),
    },
    path,
    problems,
  );
}
