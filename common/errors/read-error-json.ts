import { beginning } from '../text/text.js';
import { isErrorCategory } from './category.js';
import type { ErrorJson } from './error-json.js';
import { plainJson } from './plain-json.js';

const MAX_TEXT = 4_000;
/** Of bodies, messages and stacks. */
const MAX_LONG_TEXT = 20_000;
const MAX_NAME = 200;
/** Of `additionalContext`. */
const MAX_NODES = 500;
const MAX_CHARACTERS = 20_000;

export type Fields = Readonly<Record<string, unknown>>;

/** A classified error as JSON; undefined where message, category or time is not what ours has. */
export function readErrorJson(value: unknown): ErrorJson | undefined {
  if (!isFields(value)) return undefined;
  const { message, errorCategory, timestamp, statusCode, additionalContext } = value;
  if (typeof message !== 'string' || !isErrorCategory(errorCategory) || !isTime(timestamp)) return undefined;
  return {
    message: beginning(message, MAX_LONG_TEXT),
    errorCategory,
    ...(isStatus(statusCode) ? { statusCode } : {}),
    ...text(value, 'responseBody', MAX_LONG_TEXT),
    ...text(value, 'requestUrl', MAX_TEXT),
    ...text(value, 'requestMethod', MAX_NAME),
    timestamp,
    ...text(value, 'operationId', MAX_NAME),
    ...text(value, 'correlationId', MAX_NAME),
    additionalContext: isFields(additionalContext)
      ? ((plainJson(additionalContext, MAX_NODES, MAX_CHARACTERS) ?? {}) as Record<string, unknown>)
      : {},
    ...text(value, 'errorType', MAX_NAME),
    ...text(value, 'stack', MAX_LONG_TEXT),
  };
}

function text(value: Fields, name: string, limit: number): Record<string, string> {
  const given = value[name];
  return typeof given === 'string' ? { [name]: beginning(given, limit) } : {};
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 999_999;
}

/** ISO 8601, as our own times are. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value));
}
