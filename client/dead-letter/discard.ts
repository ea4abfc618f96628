import type { Client } from '@temporalio/client';
import type { DiscardRequest } from '../../common/dead-letter/requests.js';
import { isNotFound } from '../server/grpc-status.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** Closes a letter that was written just now, without a wait for its outcome. One that is closed stays as it is. */
export async function discardLetter(
  client: Client,
  letterId: string,
  { by, reason }: Pick<DiscardRequest, 'by' | 'reason'>,
): Promise<void> {
  const request: DiscardRequest = {
    by,
    reason: `default of its group${reason === undefined ? '' : `: ${reason}`}`,
  };
  try {
    await recoveryDataClient(client).workflow.getHandle(letterId).signal('discard', request);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
