import { LIMIT_ID_PREFIX } from '../contract.js';
import { workflowIdOf } from '../text/workflow-id.js';

/** Workflow id of the entity of a limit. */
export function limitWorkflowId(name: string): string {
  return workflowIdOf(LIMIT_ID_PREFIX, name);
}
