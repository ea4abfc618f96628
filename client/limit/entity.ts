import type { Client } from '@temporalio/client';
import { LIMIT_WORKFLOW } from '../../common/contract.js';
import { limitWorkflowId } from '../../common/limit/id.js';
import type { Limit } from '../../common/limit/limit.js';
import type { LeaseAnswer, LeaseRequest, LimitMemo } from '../../common/limit/messages.js';
import type { SetLimitOrder } from '../../common/limit/orders.js';
import type { LimitWorkflowInput } from '../../common/limit/workflow-input.js';
import { beginning } from '../../common/text/text.js';
import { isNotFound } from '../server/grpc-status.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** A limit that workers share, as they are configured with it. */
export interface NewLimit {
  readonly name: string;
  readonly limit: Limit;
  readonly configuredAt: string;
}

/**
 * Asks the entity of a limit what this worker may use. It is made should there be none.
 * @param updateId the same for a request that is sent again: it has the answer of the first
 * @throws where there is no answer in time
 */
export async function askForLease(
  client: Client,
  taskQueue: string,
  limit: NewLimit,
  request: LeaseRequest,
  updateId: string,
): Promise<LeaseAnswer> {
  const data = recoveryDataClient(client);
  const ask = () =>
    data.workflow
      .getHandle(limitWorkflowId(limit.name))
      .executeUpdate<LeaseAnswer, [LeaseRequest]>('lease', { args: [request], updateId });
  try {
    return await ask();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await data.workflow.start(LIMIT_WORKFLOW, startOptions(taskQueue, limit));
    return ask();
  }
}

/** Sets another limit; the entity is made should there be none. */
export async function setLimit(
  client: Client,
  taskQueue: string,
  limit: NewLimit,
  order: SetLimitOrder,
): Promise<void> {
  await recoveryDataClient(client).workflow.signalWithStart(LIMIT_WORKFLOW, {
    ...startOptions(taskQueue, limit),
    signal: 'setLimit',
    signalArgs: [order],
  });
}

function startOptions(taskQueue: string, { name, limit, configuredAt }: NewLimit) {
  const input: LimitWorkflowInput = { v: 1, name, limit, configuredAt };
  const memo: LimitMemo = { v: 1, name, limit };
  return {
    workflowId: limitWorkflowId(name),
    taskQueue,
    args: [input] as [LimitWorkflowInput],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    memo: { limit: memo },
    staticSummary: beginning(`Limit ${name}`, 400),
    staticDetails:
      'A **limit** of a service that all workers keep together: calls beyond it wait. Waiting does not use up their attempts.',
  };
}
