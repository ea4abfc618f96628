import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { DEAD_LETTER_WORKFLOW } from '../../common/contract.js';
import { RESTORABLE_STATUSES } from '../../common/dead-letter/status.js';
import { listExecutions } from '../server/list-executions.js';
import { quote } from './filter.js';
import { reportedStatus } from './reported-status.js';

/** Of ids in one query: they have up to 255 characters. */
const AT_ONCE = 50;

/**
 * Without the runs of letters that were restored since: a letter is listed once, as what it is now. Only letters that can be
 * restored are looked up, one query for fifty.
 */
export async function* withoutEarlierRuns(
  client: Client,
  executions: AsyncIterable<WorkflowExecutionInfo>,
): AsyncGenerator<WorkflowExecutionInfo> {
  let pending: WorkflowExecutionInfo[] = [];
  let asked = 0;
  for await (const execution of executions) {
    pending.push(execution);
    if (isRestorable(execution)) asked++;
    // In order, and at once where there is nothing to look up.
    if (asked > 0 && asked < AT_ONCE && pending.length < AT_ONCE * 2) continue;
    yield* await latestOf(client, pending);
    pending = [];
    asked = 0;
  }
  yield* await latestOf(client, pending);
}

function isRestorable(execution: WorkflowExecutionInfo): boolean {
  return execution.status.name !== 'RUNNING' && RESTORABLE_STATUSES.includes(reportedStatus(execution));
}

async function latestOf(
  client: Client,
  executions: readonly WorkflowExecutionInfo[],
): Promise<WorkflowExecutionInfo[]> {
  const ids = new Set(executions.filter(isRestorable).map(({ workflowId }) => workflowId));
  if (ids.size === 0) return [...executions];
  const latest = new Map<string, Date>();
  const query = `WorkflowType = ${quote(DEAD_LETTER_WORKFLOW)} AND WorkflowId IN (${[...ids].map(quote).join(', ')})`;
  for await (const { workflowId, startTime } of listExecutions(client, { query })) {
    const known = latest.get(workflowId);
    if (known === undefined || startTime > known) latest.set(workflowId, startTime);
  }
  return executions.filter((execution) => {
    const last = latest.get(execution.workflowId);
    return last === undefined || !isRestorable(execution) || execution.startTime >= last;
  });
}
