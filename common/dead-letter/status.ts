import { DeadLetterStatus, type StoryEntry } from './record.js';

const { WAITING, HELD, REPLAYING, TERMINATED, FAILED, TIMED_OUT, DISCARDED, EXPIRED } = DeadLetterStatus;

/** What a letter says of itself while its work may still be done. */
export const OPEN_STATUSES: readonly DeadLetterStatus[] = [WAITING, HELD, REPLAYING];

/** Of letters whose workflow ended before they did. */
const ENDED_STATUSES = [TERMINATED, FAILED, TIMED_OUT] as const;

/** Whether its workflow ended before the letter did. */
export function isEnded(status: DeadLetterStatus): status is (typeof ENDED_STATUSES)[number] {
  return ENDED_STATUSES.some((each) => each === status);
}

/**
 * Whether its last replay succeeded. A letter that is open nevertheless has a newer failure of its record, which came
 * while the replay ran.
 */
export function wasReplayed(story: readonly StoryEntry[]): boolean {
  const last = story.findLast(({ event }) => event === 'replay-succeeded' || event === 'replay-failed');
  return last?.event === 'replay-succeeded';
}

/** Of letters that can be started again: their work was not done. */
export const RESTORABLE_STATUSES: readonly DeadLetterStatus[] = [DISCARDED, EXPIRED, ...ENDED_STATUSES];

/**
 * The status of a letter, from what it said last and from the status of its workflow: one that was terminated cannot say so
 * itself, and its search attribute stays what it was.
 * @param execution name of the workflow's status
 */
export function statusOf(told: DeadLetterStatus | undefined, execution: string): DeadLetterStatus {
  if (told !== undefined && !OPEN_STATUSES.includes(told)) return told;
  const ended = ENDED_STATUSES.find((status) => status === execution);
  if (ended !== undefined) return ended;
  return execution === 'CANCELLED' ? DISCARDED : (told ?? WAITING);
}
