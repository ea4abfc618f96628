import { SEARCH_ATTRIBUTES } from '../contract.js';
import { beginning } from '../text/text.js';
import type { DeadLetterRecord } from './record.js';

/** Search attributes a letter starts with: only those known to be registered. */
export function searchAttributesOf(record: DeadLetterRecord): Record<string, string[]> {
  const values: Record<string, string> = {
    [SEARCH_ATTRIBUTES.queue]: record.queue,
    [SEARCH_ATTRIBUTES.category]: record.error.errorCategory,
    [SEARCH_ATTRIBUTES.operation]: beginning(record.operation, 255),
    [SEARCH_ATTRIBUTES.group]: record.group,
    [SEARCH_ATTRIBUTES.status]: record.held === undefined ? 'WAITING' : 'HELD',
  };
  return Object.fromEntries(
    record.searchAttributes.flatMap((name) => (values[name] === undefined ? [] : [[name, [values[name]]]])),
  );
}
