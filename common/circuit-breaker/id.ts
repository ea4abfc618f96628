import { CIRCUIT_BREAKER_ID_PREFIX } from '../contract.js';
import { nameInId } from '../text/text.js';

/** The server's limit for a workflow id, less the prefix. */
const MAX_BYTES = 255 - CIRCUIT_BREAKER_ID_PREFIX.length;

/** Workflow id of a breaker. */
export function breakerWorkflowId(name: string): string {
  return CIRCUIT_BREAKER_ID_PREFIX + nameInId(name, MAX_BYTES);
}
