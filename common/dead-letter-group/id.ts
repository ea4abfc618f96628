import { GROUP_ID_PREFIX } from '../contract.js';
import { nameInId } from '../text/text.js';

/** Bytes: the server's limit for a workflow id. */
const MAX_ID = 255;
const MAX_FINGERPRINT = 64;

/** A cause in one dead-letter queue. */
export interface GroupPlace {
  /** Name of the dead-letter queue. */
  readonly queue: string;
  /** Fingerprint of the cause, as in search attribute `RecoveryGroup`. */
  readonly group: string;
}

/**
 * Workflow id of a group. The name of the queue is in it: letters are listed, redriven and owned by queue, so what one team
 * sets for a cause never touches the letters of another team.
 */
export function groupWorkflowId({ queue, group }: GroupPlace): string {
  const fingerprint = nameInId(group, MAX_FINGERPRINT);
  const room = MAX_ID - GROUP_ID_PREFIX.length - 1 - fingerprint.length;
  return `${GROUP_ID_PREFIX}${nameInId(queue, room)}/${fingerprint}`;
}
