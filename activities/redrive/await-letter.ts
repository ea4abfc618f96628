import { Context, setActivityOptions } from '@temporalio/activity';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  RawValue,
  rawValueTypeInfo,
} from '@temporalio/common';
import { readPayloads } from '../../client/codecs/read-payloads.js';
import { isNotFound } from '../../client/server/grpc-status.js';

/**
 * The outcome of a parked letter, for an origin that was reset: the letter is the child of the run before the reset. Does not
 * wait itself: its retries do, so that it takes no slot of the worker.
 * @throws ApplicationFailure that is retried while the letter is open; one that is not retried if it ended without an outcome
 */
export async function awaitLetter(workflowId: string): Promise<RawValue> {
  const { client } = Context.current();
  const { namespace } = client.options;
  const { status } = await describe(client, workflowId);
  if (status.name === 'RUNNING') {
    throw ApplicationFailure.create({
      type: 'LetterIsOpen',
      message: `The dead letter ${workflowId} waits for a decision`,
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    ...{ namespace, execution: { workflowId }, historyEventFilterType: CLOSE_EVENT },
  });
  const completed = history?.events?.at(-1)?.workflowExecutionCompletedEventAttributes;
  const context = { type: 'workflow' as const, namespace, workflowId };
  const [payload] = await readPayloads(client, completed?.result?.payloads ?? [], context);
  if (payload === undefined) {
    throw ApplicationFailure.nonRetryable(`The dead letter ended without an outcome: ${status.name}`);
  }
  return RawValue.fromPayload(payload);
}

async function describe(client: Client, workflowId: string): Promise<WorkflowExecutionDescription> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (fault) {
    // Deleted, or older than what the server keeps: it will not come back.
    if (isNotFound(fault)) {
      throw ApplicationFailure.nonRetryable(`The dead letter ${workflowId} is not there any more`);
    }
    throw fault;
  }
}

/** `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT` */
const CLOSE_EVENT = 2;

if (rawValueTypeInfo !== undefined)
  setActivityOptions({ typeInfo: { outputType: rawValueTypeInfo } }, awaitLetter);
