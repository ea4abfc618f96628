import type { ErrorJson } from '../errors/index.js';
import { hash52 } from '../text/text.js';

/**
 * Fingerprint of a cause: operation, category, status and the message without what differs from one record
 * to the next (URLs, ids, numbers, quoted values).
 */
export function groupFingerprint(operation: string, error: ErrorJson): string {
  const parts = [operation, error.errorCategory, error.statusCode ?? '', normalise(error.message)];
  return hash52(parts.join('\n'));
}

function normalise(message: string): string {
  return message
    .slice(0, 500)
    .toLowerCase()
    .replace(/\bhttps?:\/\/\S+/g, '<url>')
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '<value>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, '<id>')
    .replace(/\b(?=\w*\d)\w+\b/g, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
}
