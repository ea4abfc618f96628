import { causeChain, get, headerOfError } from './safe.js';

/**
 * How long the service asks to wait, in milliseconds: `Retry-After` (seconds or HTTP date, RFC 9110 §10.2.3), then
 * `RateLimit-Reset` and `X-RateLimit-Reset` (seconds, or seconds since the epoch), then `retryAfter` on the error.
 */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  const asked = headerOfError(error, 'retry-after') ?? property(error);
  const wait = asked === undefined ? undefined : parse(asked, nowMs);
  if (wait !== undefined) return wait;
  const reset = headerOfError(error, 'ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset');
  return reset === undefined ? undefined : parse(reset, nowMs);
}

function property(error: unknown): string | undefined {
  for (const at of causeChain(error)) {
    const value = get(at, 'retryAfter');
    if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)))
      return String(value);
  }
  return undefined;
}

/** Greater numbers are points in time: 1e9 s is 31 years as a delay, and 2001 as a date. */
const EPOCH_SECONDS_FROM = 1e9;

function parse(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    const wait = seconds >= EPOCH_SECONDS_FROM ? seconds * 1000 - nowMs : seconds * 1000;
    return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
  }
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
