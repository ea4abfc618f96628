import type { Client } from '@temporalio/client';
import { GrpcStatus, grpcStatus } from '../../../client/server/grpc-status.js';

/**
 * Whether the parked letter of a call from before a reset is there to be waited for: open, or closed with an outcome. One that
 * was cancelled with its origin, or terminated, has none; undefined where there is no such letter.
 */
export async function hasOutcome(client: Client, letterId: string): Promise<boolean | undefined> {
  try {
    const { status } = await client.workflow.getHandle(letterId).describe();
    return status.name === 'RUNNING' || status.name === 'COMPLETED';
  } catch (error) {
    if (error instanceof Error && isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: Error): boolean {
  return error.name === 'WorkflowNotFoundError' || grpcStatus(error) === GrpcStatus.NOT_FOUND;
}
