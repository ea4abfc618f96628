import type { Client } from '@temporalio/client';
import { DEAD_LETTER_WORKFLOW, SUCCEEDED_SIGNAL } from '../../common/contract.js';
import { RECORD_LETTER_ID_PREFIX } from '../../common/dead-letter/id.js';
import type { ReportedSuccess } from '../../common/dead-letter/record.js';
import { isNotFound } from '../server/grpc-status.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { quote } from './filter.js';

const PAGE = 1_000;

/** Ids of open letters of records, the newest first. */
export async function listRecordLetters(client: Client, limit: number): Promise<string[]> {
  const query = `WorkflowType = ${quote(DEAD_LETTER_WORKFLOW)} AND ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH ${quote(RECORD_LETTER_ID_PREFIX)}`;
  const ids: string[] = [];
  for await (const { workflowId } of listExecutions(client, { query, pageSize: PAGE })) {
    ids.push(workflowId);
    if (ids.length >= limit) break;
  }
  return ids;
}

/** Reports to the letter of a record that a later call succeeded. A letter that is closed by now needs nothing. */
export async function reportSuccess(
  client: Client,
  letterId: string,
  success: ReportedSuccess,
): Promise<void> {
  try {
    await recoveryDataClient(client).workflow.getHandle(letterId).signal(SUCCEEDED_SIGNAL, success);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
