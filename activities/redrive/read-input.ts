import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, RawValue } from '@temporalio/common';
import { readPayloads } from '../../client/codecs/read-payloads.js';
import { inputOfActivityId } from '../../common/contract.js';
import { isReadable } from '../../common/payload/encoding.js';

/**
 * Reads an input of the workflow that asks, with the codecs of this worker.
 * @throws ApplicationFailure that is retried, while they cannot read it
 */
export async function readInput(): Promise<RawValue> {
  const { client, info } = Context.current();
  const { workflowExecution: execution, activityId } = info;
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    ...{ namespace, execution, maximumPageSize: 1 },
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const encoded = started?.input?.payloads?.[inputOfActivityId(activityId)];
  if (encoded === undefined) throw ApplicationFailure.create({ message: 'The workflow has no such input' });
  const workflowId = execution?.workflowId ?? '';
  const [payload] = await readPayloads(client, [encoded], {
    ...{ type: 'workflow', namespace, workflowId },
  });
  if (payload === undefined || !isReadable(payload)) {
    throw ApplicationFailure.create({
      type: 'InputNotReadable',
      message:
        'No codec of this recovery worker can read the input; give it the data converter of the workers',
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  // The worker that has this workflow in memory may be one without the codec.
  await client.workflowService.resetStickyTaskQueue({ namespace, execution });
  return RawValue.fromPayload(payload);
}
