import { ErrorCategory } from './category.js';
import { causeChain, get } from './safe.js';

/** Where clients keep the status of a response. */
const PLACES: readonly (readonly string[])[] = [
  ['statusCode'],
  ['status_code'],
  ['status'],
  ['response', 'status'],
  ['response', 'statusCode'],
  ['$metadata', 'httpStatusCode'],
  ['$response', 'statusCode'],
];

/** The HTTP status of an error or of one of its causes. A numeric string is a number; anything else is no status. */
export function httpStatus(error: unknown): number | undefined {
  for (const at of causeChain(error)) {
    for (const place of PLACES) {
      const value = place.reduce<unknown>(get, at);
      const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
      if (typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599)
        return status;
    }
  }
  return undefined;
}

export function categoryOfStatus(status: number): ErrorCategory | undefined {
  if (status === 401 || status === 403) return ErrorCategory.AUTHENTICATION;
  if (status === 408) return ErrorCategory.TIMEOUT;
  if (status === 422) return ErrorCategory.VALIDATION;
  if (status === 429) return ErrorCategory.RATE_LIMIT;
  if (status >= 500) return ErrorCategory.SERVER;
  if (status >= 300) return ErrorCategory.CLIENT;
  return undefined;
}
