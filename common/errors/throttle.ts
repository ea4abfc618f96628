import { ErrorCategory } from './category.js';
import { headerOf } from './headers.js';
import { linksOf } from './links.js';
import { retryAfterMs } from './retry-after.js';
import { countOf, type ListItem, readList } from './structured-list.js';

/** A quota of the service is used up, and the service says for how long. */
export interface AskedWait {
  /** Milliseconds, above 0. */
  readonly waitMs: number;
  /** Calls a second that the service allows, where it states them. */
  readonly perSecond?: number;
  /** The windows of its policies, where it states them. */
  readonly stated?: readonly StatedWindow[];
}

/** A window of a policy: calls in `perMs` milliseconds. */
export interface StatedWindow {
  readonly calls: number;
  readonly perMs: number;
}

/** A conflict, a lock, a size, a replayed handshake: the wait is about this record, and not about how often one calls. */
const OF_THE_RECORD: readonly number[] = [409, 413, 423, 425];
/** Quotas of longer windows are not spread evenly: an hour's quota may be used at once. */
const MAX_WINDOW_MS = 60_000;

/**
 * What a service asks for whose quota is used up: a 429, a 403 that means a quota and the like, with a wait. Undefined
 * for all other errors, and for a 429 that does not say how long to wait. Never throws.
 * @param classified category and status of the error
 */
export function throttleOf(
  error: unknown,
  { errorCategory, statusCode }: { readonly errorCategory: ErrorCategory; readonly statusCode?: number },
  nowMs: number,
): AskedWait | undefined {
  if (errorCategory !== ErrorCategory.RATE_LIMIT || OF_THE_RECORD.includes(Number(statusCode)))
    return undefined;
  const waitMs = retryAfterMs(error, nowMs);
  if (waitMs === undefined || waitMs <= 0) return undefined;
  const stated = statedWindows(error);
  if (stated.length === 0) return { waitMs };
  const rates = stated
    .filter(({ perMs }) => perMs <= MAX_WINDOW_MS)
    .map(({ calls, perMs }) => calls / (perMs / 1_000));
  return { waitMs, stated, ...(rates.length === 0 ? {} : { perSecond: Math.min(...rates) }) };
}

/**
 * Of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy: "burst";q=100;w=60`, formerly `100;w=60`, also in
 * `RateLimit-Limit`.
 */
function statedWindows(error: unknown): StatedWindow[] {
  try {
    const links = linksOf(error);
    const texts = [headerOf(links, 'ratelimit-policy'), headerOf(links, 'ratelimit-limit')];
    const all = texts.flatMap((text) => readList(text).flatMap(windowOf));
    return all.filter(
      ({ calls, perMs }, at) => all.findIndex((each) => each.calls === calls && each.perMs === perMs) === at,
    );
  } catch {
    return [];
  }
}

/** A policy of bytes or of calls at the same time (`qu`) is none of calls. */
function windowOf({ value, parameters }: ListItem): StatedWindow[] {
  const unit = parameters.get('qu') ?? 'requests';
  const calls = countOf(parameters.get('q') ?? value) ?? 0;
  const seconds = countOf(parameters.get('w')) ?? 0;
  const isOfCalls = (typeof unit === 'string' ? unit : unit.text) === 'requests';
  return isOfCalls && isCount(calls) && isCount(seconds) ? [{ calls, perMs: seconds * 1_000 }] : [];
}

function isCount(value: number): boolean {
  return value > 0 && value < 1e9;
}
