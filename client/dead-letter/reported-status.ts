import type { WorkflowExecutionInfo } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { DeadLetterStatus } from '../../common/dead-letter/record.js';
import { statusOf } from '../../common/dead-letter/status.js';

/** The status of a letter as its execution tells it. */
export function reportedStatus({
  searchAttributes,
  status,
}: Pick<WorkflowExecutionInfo, 'searchAttributes' | 'status'>): DeadLetterStatus {
  const told = searchAttributes[SEARCH_ATTRIBUTES.status]?.[0] as DeadLetterStatus | undefined;
  return statusOf(told, status.name);
}
