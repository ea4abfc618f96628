import { ErrorCategory } from './category.js';
import { header } from './headers.js';
import { get, getString } from './safe.js';

/** Where clients keep the status of a response. */
const PLACES: readonly (readonly string[])[] = [
  ['statusCode'],
  ['status_code'],
  ['status'],
  ['response', 'status'],
  ['response', 'statusCode'],
  ['response', 'status_code'],
  ['$metadata', 'httpStatusCode'],
  ['$response', 'statusCode'],
  ['output', 'statusCode'],
];

/** How the messages of axios, ky, got, httpx, requests, urllib and .NET begin or tell a status. */
const IN_MESSAGE = [
  /^Request failed with status code (\d{3})\b/,
  /^Response code (\d{3})\b/,
  /^(?:Client|Server|Redirect) error '(\d{3}) /,
  /^(\d{3}) (?:Client|Server) Error: /,
  /^HTTP Error (\d{3}): /,
  /^Response status code does not indicate success: (\d{3})\b/,
];

/** The status an error keeps itself. A numeric string is a number; anything else is no status. */
export function statusOf(link: unknown): number | undefined {
  for (const place of PLACES) {
    const status = asStatus(place.reduce<unknown>(get, link));
    if (status !== undefined) return status;
  }
  return statusInCode(link);
}

/** The status of a failure of which nothing but the message came through. */
export function statusInMessage(link: unknown): number | undefined {
  const message = (typeof link === 'string' ? link : getString(link, 'message'))?.slice(0, 200);
  if (message === undefined) return undefined;
  for (const pattern of IN_MESSAGE) {
    const status = asStatus(pattern.exec(message)?.[1]);
    if (status !== undefined) return status;
  }
  return undefined;
}

/** Google's clients say `code: 503`. Codes of gRPC end at 16, and those of databases have names of their own. */
function statusInCode(link: unknown): number | undefined {
  const status = asStatus(get(link, 'code'));
  return status !== undefined && status >= 400 && !/^Mongo/.test(getString(link, 'name') ?? '')
    ? status
    : undefined;
}

function asStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\s*\d{3}\s*$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : undefined;
}

/** Statuses below 300 say nothing about an error. */
export function categoryOfStatus(status: number): ErrorCategory | undefined {
  if (status === 401 || status === 403) return ErrorCategory.AUTHENTICATION;
  if (status === 408) return ErrorCategory.TIMEOUT;
  if (status === 422) return ErrorCategory.VALIDATION;
  if (status === 429) return ErrorCategory.RATE_LIMIT;
  if (status >= 500) return ErrorCategory.SERVER;
  if (status >= 300) return ErrorCategory.CLIENT;
  return undefined;
}

/** A 403 with an empty allowance is GitHub's way of saying 429. */
export function isUsedUpAllowance(link: unknown, status: number): boolean {
  if (status !== 403) return false;
  const headers = get(get(link, 'response'), 'headers') ?? get(link, 'headers');
  return (header(headers, 'x-ratelimit-remaining') ?? header(headers, 'ratelimit-remaining'))?.trim() === '0';
}
