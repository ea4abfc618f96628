import { CIRCUIT_BREAKER_ID_PREFIX } from '../contract.js';
import { workflowIdOf } from '../text/workflow-id.js';

/** Workflow id of a breaker. */
export function breakerWorkflowId(name: string): string {
  return workflowIdOf(CIRCUIT_BREAKER_ID_PREFIX, name);
}
