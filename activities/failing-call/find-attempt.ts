import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Origin } from '../../common/dead-letter/record.js';

/** The failed activity's events are among the last of the origin's history. */
const LAST_EVENTS = 50;

/**
 * How often an activity was tried, from the origin's history. Only for failures that carry no count themselves
 * (time-outs, workers without the plugin); a letter without a count is no reason to fail.
 */
export async function findAttempt(
  client: Client,
  origin: Origin,
): Promise<{ attempt?: number; scheduledAt?: string } | undefined> {
  try {
    const { history } = await client.connection.withDeadline(Date.now() + 5_000, () =>
      client.workflowService.getWorkflowExecutionHistoryReverse({
        namespace: origin.namespace,
        execution: { workflowId: origin.workflowId, runId: origin.runId },
        maximumPageSize: LAST_EVENTS,
      }),
    );
    const events = history?.events ?? [];
    const started = events.find(
      ({ activityTaskStartedEventAttributes: attributes }) =>
        attributes && Number(attributes.scheduledEventId) === origin.scheduledEventId,
    );
    const scheduled = events.find(({ eventId }) => Number(eventId) === origin.scheduledEventId);
    const time = scheduled?.eventTime;
    return {
      attempt: started?.activityTaskStartedEventAttributes?.attempt ?? undefined,
      // To the millisecond: the calls of a record are ordered by it.
      scheduledAt: time ? new Date(tsToMs(time)).toISOString() : undefined,
    };
  } catch {
    return undefined;
  }
}
