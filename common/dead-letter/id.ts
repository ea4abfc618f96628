import { DEAD_LETTER_ID_PREFIX } from '../contract.js';
import { nameInId, utf8Length } from '../text/text.js';
import type { Origin } from './record.js';

/** Server limit in bytes (`limit.maxIDLength`). */
const MAX_LENGTH = 255;

/**
 * Workflow id of the letter of one activity call: `dead-letter/<workflow>/<activity>/<run>/<event>`.
 *
 * Run id and scheduled event id make it unique, so they are kept whole; activity ids may repeat and are not
 * used. Long workflow ids and activity types are cut to fit and end in a hash of what was cut.
 */
export function deadLetterWorkflowId(
  origin: Pick<Origin, 'workflowId' | 'runId' | 'scheduledEventId'>,
  activityType: string,
): string {
  const tail = `/${origin.runId}/${origin.scheduledEventId}`;
  const room = MAX_LENGTH - utf8Length(DEAD_LETTER_ID_PREFIX) - utf8Length(tail) - 1;
  const activity = nameInId(activityType, Math.floor(room / 3));
  const workflow = nameInId(origin.workflowId, room - utf8Length(activity));
  return `${DEAD_LETTER_ID_PREFIX}${workflow}/${activity}${tail}`;
}

/** How the ids of letters of records begin. */
export const RECORD_LETTER_ID_PREFIX = `${DEAD_LETTER_ID_PREFIX}record/`;

/**
 * Workflow id of the letter of a record: `dead-letter/record/<operation>/<hash>`. All failures of the record have it.
 * @param hash of queue, operation and key of the record, in hexadecimal digits
 */
export function recordLetterWorkflowId(operation: string, hash: string): string {
  const room = MAX_LENGTH - utf8Length(RECORD_LETTER_ID_PREFIX) - hash.length - 1;
  return `${RECORD_LETTER_ID_PREFIX}${nameInId(operation, room)}/${hash}`;
}
