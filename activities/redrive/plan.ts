import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { requireSearchAttributes } from '../../client/dead-letter/listing.js';
import { InvalidRequestError } from '../../client/errors.js';
import { checkRedrive, isRefusal } from '../../client/redrive/request.js';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';
import { searchAttributesToWrite } from '../../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTE_NAMES } from '../../common/contract.js';
import type { RedrivePlan } from '../../common/redrive/types.js';
import { show } from '../../common/text/show.js';

/**
 * Checks the input of a redrive that a client, the command line or the Temporal UI started.
 * @throws ApplicationFailure that is not retried and says what is wrong and how it is mended
 */
export async function planRedrive(id: string, request: unknown): Promise<RedrivePlan> {
  const { client, info } = Context.current();
  const runId = info.workflowExecution?.runId ?? '';
  try {
    const checked = checkRedrive(request);
    const needed = SEARCH_ATTRIBUTE_NAMES.some((name) => checked.query?.includes(name));
    if (needed) await requireSearchAttributes(client);
    await tryQuery(client, checked.query);
    const by = checked.by ?? (await starter(client, id, runId));
    const searchAttributes = await searchAttributesToWrite(client);
    return { ...checked, id, requestId: `${id}/${runId}`, by, searchAttributes };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // What our own code cannot read today it cannot read tomorrow.
    if (error instanceof TypeError || error instanceof RangeError) {
      const why = `redrive: the request cannot be read: ${error.message}; got ${show(request)}`;
      throw ApplicationFailure.nonRetryable(why, InvalidRequestError.name);
    }
    if (!isRefusal(error.name)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, error.name);
  }
}

/** What the server refuses as a query it would refuse for ever. */
async function tryQuery(client: Client, query: string | undefined): Promise<void> {
  if (query === undefined) return;
  try {
    await client.workflow.count(query);
  } catch (error) {
    if (grpcStatus(error) !== GrpcStatus.INVALID_ARGUMENT) throw error;
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new InvalidRequestError(`redrive: the server does not take the query: ${why}; got ${query}`);
  }
}

/** Who started the workflow, where the request does not say: somebody in the UI, or with the Temporal CLI. */
async function starter(client: Client, workflowId: string, runId: string): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return started?.identity || undefined;
}
