import { allowancesOf } from './allowances.js';
import { headerEntries, headerIn, headersOf } from './headers.js';
import { linksOf } from './links.js';
import { get, getString, isObject } from './safe.js';
import { statusOf } from './sources/http-status.js';
import { rpcRetryDelayMs } from './sources/rpc-retry-info.js';
import { millisecondsOf, RETRY_AFTER_HEADERS, sensibleMs, untilMs, waitMs } from './waits.js';
import { nodesOf } from './walk.js';

/**
 * How long the service asks to wait, in milliseconds from `nowMs`: `Retry-After` (seconds or HTTP date, RFC 9110
 * §10.2.3) and its relatives of vendors, `grpc-retry-pushback-ms`, `RetryInfo` of gRPC, Connect and Google's JSON,
 * `retryAfter` on the error or in the body of the answer, then the headers of rate limits that tell the reset, where
 * the allowance is used up, and last what the message says ("try again in 20s"). 0 for a time that has passed,
 * undefined when nothing sensible is said. Never throws.
 */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  try {
    const links = linksOf(error);
    return (
      inHeaders(links, nowMs) ??
      firstOf(links, rpcRetryDelayMs) ??
      firstOf(links, (link) => onError(link, nowMs)) ??
      firstOf(links, (link) => atReset(link, nowMs)) ??
      firstOf(links, inContent) ??
      firstOf(links, inMessage)
    );
  } catch {
    return undefined;
  }
}

