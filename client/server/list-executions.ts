import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { listingClient } from './temporal-client.js';

/** A run is in two pages if it closes while they are read. It is not in ten. */
const MAX_TIMES = 10;

/** Visibility lists the same rows again and again. */
export class RepeatedListError extends Error {
  override readonly name = 'RepeatedListError';
}

export interface ListQuery {
  readonly query: string;
  /** @default what the server has as its default */
  readonly pageSize?: number;
}

/**
 * What visibility lists, each run once: a run that closes while pages are read may be in two of them. A memo that cannot be read is
 * null and ends no list.
 * @throws RepeatedListError where the list would have no end
 */
export async function* listExecutions(
  client: Client,
  { query, pageSize }: ListQuery,
): AsyncGenerator<WorkflowExecutionInfo> {
  const times = new Map<string, number>();
  for await (const execution of listingClient(client).workflow.list({ query, pageSize })) {
    const before = times.get(execution.runId) ?? 0;
    if (before >= MAX_TIMES) {
      throw new RepeatedListError(
        `Visibility lists the same ${times.size} workflows again and again for the query ${query}. Try again later`,
      );
    }
    times.set(execution.runId, before + 1);
    if (before === 0) yield execution;
  }
}
