import { utf8Length } from '../text/text.js';
import type { FailureCount } from './failures.js';
import type { OriginSeen } from './origin-status.js';
import type { DeadLetterStatus, RequestOutcome, StoryEntry } from './record.js';

/** What a letter hands to its next run. Its arguments follow as raw inputs. */
export interface CarriedOver {
  readonly story: readonly StoryEntry[];
  readonly replays: number;
  readonly requests: number;
  readonly status?: DeadLetterStatus;
  readonly autoReplays?: number;
  readonly unattended?: number;
  /** Milliseconds since the epoch, of the server's clock. */
  readonly expiresAt?: number;
  readonly nextReplayAt?: number;
  readonly noticeSent?: boolean;
  /** It is held since somebody asked for a replay. */
  readonly wasAskedFor?: true;
  /** It was started again: arguments that do not fit beside the record come as a signal, as when it was written. */
  readonly restored?: true;
  /** The last look at the origin. */
  readonly origin?: OriginSeen;
  /** Of a letter that all failures of one record share. */
  readonly failures?: FailureCount;
  /** Outcomes of requests with an id. */
  readonly handled?: Readonly<Record<string, RequestOutcome>>;
}

/**
 * The input of the next run has to stay below the server's 2 MiB, also where a codec makes a third more of it. These are
 * all of it: the record with the arguments, the rest, and the failures of a record (`addFailures` bounds them).
 */
export const MAX_CARRIED_BYTES = 1_440_000;
const MAX_REST_BYTES = 60_000;

/** As much of the story, and of the requests that were answered, as there is room for; the newest of each. */
export function bounded({ story, handled = {}, ...rest }: CarriedOver): CarriedOver {
  const [first, ...later] = story;
  const keptStory = newest(later, MAX_REST_BYTES / 2);
  const keptHandled = newest(Object.entries(handled), MAX_REST_BYTES / 2);
  return {
    ...rest,
    story: first === undefined ? [] : [first, ...keptStory],
    ...(keptHandled.length === 0 ? {} : { handled: Object.fromEntries(keptHandled) }),
  };
}

function newest<T>(entries: readonly T[], bytes: number): T[] {
  let room = bytes;
  const tooOld = entries.findLastIndex((entry) => {
    room -= utf8Length(JSON.stringify(entry)) + 1;
    return room < 0;
  });
  return entries.slice(tooOld + 1);
}
