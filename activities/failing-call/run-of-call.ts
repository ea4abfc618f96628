import type { Client } from '@temporalio/client';
import { GrpcStatus, grpcStatus, isNotFound } from '../../client/server/grpc-status.js';
import type { Origin } from '../../common/dead-letter/record.js';

type Page = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>;
type HistoryEvent = NonNullable<NonNullable<Page['history']>['events']>[number];

const PAGE_SIZE = 200;
const LIMIT_MS = 20_000;

/**
 * The run in which a call of a workflow that was reset really ran. A reset copies the events before it into a run of its
 * own, with another run id: a call that had failed before the reset is the call it was, with its letter and its
 * idempotency key, and one that is made after it is another.
 *
 * The event of each reset in the history says from which run the events before it are.
 * @throws where the history cannot be read now; where it never can the answer is the run itself: rather one letter too
 * many than one that is lost
 */
export async function runOfCall(client: Client, origin: Origin): Promise<string> {
  // A local activity has no events of its own: it fails in the workflow task that makes its letter.
  if (origin.scheduledEventId < 0) return origin.runId;
  try {
    return await client.connection.withDeadline(Date.now() + LIMIT_MS, () => walkBack(client, origin));
  } catch (error) {
    const status = grpcStatus(error);
    if (isNotFound(error) || (status !== undefined && UNREADABLE.includes(status))) return origin.runId;
    throw error;
  }
}

const UNREADABLE: readonly number[] = [GrpcStatus.PERMISSION_DENIED, GrpcStatus.UNIMPLEMENTED];

async function walkBack(
  client: Client,
  { namespace, workflowId, runId, scheduledEventId }: Origin,
): Promise<string> {
  /** Where the events that are being read were written. */
  let run = runId;
  let closedIn = runId;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page: Page = await client.workflowService.getWorkflowExecutionHistoryReverse({
      ...{ namespace, execution: { workflowId, runId }, maximumPageSize: PAGE_SIZE, nextPageToken },
    });
    for (const event of page.history?.events ?? []) {
      run = event.workflowTaskFailedEventAttributes?.baseRunId || run;
      // The server writes the start of an attempt when the call is over.
      if (isOf(event.activityTaskStartedEventAttributes, scheduledEventId)) return run;
      if (closes(event, scheduledEventId)) closedIn = run;
      // It was never started: where it was closed says which call it was.
      if (Number(event.eventId) <= scheduledEventId) return closedIn;
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return runId;
}

function closes(event: HistoryEvent, scheduledEventId: number): boolean {
  const closed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  return isOf(closed, scheduledEventId);
}

function isOf(
  attributes: { readonly scheduledEventId?: unknown } | null | undefined,
  scheduledEventId: number,
): boolean {
  return attributes != null && Number(attributes.scheduledEventId) === scheduledEventId;
}
