import type { RawValue } from '@temporalio/common';
import { CancellationScope, isCancellation, scheduleLocalActivity } from '@temporalio/workflow';
import { DESCRIBE_ORIGIN_ACTIVITY } from '../../common/contract.js';
import { type OriginSeen, OriginStatus } from '../../common/dead-letter/origin-status.js';
import type { Origin } from '../../common/dead-letter/record.js';
import { readResult } from '../messages/raw-values.js';
import { oneAtATime } from '../sdk/one-at-a-time.js';

/**
 * What became of the workflow a letter came from. A local activity: one event in history, and no worker of an older
 * version is asked. A fault never stops a replay.
 */
export async function lookAtOrigin({ namespace, workflowId, runId }: Origin): Promise<OriginSeen> {
  return { status: await ask({ namespace, workflowId, runId }), at: new Date().toISOString() };
}

async function ask(run: Pick<Origin, 'namespace' | 'workflowId' | 'runId'>): Promise<OriginStatus> {
  let seen: RawValue<OriginStatus>;
  try {
    seen = await oneAtATime(() =>
      scheduleLocalActivity<RawValue<OriginStatus>>(DESCRIBE_ORIGIN_ACTIVITY, [run], {
        // More than the activity itself waits for the server.
        ...{ startToCloseTimeout: '4s', scheduleToCloseTimeout: '5s', retry: { maximumAttempts: 1 } },
        summary: 'Looks at the workflow this call came from',
      }),
    );
  } catch (error) {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    return OriginStatus.UNKNOWN;
  }
  // Outside: an answer that another worker could read is no fault, it decided on what followed.
  return readResult(seen);
}
