import type { Context } from '@temporalio/activity';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';
import { namespaceOf } from '../namespace.js';

const ANSWER_MS = 5_000;
/** Longest wait of the server's own after rejections, for a call that sets no intervals: they count for its backoff. */
const SHORT_INTERVAL_MS = 5_000;

/** The server is too old to change a waiting activity. */
let isUnknown = false;

/**
 * Keeps a rejected attempt from costing the call anything: the server counts it, so its limit goes up by one, and its
 * own backoff, which it uses when an attempt times out, stays short.
 * @param keepsIntervals the call sets its intervals itself
 * @returns false where the limit could not be raised: then the attempt must not be rejected
 */
export async function makeRoom(
  { info, client }: Context,
  keepsIntervals: boolean,
  fault: (error: unknown) => void,
): Promise<boolean> {
  if (isUnknown) return !info.retryPolicy?.maximumAttempts;
  const { maximumAttempts = 0, maximumInterval } = info.retryPolicy ?? {};
  const isLimited = maximumAttempts > 0;
  const shorten = !keepsIntervals && Number(maximumInterval ?? Number.POSITIVE_INFINITY) > SHORT_INTERVAL_MS;
  if (!isLimited && !shorten) return true;
  const paths = [
    ...(isLimited ? ['retry_policy.maximum_attempts'] : []),
    ...(shorten ? ['retry_policy.maximum_interval'] : []),
  ];
  try {
    await client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflowService.updateActivityOptions({
        namespace: namespaceOf(info),
        execution: info.workflowExecution,
        id: info.activityId,
        activityOptions: {
          retryPolicy: {
            maximumAttempts: maximumAttempts + 1,
            maximumInterval: { seconds: (SHORT_INTERVAL_MS / 1_000) as never },
          },
        },
        updateMask: { paths },
      }),
    );
    return true;
  } catch (error) {
    isUnknown = grpcStatus(error) === GrpcStatus.UNIMPLEMENTED;
    fault(error);
    return !isLimited;
  }
}
