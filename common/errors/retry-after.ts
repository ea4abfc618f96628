import { grpcRetryDelayMs } from './grpc-retry-info.js';
import { header, headerOf } from './headers.js';
import { statusOf } from './http-status.js';
import { linksOf } from './links.js';
import { get } from './safe.js';

/** More is no wait but a mistake. */
const MAX_WAIT_MS = 31 * 24 * 3_600_000;

/** Greater numbers are points in time: as a delay 31 years, as a date 2001; the second in milliseconds. */
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MILLISECONDS_FROM = 1e11;

/**
 * How long the service asks to wait, in milliseconds from `nowMs`: `Retry-After` (seconds or HTTP date, RFC 9110
 * §10.2.3) and its forms in milliseconds, `grpc-retry-pushback-ms`, gRPC's `RetryInfo`, `retryAfter` on the error, then `RateLimit-Reset`
 * and `X-RateLimit-Reset` (seconds, or a point in time) where the allowance is used up. 0 for a time that has passed,
 * undefined when nothing sensible is said. Never throws.
 */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  try {
    const links = linksOf(error);
    return (
      milliseconds(headerOf(links, 'retry-after-ms', 'x-ms-retry-after-ms', 'grpc-retry-pushback-ms')) ??
      wait(headerOf(links, 'retry-after'), nowMs) ??
      fromGrpc(links) ??
      onError(links, nowMs) ??
      atReset(links, nowMs)
    );
  } catch {
    return undefined;
  }
}

function fromGrpc(links: readonly unknown[]): number | undefined {
  for (const link of links) {
    const delay = grpcRetryDelayMs(link);
    if (delay !== undefined) return sensible(delay);
  }
  return undefined;
}

function onError(links: readonly unknown[], nowMs: number): number | undefined {
  for (const link of links) {
    for (const key of ['retryAfter', 'retry_after', 'retryAfterSeconds']) {
      const value = get(link, key);
      if (typeof value === 'number' || typeof value === 'string') return wait(String(value), nowMs);
      if (typeof get(value, 'toISOString') === 'function') return until(Number(value), nowMs);
    }
    const inMs = get(link, 'retryAfterMs');
    if (typeof inMs === 'number') return milliseconds(String(inMs));
  }
  return undefined;
}

/** Many services send their limits with every answer: only who used them up has to wait for the reset. */
function atReset(links: readonly unknown[], nowMs: number): number | undefined {
  for (const link of links) {
    const status = statusOf(link);
    if (status !== undefined && ![403, 429, 503].includes(status)) continue;
    const headers = [get(get(link, 'response'), 'headers'), get(link, 'headers')].find(
      (each) => typeof each === 'object' && each !== null,
    );
    const read = (...names: string[]) =>
      names.map((name) => header(headers, name)).find((value) => value !== undefined);
    // draft-ietf-httpapi-ratelimit-headers: `RateLimit: "default";r=0;t=30`, formerly `limit=10, remaining=0, reset=30`
    const combined = read('ratelimit') ?? '';
    const remaining =
      read('ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining') ??
      /\b(?:r|remaining)=(\d{1,12})/.exec(combined)?.[1];
    if (remaining !== undefined && Number(remaining) > 0) continue;
    const reset =
      read('ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset') ??
      /\b(?:t|reset)=(\d{1,12})/.exec(combined)?.[1];
    const found = wait(reset, nowMs);
    if (found !== undefined) return found;
  }
  return undefined;
}

function wait(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(text)) {
    const number = Number(text);
    if (number >= EPOCH_MILLISECONDS_FROM) return until(number, nowMs);
    if (number >= EPOCH_SECONDS_FROM) return until(number * 1000, nowMs);
    return sensible(number * 1000);
  }
  return text.length < 60 && /[a-z]/i.test(text) && /\d/.test(text)
    ? until(Date.parse(text), nowMs)
    : undefined;
}

function milliseconds(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,16}(?:\.\d{1,9})?$/.test(value.trim())
    ? sensible(Number(value))
    : undefined;
}

function until(timeMs: number, nowMs: number): number | undefined {
  return sensible(Math.max(0, timeMs - nowMs));
}

function sensible(ms: number): number | undefined {
  return ms <= MAX_WAIT_MS ? Math.round(ms) : undefined;
}
