/** More is no wait but a mistake. */
const MAX_WAIT_MS = 31 * 24 * 3_600_000;

/** Greater numbers are points in time: as a delay 31 years, as a date 2001; the second in milliseconds. */
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MILLISECONDS_FROM = 1e11;

/** Headers that say "come back", of answers that have no other reason for it. */
export const RETRY_AFTER_HEADERS: readonly string[] = [
  ...['retry-after', 'retry-after-ms', 'x-ms-retry-after-ms', 'x-retry-after', 'beta-retry-after'],
  ...['x-rate-limit-retry-after-seconds', 'x-ratelimit-retry-after', 'x-rate-limit-retry-after'],
];

/** Whether this is a wait at all, whatever the time is. */
export function isWait(text: string | undefined): boolean {
  if (text === undefined) return false;
  return waitMs(text, 0) !== undefined || /^[A-Z][a-z]{2}, .{5,40} GMT$/.test(text.trim());
}

/**
 * Seconds, a duration (`1m30s`, `250ms`, `PT30S`), an HTTP or ISO date or a point in time since the epoch, as
 * milliseconds from `nowMs`; 0 for a time that has passed. Of several lines that were joined, the first that makes sense.
 */
export function waitMs(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (text.length > 200) return undefined;
  const whole = oneWait(text, nowMs);
  if (whole !== undefined || !text.includes(',')) return whole;
  // The comma of an HTTP date stands after its weekday.
  for (const line of text.split(/(?<!\b[A-Z][a-z]{2}),\s*/)) {
    const found = oneWait(line.trim(), nowMs);
    if (found !== undefined) return found;
  }
  return undefined;
}

function oneWait(given: string, nowMs: number): number | undefined {
  const text = given.replace(/^"(.*)"$/, '$1').replace(SPELLED, (unit) => unit.charAt(0));
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(text)) {
    const number = Number(text);
    if (number >= EPOCH_MILLISECONDS_FROM) return untilMs(number, nowMs);
    if (number >= EPOCH_SECONDS_FROM) return untilMs(number * 1000, nowMs);
    return sensibleMs(number * 1000);
  }
  const duration = durationMs(text);
  if (duration !== undefined) return sensibleMs(duration);
  return text.length < 60 && /[a-z]/i.test(text) && /\d/.test(text) && !/^\W/.test(text)
    ? untilMs(Date.parse(text), nowMs)
    : undefined;
}

/** "5 seconds" is meant as 5 s. */
const SPELLED = /(?<=\d ?)(?:sec(?:ond)?s?|min(?:ute)?s?|hours?)$/i;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `6m0s`, `1.5s`, `250ms`, and `PT1M30S` of ISO 8601. */
function durationMs(text: string): number | undefined {
  const plain = /^P(?:T?[\d.]+[HMS])+$/i.test(text) ? text.slice(1).replace(/^T/i, '').toLowerCase() : text;
  if (plain.length > 40 || !/^(?:\d{1,10}(?:\.\d{1,9})? ?(?:ms|s|m|h|d))+$/.test(plain)) return undefined;
  let sum = 0;
  for (const [, number, unit] of plain.matchAll(/([\d.]+) ?(ms|[smhd])/g)) {
    sum += Number(number) * (UNITS[unit as string] as number);
  }
  return sum;
}

/** A number of milliseconds. */
export function millisecondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,16}(?:\.\d{1,9})?$/.test(value.trim())
    ? sensibleMs(Number(value))
    : undefined;
}

export function untilMs(timeMs: number, nowMs: number): number | undefined {
  return sensibleMs(Math.max(0, timeMs - nowMs));
}

export function sensibleMs(ms: number): number | undefined {
  return ms >= 0 && ms <= MAX_WAIT_MS ? Math.round(ms) : undefined;
}
