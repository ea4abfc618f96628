import type { Client } from '@temporalio/client';
import { isNotFound } from '../../../client/server/grpc-status.js';

/**
 * Whether the parked letter of a call from before a reset is there to be waited for: open, or closed with an outcome. One that
 * was cancelled with its origin, or terminated, has none; undefined where there is no such letter.
 */
export async function hasOutcome(client: Client, letterId: string): Promise<boolean | undefined> {
  try {
    const { status } = await client.workflow.getHandle(letterId).describe();
    return status.name === 'RUNNING' || status.name === 'COMPLETED';
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
