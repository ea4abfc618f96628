import type { ErrorJson } from '../errors/index.js';
import { hash52 } from '../text/text.js';

/**
 * Fingerprint of a cause: operation, category, status and the message without what differs from one record
 * to the next (URLs, ids, numbers, quoted values).
 */
export function groupFingerprint(operation: string, error: ErrorJson): string {
  const parts = [
    operation,
    error.errorCategory,
    error.statusCode ?? '',
    withoutValues(error.message.slice(0, MAX_LENGTH).toLowerCase()),
  ];
  return hash52(parts.join('\n'));
}

const MAX_LENGTH = 500;

/** A message as its whole group has it: what differs from one record to the next is `<n>`, `<id>`, `<value>` or `<url>`. */
export function messagePattern(message: string): string {
  return withoutValues(message.slice(0, MAX_LENGTH));
}

function withoutValues(message: string): string {
  return message
    .replace(/\bhttps?:\/\/\S+/gi, '<url>')
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '<value>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, '<id>')
    .replace(/\b(?=\w*\d)\w+\b/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
}
