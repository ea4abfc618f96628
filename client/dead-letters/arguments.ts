import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/internal-non-workflow';
import { ARGUMENTS_SIGNAL } from '../../common/contract.js';

/** Inputs of `deadLetter` before the arguments that are carried over by continue-as-new. */
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
  const payloads = started?.continuedExecutionRunId
    ? started.input?.payloads?.slice(CARRIED_FROM)
    : signal?.input?.payloads;
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
