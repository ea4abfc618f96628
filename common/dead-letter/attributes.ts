import { SEARCH_ATTRIBUTES } from '../contract.js';
import { beginning } from '../text/text.js';
import type { DeadLetterRecord } from './record.js';

/** Search attributes a letter starts with: only those known to be registered. */
export function searchAttributesOf(
  record: DeadLetterRecord,
  status: 'WAITING' | 'HELD' = record.held === undefined ? 'WAITING' : 'HELD',
): Record<string, string[]> {
  const { tags = [] } = record;
  const values: Record<string, string | readonly string[] | undefined> = {
    [SEARCH_ATTRIBUTES.queue]: record.queue,
    [SEARCH_ATTRIBUTES.category]: record.error.errorCategory,
    [SEARCH_ATTRIBUTES.operation]: operationAttribute(record.operation),
    [SEARCH_ATTRIBUTES.group]: record.group,
    [SEARCH_ATTRIBUTES.status]: status,
    [SEARCH_ATTRIBUTES.tags]: tags.length === 0 ? undefined : tags,
  };
  return Object.fromEntries(
    record.searchAttributes.flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, typeof value === 'string' ? [value] : [...value]]];
    }),
  );
}

/** An operation as the server indexes it. */
export function operationAttribute(operation: string): string {
  return beginning(operation, 255);
}
