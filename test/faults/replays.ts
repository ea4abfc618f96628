import type { temporal } from '@temporalio/proto';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import type { ListedRedrive } from './listed.js';

type Event = temporal.api.history.v1.IHistoryEvent;

/** What the history of a letter says of its replays. */
export interface LetterReplays {
  /** Without those that a breaker rejected or that were stopped before it let them through. */
  readonly calls: number;
  /** The answers to each request, by its id: one that was sent again has several, and one that was not answered has none. */
  readonly requests: ReadonlyMap<string, readonly string[]>;
}

/** Adds a run of a letter to what is known of those before. */
export function addReplays(
  { calls, requests }: LetterReplays = { calls: 0, requests: new Map() },
  events: readonly Event[],
): LetterReplays {
  const all = new Map(requests);
  for (const { id, answers } of requestsIn(events)) all.set(id, [...(all.get(id) ?? []), ...answers]);
  return { calls: calls + callsDone(events), requests: all };
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

function requestsIn(events: readonly Event[]): { id: string; answers: string[] }[] {
  const answerTo = new Map<string, string>();
  for (const { workflowExecutionUpdateCompletedEventAttributes: completed } of events) {
    const given = completed?.outcome?.success?.payloads?.[0]?.data;
    if (given != null) answerTo.set(`${completed?.acceptedEventId}`, jsonOf(given).outcome ?? '');
  }
  return events.flatMap(({ eventId, workflowExecutionUpdateAcceptedEventAttributes: accepted }) => {
    const { name, args } = accepted?.acceptedRequest?.input ?? {};
    const data = args?.payloads?.[0]?.data;
    const id = name === 'replay' && data != null ? jsonOf(data).requestId : undefined;
    return id === undefined ? [] : [{ id, answers: [answerTo.get(`${eventId}`) ?? []].flat() }];
  });
}

function jsonOf(data: Uint8Array): { readonly outcome?: string; readonly requestId?: string } {
  return JSON.parse(Buffer.from(data).toString());
}

/** The letter was open when it was the request's turn. */
function mayReplay(answers: readonly string[]): boolean {
  return (
    !answers.includes('SKIPPED') || answers.some((answer) => ['REPLAYED', 'FAILED', 'HELD'].includes(answer))
  );
}

export type RedriveOutcomes = Pick<ListedRedrive, 'id' | 'outcomes'>;

/**
 * A letter is replayed at the most once for each request that it did not skip; redrives that took it made all requests; and one that says what
 * became of a replay has made one. Not the reverse: a redrive has SKIPPED for a replay that it asked for and that failed, if
 * its worker was lost before it had the answer, and the letter closed meanwhile.
 */
export function replaysRequested(
  redrives: readonly RedriveOutcomes[],
  replays: ReadonlyMap<string, LetterReplays>,
): string[] {
  const askedBy = (id: string, redriveId: string) =>
    [...(replays.get(id)?.requests.keys() ?? [])].filter((request) => request.startsWith(`${redriveId}/`));
  const each = [...replays].flatMap(([id, { calls, requests }]) => {
    const known = redrives.flatMap((redrive) => (redrive.outcomes.has(id) ? askedBy(id, redrive.id) : []));
    const due = [...requests.values()].filter(mayReplay).length;
    return [
      ...(calls > due ? [`${id} was replayed ${calls} times for ${due} requests`] : []),
      ...[...requests.keys()]
        .filter((request) => !known.includes(request))
        .map((request) => `${id} got ${request}`),
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
