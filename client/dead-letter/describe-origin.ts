import type { Client } from '@temporalio/client';
import { OriginStatus } from '../../common/dead-letter/origin-status.js';
import type { Origin } from '../../common/dead-letter/record.js';
import { isNotFound } from '../server/grpc-status.js';
import { withLimit } from '../server/with-limit.js';

const LIMIT_MS = 2_000;

/** Numbers of `WorkflowExecutionStatus` in the API of the server. */
const STATUS_OF: readonly (OriginStatus | undefined)[] = [
  undefined,
  OriginStatus.OPEN,
  OriginStatus.COMPLETED,
  OriginStatus.FAILED,
  OriginStatus.CANCELLED,
  OriginStatus.TERMINATED,
  OriginStatus.CONTINUED_AS_NEW,
  OriginStatus.TIMED_OUT,
  // Paused, by an operator: it goes on some day.
  OriginStatus.OPEN,
];

/** The run that made a call; `namespace` and ids as in the record of a letter. */
export type OriginRun = Pick<Origin, 'namespace' | 'workflowId' | 'runId'>;

/**
 * What became of the run that made a call, within two seconds.
 * Throws nothing: what cannot be looked up is `unknown`, since looking must not take longer than the work.
 */
export async function describeOrigin(
  client: Client,
  run: OriginRun,
  signals: readonly AbortSignal[] = [],
): Promise<OriginStatus> {
  try {
    return await withLimit(client, { limitMs: LIMIT_MS, signals }, () => look(client, run));
  } catch (error) {
    return isNotFound(error) ? OriginStatus.GONE : OriginStatus.UNKNOWN;
  }
}

async function look(client: Client, { namespace, workflowId, runId }: OriginRun): Promise<OriginStatus> {
  // Not by the client's own `describe`: a memo that no codec can read would fail it.
  const describe = (execution: { workflowId: string; runId?: string }) =>
    client.workflowService.describeWorkflowExecution({ namespace, execution });
  const { workflowExecutionInfo, workflowExtendedInfo } = await describe({ workflowId, runId });
  // A reset terminates a run that is open, and leaves the status of a closed one as it was.
  if (workflowExtendedInfo?.resetRunId) return OriginStatus.RESET;
  const status = STATUS_OF[workflowExecutionInfo?.status ?? 0] ?? OriginStatus.UNKNOWN;
  if (status !== OriginStatus.FAILED && status !== OriginStatus.TIMED_OUT) return status;
  const { workflowExecutionInfo: latest } = await describe({ workflowId });
  const isNewer = latest?.execution?.runId !== runId && latest?.firstRunId;
  return isNewer && latest?.firstRunId === workflowExecutionInfo?.firstRunId ? OriginStatus.RETRIED : status;
}
