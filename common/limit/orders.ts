import { readDuration } from '../text/duration.js';
import { show } from '../text/show.js';
import { beginning } from '../text/text.js';
import { type Limit, type LimitInput, type LimitSettings, type LimitWindow, readLimit } from './limit.js';
import { MAX_KEY } from './messages.js';

/** Who changes a limit, and of which key. */
export interface LimitOrder {
  /** Who orders it, at most 500 characters. @default the sender's Temporal identity, where it is known */
  readonly by?: string;
  /** Why, at most 500 characters; shown without secrets. */
  readonly reason?: string;
  /** Of this `quotaKey` only. @default all keys that have no limit of their own */
  readonly key?: string;
}

/** Input of the signal `setLimit`. */
export interface SetLimitOrder extends LimitOrder {
  /** All of them are kept at the same time. */
  readonly windows?: readonly LimitWindow[];
  /** The most calls that run at the same time. */
  readonly concurrency?: number;
  /** After which the configured limit holds again: milliseconds or a string such as `'2 hours'`. */
  readonly expiresIn?: number | string;
  /** Set by workers that pass on what the service states: a limit that a person has set comes first. */
  readonly isStated?: true;
}

export interface ParsedLimitOrder {
  readonly by?: string;
  readonly reason?: string;
  readonly key?: string;
  readonly limit?: Limit;
  readonly expiresInMs?: number;
  readonly isStated?: true;
}

/** Input of an order that cannot be understood. The message names the field, the value and the fix. */
export class MalformedLimitOrderError extends Error {
  override readonly name = 'MalformedLimitOrderError';
}

const MAX_TEXT = 500;
const MAX_EXPIRY_MS = 10 * 365.25 * 24 * 3_600_000;
const WHO = ['by', 'reason', 'key'];

/** @throws MalformedLimitOrderError */
export function parseLimitOrder(kind: 'setLimit' | 'clearLimit', input: unknown): ParsedLimitOrder {
  const known = kind === 'setLimit' ? ['windows', 'concurrency', 'expiresIn', 'isStated', ...WHO] : WHO;
  if (kind === 'clearLimit' && (input === undefined || input === null)) return {};
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new MalformedLimitOrderError(
      `${kind}: the input must be a JSON object with any of ${known.join(', ')}; got ${show(input)}`,
    );
  }
  const fields = input as Record<string, unknown>;
  for (const field of Object.keys(fields)) {
    if (!known.includes(field))
      throw new MalformedLimitOrderError(
        `${kind}: unknown field ${show(field)}; known are ${known.join(', ')}`,
      );
  }
  const text = (field: 'by' | 'reason' | 'key', longest: number) => {
    const value = fields[field] ?? undefined;
    if (value === undefined || typeof value === 'string') return value && beginning(value, longest);
    throw new MalformedLimitOrderError(`${kind}: ${field} must be a string; got ${show(value)}`);
  };
  const who = { by: text('by', MAX_TEXT), reason: text('reason', MAX_TEXT), key: text('key', MAX_KEY) };
  if (kind === 'clearLimit') return who;
  const problems: string[] = [];
  const limit = readLimit(limitFields(fields), kind, problems);
  if (limit === undefined) throw new MalformedLimitOrderError(problems.join('; '));
  const stated = fields.isStated ?? undefined;
  if (stated !== undefined && stated !== true)
    throw new MalformedLimitOrderError(`setLimit: isStated must be true or left out; got ${show(stated)}`);
  return {
    ...who,
    ...{ limit, expiresInMs: expiryOf(fields.expiresIn ?? undefined) },
    ...(stated === undefined ? {} : { isStated: stated }),
  };
}

/** The limit of an order as it is written in options. */
export function orderOf(limit: LimitInput): LimitSettings {
  if (Array.isArray(limit)) return { windows: limit };
  return 'calls' in limit ? { windows: [limit as LimitWindow] } : (limit as LimitSettings);
}

function limitFields({ windows, concurrency }: Record<string, unknown>) {
  return {
    ...(windows === undefined || windows === null ? {} : { windows }),
    ...(concurrency === undefined || concurrency === null ? {} : { concurrency }),
  };
}

function expiryOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const ms = readDuration(value);
  if (ms !== undefined && ms > 0 && ms <= MAX_EXPIRY_MS) return ms;
  throw new MalformedLimitOrderError(
    `setLimit: expiresIn must be a duration above 0 and of at most 10 years, in milliseconds or as a string such as "2 hours"; got ${show(value)}`,
  );
}
