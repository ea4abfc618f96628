import type { Client } from '@temporalio/client';
import type { DeadLetterFilter } from '../client/dead-letter/filter.js';
import { DeadLetterHandle } from '../client/dead-letter/handle.js';
import { type DeadLetterSummary, listDeadLetters } from '../client/dead-letter/listing.js';
import { readReplayResult } from '../client/dead-letter/replay-result.js';
import { untilReplayed } from '../client/dead-letter/until-replayed.js';
import { DeadLetterClosedError } from '../client/errors.js';
import { GrpcStatus, grpcStatus } from '../client/server/grpc-status.js';
import type { ApiLinkerError } from '../common/errors/index.js';
import { type ItemDetails, withDetails } from './item-details.js';
import { retryError } from './retry-error.js';

export { startDeadLetter } from '../client/dead-letter/start.js';

/** Which items of the queue are listed, how many, and whether with their details. */
export interface GetItemsOptions extends Readonly<Omit<DeadLetterFilter, 'queue'>> {
  /** The newest. @default 100 */
  readonly limit?: number;
  /**
   * With the error, the payload and the metadata of each item, from its history: two requests for each item.
   * @default false
   */
  readonly withDetails?: boolean;
}

/** An item of a list. Error, payload and metadata only where `withDetails` asks for them and they can be read. */
export type DeadLetterItem = DeadLetterSummary & ItemDetails;

/** The outcome of `DeadLetterQueue.retryItem`: the result of the activity, or the error of the last attempt. */
export type RetryItemResult =
  | { readonly success: true; readonly result: unknown; readonly error?: undefined }
  | { readonly success: false; readonly result?: undefined; readonly error: ApiLinkerError };

const MAX_SILENCES = 30;
const BETWEEN_SILENCES_MS = 1_000;
const SILENCE: readonly (number | undefined)[] = [
  GrpcStatus.UNAVAILABLE,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.FAILED_PRECONDITION,
];

/** What `DeadLetterQueue.getItems` does. */
export async function list(
  client: Client,
  queue: string,
  { withDetails: asked, ...options }: GetItemsOptions,
): Promise<DeadLetterItem[]> {
  const items = await listDeadLetters(client, { ...options, queue });
  return asked === true ? withDetails(client, items) : items;
}

/** What `DeadLetterQueue.retryItem` does. */
export async function retry(
  client: Client,
  id: string,
  request: { by?: string; reason?: string },
): Promise<RetryItemResult> {
  const letter = new DeadLetterHandle(client, id);
  const answer = await letter.replay(request);
  // One that is still running is no failure: who took it for one would do the work twice.
  const ended =
    answer.outcome === 'RUNNING' ? await untilReplayed(() => patiently(() => letter.state())) : answer;
  const { outcome, status } = ended;
  // Closed, but for a notice that is still to be sent.
  if (outcome === 'SKIPPED' && status === 'REPLAYED') throw new DeadLetterClosedError(id, status);
  if (outcome !== 'REPLAYED') {
    const state = await patiently(() => letter.state()).catch(() => undefined);
    return { success: false, error: retryError(id, ended, state) };
  }
  return { success: true, result: await resultOf(client, id) };
}

async function resultOf(client: Client, id: string): Promise<unknown> {
  try {
    return (await readReplayResult(client, id)) ?? null;
  } catch {
    // The work is done, whatever keeps its result from being read.
    return undefined;
  }
}

/** Looks again after a moment without an answer, as while the recovery worker restarts. */
async function patiently<T>(look: () => Promise<T>): Promise<T> {
  for (let silences = 0; ; silences++) {
    try {
      return await look();
    } catch (error) {
      if (silences >= MAX_SILENCES || !SILENCE.includes(grpcStatus(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_SILENCES_MS));
    }
  }
}
