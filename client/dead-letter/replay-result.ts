import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import { CALL_HEADER } from '../../common/contract.js';
import { PAGE_SIZE } from './arguments.js';

/**
 * What the activity of a letter gave at its last replay, from the letter's history: whole, decoded by the given client's
 * data converter, and there at once, while the letter may stay open for its notice.
 */
export async function readReplayResult(client: Client, workflowId: string): Promise<unknown> {
  const { loadedDataConverter, namespace } = client.options;
  const results = new Map<string, readonly Payload[]>();
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistoryReverse({
      ...{ namespace, execution: { workflowId }, maximumPageSize: PAGE_SIZE, nextPageToken },
    });
    for (const event of page.history?.events ?? []) {
      const { activityTaskCompletedEventAttributes: done, activityTaskScheduledEventAttributes: call } =
        event;
      if (done) results.set(String(done.scheduledEventId), done.result?.payloads ?? []);
      const result = results.get(String(event.eventId));
      // Notices and the making of arguments are activities too; only replays carry the header.
      if (result === undefined || call?.header?.fields?.[CALL_HEADER] === undefined) continue;
      return decodeFromPayloadsAtIndex(loadedDataConverter, 0, [...result], {
        ...{
          type: 'activity',
          namespace,
          workflowId,
          activityId: call.activityId ?? undefined,
          isLocal: false,
        },
      });
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  throw new Error(`The history of "${workflowId}" has no replay that succeeded`);
}
