import { SEARCH_ATTRIBUTES } from '../contract.js';
import { beginning } from '../text/text.js';
import { type FailureCount, failuresInMemo, firstFailure } from './failures.js';
import type { DeadLetterRecord } from './record.js';

/** What a list shows of a letter without a query. Small: the server warns from 2 KB. */
export function memoOf(record: DeadLetterRecord, failures?: FailureCount): Record<string, unknown> {
  const { error, origin, tags } = record;
  const isTagSearchable = record.searchAttributes.includes(SEARCH_ATTRIBUTES.tags);
  return {
    deadLetter: {
      createdAt: record.createdAt,
      queue: record.queue,
      operation: record.operation,
      group: record.group,
      category: error.errorCategory,
      ...(error.statusCode === undefined ? {} : { statusCode: error.statusCode }),
      ...(error.correlationId ? { correlationId: error.correlationId } : {}),
      ...(tags === undefined || isTagSearchable ? {} : { tags }),
      message: beginning(error.message, 300),
      attempts: record.attemptCount ?? null,
      originWorkflowId: origin.workflowId,
      originRunId: origin.runId,
      ...(record.recordKey === undefined
        ? {}
        : { failures: failuresInMemo(failures ?? firstFailure(record)) }),
    },
  };
}
