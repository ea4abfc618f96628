import type { Client } from '@temporalio/client';
import { type ActivitySerializationContext, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { REDRIVE_ACTIVITIES } from '../../common/contract.js';
import type { BatchResult, LetterOutcome } from '../../common/redrive/types.js';
import { readPayloads } from '../codecs/read-payloads.js';
import { isNotFound } from '../server/grpc-status.js';

/**
 * What became of every letter, from the results of the batches in the histories of all runs; of a letter that was held
 * first, what became of it later.
 */
export async function readOutcomes(client: Client, workflowId: string): Promise<LetterOutcome[]> {
  const found = new Map<string, LetterOutcome>();
  for (const runId of await runsOf(client, workflowId)) {
    for (const outcome of await outcomesOfRun(client, workflowId, runId)) found.set(outcome.id, outcome);
  }
  return [...found.values()];
}

/** The oldest first; runs that have left with the namespace's retention are missing. */
async function runsOf(client: Client, workflowId: string): Promise<string[]> {
  const runs: string[] = [];
  let runId: string | undefined = (await client.workflow.getHandle(workflowId).describe()).runId;
  while (runId !== undefined) {
    runs.unshift(runId);
    runId = await runBefore(client, workflowId, runId);
  }
  return runs;
}

async function runBefore(client: Client, workflowId: string, runId: string): Promise<string | undefined> {
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const before = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  if (!before) return undefined;
  try {
    await client.workflow.getHandle(workflowId, before).describe();
    return before;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function outcomesOfRun(client: Client, workflowId: string, runId: string): Promise<LetterOutcome[]> {
  const { namespace } = client.options;
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const calls = new Map(
    (events ?? []).map(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => [
      String(eventId),
      { type: scheduled?.activityType?.name, activityId: scheduled?.activityId ?? undefined },
    ]),
  );
  const found: LetterOutcome[] = [];
  for (const { activityTaskCompletedEventAttributes: completed } of events ?? []) {
    const call = calls.get(String(completed?.scheduledEventId));
    const payload = completed?.result?.payloads?.[0];
    if (payload == null || call === undefined) continue;
    const { type, activityId } = call;
    const context = { type: 'activity', namespace, workflowId, activityId, isLocal: false } as const;
    if (type === REDRIVE_ACTIVITIES.batch)
      found.push(...(await read<BatchResult>(client, payload, context)).outcomes);
    if (type === REDRIVE_ACTIVITIES.settle)
      found.push(...(await read<LetterOutcome[]>(client, payload, context)));
  }
  return found;
}

async function read<T>(client: Client, payload: Payload, context: ActivitySerializationContext): Promise<T> {
  const [decoded = payload] = await readPayloads(client, [payload], context);
  return defaultPayloadConverter.fromPayload<T>(decoded);
}