function firstOf(links: readonly unknown[], read: (link: unknown) => number | undefined): number | undefined {
  for (const link of links) {
    const found = read(link);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inHeaders(links: readonly unknown[], nowMs: number): number | undefined {
  const places = links.flatMap(headersOf);
  const pushback = millisecondsOf(headerIn(places, 'grpc-retry-pushback-ms'));
  if (pushback !== undefined) return pushback;
  const names = [...RETRY_AFTER_HEADERS].sort(
    (a, b) => Number(b.endsWith('-ms')) - Number(a.endsWith('-ms')),
  );
  for (const name of names) {
    const text = headerIn(places, name);
    const found = name.endsWith('-ms') ? millisecondsOf(text) : waitMs(text, nowMs);
    if (found !== undefined) return found;
  }
  return undefined;
}

const SECONDS = ['retryAfter', 'retry_after', 'retryAfterSeconds', 'retry_after_seconds', 'retry_in_seconds'];
const MILLISECONDS = [
  'retryAfterMs',
  'retry_after_ms',
  'retryAfterMillis',
  'retryAfterInMs',
  'msBeforeNext',
  'timeToReset',
];

function onError(holder: unknown, nowMs: number): number | undefined {
  // Discord's client gives both, and both in milliseconds.
  const [toReset, after] = [get(holder, 'timeToReset'), get(holder, 'retryAfter')];
  if (typeof toReset === 'number' && typeof after === 'number') return sensibleMs(Math.max(toReset, after));
  for (const key of MILLISECONDS) {
    const inMs = get(holder, key);
    if (typeof inMs === 'number') return millisecondsOf(String(inMs));
  }
  for (const key of SECONDS) {
    const value = get(holder, key);
    if (typeof value === 'number' || typeof value === 'string') return waitMs(String(value), nowMs);
    if (typeof get(value, 'toISOString') === 'function') return untilMs(Number(value), nowMs);
  }
  return undefined;
}

/** Discord, Telegram and others say it in the body, Shopify's client in the answer; Shopify lets it be computed. */
function inContent(link: unknown): number | undefined {
  for (const { value } of nodesOf(link)) {
    if (value === link) continue;
    const found = onError(value, Number.NaN) ?? atShopify(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a query costs beyond what is there comes back at a rate a second. */
function atShopify(value: unknown): number | undefined {
  const cost = get(value, 'cost');
  const bucket = get(cost, 'throttleStatus');
  const missing = Number(get(cost, 'requestedQueryCost')) - Number(get(bucket, 'currentlyAvailable'));
  const seconds = missing / Number(get(bucket, 'restoreRate'));
  return Number.isFinite(seconds) && seconds > 0 ? sensibleMs(Math.ceil(seconds) * 1000) : undefined;
}

const RESET = /rate-?limit-(?:[\w-]{0,40}-)?resets?(?:-|$)/;

/** Many services send their limits with every answer: only who used them up has to wait for the reset. */
function atReset(link: unknown, nowMs: number): number | undefined {
  const status = statusOf(link);
  if (status !== undefined && ![400, 403, 420, 429, 430, 503].includes(status)) return undefined;
  for (const headers of headersOf(link)) {
    const all = new Map(headerEntries(headers));
    const found = combined(all, nowMs) ?? longest(all, nowMs);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of several policies that are used up, the one that takes longest. */
function combined(headers: ReadonlyMap<string, string>, nowMs: number): number | undefined {
  const all = [...headers].flatMap(([name, text]) => (/rate-?limit/.test(name) ? allowancesOf(text) : []));
  const usedUp = all.filter(({ remaining }) => remaining === 0);
  const waits = (usedUp.length > 0 ? usedUp : all.filter(({ remaining }) => remaining === undefined))
    .map(({ reset }) => (reset === undefined ? undefined : waitMs(String(reset), nowMs)))
    .filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Of several limits (requests, tokens) that are used up, the one that takes longest. */
function longest(headers: ReadonlyMap<string, string>, nowMs: number): number | undefined {
  let found: number | undefined;
  for (const [name, text] of headers) {
    if (!RESET.test(name)) continue;
    const remaining = remainingBeside(name, headers);
    if (remaining !== undefined && Number(remaining) > 0) continue;
    const wait = name.endsWith('-ms') ? millisecondsOf(text) : waitMs(text, nowMs);
    if (wait !== undefined) found = Math.max(found ?? 0, wait);
  }
  return found;
}

/** `x-ratelimit-remaining` of `x-ratelimit-reset`, `…-remaining-tokens` of `…-reset-tokens`, and so on. */
function remainingBeside(reset: string, headers: ReadonlyMap<string, string>): string | undefined {
  const name = reset.replace(/-(?:after|ms)$/, '').replace(/time-reset|resets?/, 'remaining');
  return headers.get(name) ?? headers.get(name.replace('-remaining', '-requests-left'));
}

const IN_TEXT =
  /\b(?:try again|retry|retry your request|available|wait|resets?)\b[^.\d]{0,30}?(?:in|after|for|at least)? ?((?:\d{1,3}h)?(?:\d{1,3}m)?\d{1,7}(?:\.\d{1,6})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/i;

const TEXTS: readonly string[] = [
  'message',
  'detail',
  'description',
  'error_message',
  'error_description',
  'errorMessage',
];

/** "Please try again in 20s", "Expected available in 30 seconds". */
function inMessage(link: unknown): number | undefined {
  const texts = [typeof link === 'string' ? link : getString(link, 'message')];
  if (isObject(link))
    texts.push(...nodesOf(link).flatMap(({ value }) => TEXTS.map((key) => getString(value, key))));
  for (const text of texts) {
    // Cosmos under MongoDB's protocol.
    const inMs = millisecondsOf(/\bRetryAfterMs=(\d{1,9})\b/.exec(text?.slice(0, 500) ?? '')?.[1]);
    if (inMs !== undefined) return inMs;
    const [, number, unit = ''] = IN_TEXT.exec(text?.slice(0, 500) ?? '') ?? [];
    if (number === undefined) continue;
    const short = /^(?:ms|milli)/i.test(unit) ? 'ms' : unit.charAt(0).toLowerCase();
    const found = waitMs(`${number}${short}`, 0);
    if (found !== undefined) return found;
  }
  return undefined;
}
