import type { temporal } from '@temporalio/proto';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import type { ListedRedrive } from './listed.js';

type Event = temporal.api.history.v1.IHistoryEvent;

/** What the history of a letter says of its replays. */
export interface LetterReplays {
  /** Without those that a breaker rejected or that were stopped before it let them through. */
  readonly calls: number;
  /** Ids of the requests to replay it; one that was sent again counts once. */
  readonly requests: ReadonlySet<string>;
}

/** Adds a run of a letter to what is known of those before. */
export function addReplays(
  { calls, requests }: LetterReplays = { calls: 0, requests: new Set() },
  events: readonly Event[],
): LetterReplays {
  return { calls: calls + callsDone(events), requests: new Set([...requests, ...requestsIn(events)]) };
}

function callsDone(events: readonly Event[]): number {
  const scheduled = scheduledCalls(events, ['publish']);
  return events.filter((event) => {
    const failed = event.activityTaskFailedEventAttributes;
    const ended =
      event.activityTaskCompletedEventAttributes ?? failed ?? event.activityTaskTimedOutEventAttributes;
    const isRejected = failed?.failure?.applicationFailureInfo?.type === CIRCUIT_OPEN;
    return ended != null && scheduled.has(`${ended.scheduledEventId}`) && !isRejected;
  }).length;
}

/** Ids of the events that scheduled activities of these types. */
export function scheduledCalls(events: readonly Event[], types: readonly string[]): ReadonlySet<string> {
  return new Set(
    events
      .filter(({ activityTaskScheduledEventAttributes: scheduled }) =>
        types.includes(scheduled?.activityType?.name ?? ''),
      )
      .map(({ eventId }) => `${eventId}`),
  );
}

function requestsIn(events: readonly Event[]): string[] {
  return events.flatMap(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => {
    const { name, args } = accepted?.acceptedRequest?.input ?? {};
    const data = args?.payloads?.[0]?.data;
    if (name !== 'replay' || data == null) return [];
    const { requestId } = JSON.parse(Buffer.from(data).toString()) as { requestId?: string };
    return requestId === undefined ? [] : [requestId];
  });
}

export type RedriveOutcomes = Pick<ListedRedrive, 'id' | 'outcomes'>;

/**
 * A letter is replayed at the most once for each request; redrives that took it made all requests; and one that says what
 * became of a replay has made one. Not the reverse: a redrive has SKIPPED for a replay that it asked for and that failed, if
 * its worker was lost before it had the answer, and the letter closed meanwhile.
 */
export function replaysRequested(
  redrives: readonly RedriveOutcomes[],
  replays: ReadonlyMap<string, LetterReplays>,
): string[] {
  const askedBy = (id: string, redriveId: string) =>
    [...(replays.get(id)?.requests ?? [])].filter((request) => request.startsWith(`${redriveId}/`));
  const each = [...replays].flatMap(([id, { calls, requests }]) => {
    const known = redrives.flatMap((redrive) => (redrive.outcomes.has(id) ? askedBy(id, redrive.id) : []));
    return [
      ...(calls > requests.size ? [`${id} was replayed ${calls} times for ${requests.size} requests`] : []),
      ...[...requests].filter((request) => !known.includes(request)).map((request) => `${id} got ${request}`),
    ];
  });
  const unasked = redrives.flatMap(({ id: redriveId, outcomes }) =>
    [...outcomes]
      .filter(
        ([id, outcome]) => outcome !== 'SKIPPED' && replays.has(id) && askedBy(id, redriveId).length !== 1,
      )
      .map(
        ([id, outcome]) =>
          `${redriveId} has ${outcome} for ${id}, and asked ${askedBy(id, redriveId).length} times`,
      ),
  );
  return [...each, ...unasked];
}
