import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/internal-non-workflow';
import { ARGUMENTS_SIGNAL } from '../../common/contract.js';

/** Inputs of `deadLetter` before the arguments: of a letter that continued as new, or of a parked one. */
const CARRIED_FROM = 2;

/**
 * The original arguments of a letter, from its history: they may be larger than the answer to a query.
 *
 * Decoded with the converter of the given client. An argument that it cannot decode is given as its payload.
 */
export async function readArguments(client: Client, workflowId: string): Promise<unknown[]> {
  const { loadedDataConverter, namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
    maximumPageSize: 10,
  });
  const events = history?.events ?? [];
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const signal = events.find(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === ARGUMENTS_SIGNAL,
  )?.workflowExecutionSignaledEventAttributes;
  const carried = started?.input?.payloads?.slice(CARRIED_FROM) ?? [];
  const payloads = carried.length > 0 ? carried : signal?.input?.payloads;
  return Promise.all(
    (payloads ?? []).map(async (payload: Payload) => {
      try {
        const [decoded] = await decode(loadedDataConverter.payloadCodecs, [payload]);
        return loadedDataConverter.payloadConverter.fromPayload(decoded ?? payload);
      } catch {
        return payload;
      }
    }),
  );
}
