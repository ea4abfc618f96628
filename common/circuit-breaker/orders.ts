import { readDuration } from '../text/duration.js';
import { show } from '../text/show.js';
import { beginning } from '../text/text.js';

/** Input of the signals `forceOpen`, `forceClosed` and `disable`; `reset` has no `expiresIn`. */
export interface BreakerOrder {
  /**
   * Who orders it, at most 500 characters; shown in the breaker's transitions.
   * @default the sender's Temporal identity, where it is known
   */
  readonly by?: string;
  /** Why, at most 500 characters; shown without secrets. */
  readonly reason?: string;
  /** After which it ends by itself: milliseconds or a string such as `'30 minutes'`. */
  readonly expiresIn?: number | string;
}

/** Input of the signal `resume`: lets calls go on that the flood guard holds. */
export interface ResumeOrder extends BreakerOrder {
  /** Only calls of this operation. @default all that are held */
  readonly operation?: string;
  /** Only calls with this key, of the option `quotaKey`. @default all of the operation */
  readonly quotaKey?: string;
  /**
   * For this time they are not held again, whatever fails: milliseconds or a string such as `'2 hours'`.
   * @default they are counted from zero, and held again if it goes on
   */
  readonly expiresIn?: number | string;
}

export type OrderKind = 'forceOpen' | 'forceClosed' | 'disable' | 'reset' | 'resume';

export interface ParsedOrder {
  readonly by?: string;
  readonly reason?: string;
  readonly expiresInMs?: number;
  /** Of `resume`. */
  readonly operation?: string;
  readonly quotaKey?: string;
}

/** Input of an order that cannot be understood. The message names the field, the value and the fix. */
export class MalformedOrderError extends Error {
  override readonly name = 'MalformedOrderError';
}

const MAX_TEXT = 500;
const MAX_NAME = 1_000;
/** Ten years. Without a limit the end would be no date any more. */
const MAX_EXPIRY_MS = 10 * 365.25 * 24 * 3_600_000;

const FIELDS: Record<OrderKind, readonly string[]> = {
  forceOpen: ['by', 'reason', 'expiresIn'],
  forceClosed: ['by', 'reason', 'expiresIn'],
  disable: ['by', 'reason', 'expiresIn'],
  reset: ['by', 'reason'],
  resume: ['operation', 'quotaKey', 'by', 'reason', 'expiresIn'],
};

/** No input is an order without options. @throws MalformedOrderError */
export function parseOrder(kind: OrderKind, input: unknown): ParsedOrder {
  const known = FIELDS[kind];
  if (input === undefined || input === null) return {};
  if (typeof input !== 'object' || Array.isArray(input)) {
    throw new MalformedOrderError(
      `${kind}: the input must be a JSON object with any of ${known.join(', ')}; got ${show(input)}`,
    );
  }
  const fields = input as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) {
      throw new MalformedOrderError(`${kind}: unknown field ${show(key)}; known are ${known.join(', ')}`);
    }
  }
  const text = (key: 'by' | 'reason' | 'operation' | 'quotaKey', longest = MAX_TEXT) => {
    const value = fields[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'string') return beginning(value, longest);
    throw new MalformedOrderError(`${kind}: ${key} must be a string; got ${show(value)}`);
  };
  const expiresIn = fields.expiresIn ?? undefined;
  const expiresInMs = expiresIn === undefined ? undefined : readDuration(expiresIn);
  const fits = expiresInMs !== undefined && expiresInMs > 0 && expiresInMs <= MAX_EXPIRY_MS;
  if (expiresIn !== undefined && !fits) {
    throw new MalformedOrderError(
      `${kind}: expiresIn must be a duration above 0 and of at most 10 years, in milliseconds or as a string such as "30 minutes"; got ${show(expiresIn)}`,
    );
  }
  const order = { by: text('by'), reason: text('reason'), expiresInMs };
  if (kind !== 'resume') return order;
  return { ...order, operation: text('operation', MAX_NAME), quotaKey: text('quotaKey', MAX_NAME) };
}
