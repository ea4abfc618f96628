import type { Client } from '@temporalio/client';
import type { Payload, WorkflowSerializationContext } from '@temporalio/common';
import { ARGUMENTS_SIGNAL, FAILED_AGAIN_SIGNAL } from '../../common/contract.js';
import { readPayloads } from '../codecs/read-payloads.js';

/** Inputs of `deadLetter` before the arguments: of a letter that continued as new, or of a parked one. */
const CARRIED_FROM = 2;

/** Events of a letter may have 2 MB each, and a client takes 4 MB at once. */
export const PAGE_SIZE = 2;

/**
 * The original arguments of a letter, from its history: they may be larger than the answer to a query.
 *
 * Decoded with the converter of the given client. An argument that it cannot decode is given as its payload.
 * @param count how many the letter has; an empty list is answered where they have not arrived yet
 */
export async function readArguments(client: Client, workflowId: string, count: number): Promise<unknown[]> {
  const { loadedDataConverter, namespace } = client.options;
  const context: WorkflowSerializationContext = { type: 'workflow', namespace, workflowId };
  const payloads = count === 0 ? [] : await argumentPayloads(client, workflowId);
  return Promise.all(
    payloads.map(async (payload: Payload) => {
      try {
        const [decoded] = await readPayloads(client, [payload], context);
        return loadedDataConverter.payloadConverter.fromPayload(decoded ?? payload, context);
      } catch {
        return payload;
      }
    }),
  );
}

/** In the input, or in a signal: that of a parked letter is sent after its start, and other events may come before it. */
export async function argumentPayloads(client: Client, workflowId: string): Promise<Payload[]> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution: { workflowId }, maximumPageSize: PAGE_SIZE, nextPageToken },
    });
    for (const event of page.history?.events ?? []) {
      const started = event.workflowExecutionStartedEventAttributes;
      const carried = started?.input?.payloads?.slice(CARRIED_FROM) ?? [];
      if (carried.length > 0) return carried;
      const signaled = event.workflowExecutionSignaledEventAttributes;
      if (signaled?.signalName === ARGUMENTS_SIGNAL) return signaled.input?.payloads ?? [];
      // Behind the record of the failure. The first one came with the start.
      if (signaled?.signalName === FAILED_AGAIN_SIGNAL) return signaled.input?.payloads?.slice(1) ?? [];
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return [];
}
