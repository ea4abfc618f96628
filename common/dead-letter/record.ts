import type { ErrorJson } from '../errors/error-json.js';
import type { OriginSeen, OriginStatus } from './origin-status.js';

/**
 * States of a dead letter.
 *
 * | from      | event                                    | to                |
 * | --------- | ---------------------------------------- | ----------------- |
 * |           | its breaker is open, and the origin waits (`parked`) or asked for it (`autoRelease`) | HELD |
 * |           | otherwise                                | WAITING           |
 * | HELD      | the breaker lets it through, it succeeds | REPLAYED (final)  |
 * | HELD      | the breaker lets it through, it fails    | WAITING           |
 * | HELD      | too many replays without a person        | WAITING           |
 * | HELD      | written before 0.5.0, no replay requested         | WAITING  |
 * | WAITING   | replay, by a person or by itself         | REPLAYING         |
 * | HELD      | replay with `force`                      | REPLAYING         |
 * | REPLAYING | the activity succeeds                    | REPLAYED (final)  |
 * | REPLAYING | the activity fails                       | WAITING           |
 * | REPLAYING | its circuit breaker is open              | HELD              |
 * | WAITING, HELD | resolve                              | RESOLVED (final)  |
 * | WAITING, HELD | discard                              | DISCARDED (final) |
 * | WAITING, HELD | its retention is over                | EXPIRED (final)   |
 * | DISCARDED, EXPIRED, TERMINATED, FAILED, TIMED_OUT | restored | WAITING, in a new run |
 *
 * The last three are none of the letter's own: its workflow ended before the letter did, by the hand of a person, a fault or a
 * limit of the server. Its own last status was WAITING, HELD or REPLAYING, and its work is not done.
 */
export const DeadLetterStatus = {
  WAITING: 'WAITING',
  HELD: 'HELD',
  REPLAYING: 'REPLAYING',
  REPLAYED: 'REPLAYED',
  RESOLVED: 'RESOLVED',
  DISCARDED: 'DISCARDED',
  EXPIRED: 'EXPIRED',
  TERMINATED: 'TERMINATED',
  FAILED: 'FAILED',
  TIMED_OUT: 'TIMED_OUT',
} as const;
export type DeadLetterStatus = (typeof DeadLetterStatus)[keyof typeof DeadLetterStatus];

/** The activity call a dead letter comes from. */
export interface Origin {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly activityId: string;
  /** Event id of ActivityTaskScheduled in the origin's history; with the run id it names the call. */
  readonly scheduledEventId: number;
}

/** How the original call was made. Durations in milliseconds. */
export interface CallOptions {
  readonly taskQueue: string;
  readonly startToCloseTimeoutMs?: number;
  readonly scheduleToCloseTimeoutMs?: number;
  readonly scheduleToStartTimeoutMs?: number;
  readonly heartbeatTimeoutMs?: number;
  readonly maximumAttempts?: number;
  readonly initialIntervalMs?: number;
  readonly backoffCoefficient?: number;
  readonly maximumIntervalMs?: number;
  readonly nonRetryableErrorTypes?: readonly string[];
}

/** One real attempt. Times are ISO strings, taken from the clock of the worker that ran it. */
export interface Attempt {
  readonly attempt: number;
  readonly startedAt?: string;
  readonly failedAt?: string;
  readonly category: string;
  readonly status?: number;
  readonly message: string;
}

/** What is known of a failed activity when it becomes a dead letter. JSON; secrets are already redacted. */
export interface DeadLetterRecord {
  /** For people: the first thing the UI shows of a letter is this record, from its top. */
  readonly summary: string;
  readonly help: string;
  readonly version: 1;
  readonly id: string;
  readonly createdAt: string;
  readonly queue: string;
  readonly operation: string;
  /** Fingerprint shared by letters of the same cause. */
  readonly group: string;
  readonly activityType: string;
  readonly origin: Origin;
  readonly call: CallOptions;
  readonly error: ErrorJson;
  /** Why the fallback did not answer either, where there was one. */
  readonly fallbackError?: ErrorJson;
  /** What the call added for the readers of the letter. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Why the server stopped retrying, as in `ActivityFailure.retryState`. */
  readonly retryState?: string;
  /** Attempts made in all; undefined where nothing counted them. */
  readonly attemptCount?: number;
  /** The last attempts (at most 20), oldest first. */
  readonly attempts: readonly Attempt[];
  /** When the activity was first scheduled, ISO. */
  readonly scheduledAt?: string;
  readonly argumentCount: number;
  /** Headers of the original call, sent again with every replay. Values are base64 of payload parts. */
  readonly headers: Readonly<Record<string, JsonPayload>>;
  /** Search attributes known to be registered when the letter was written; no other may be touched. */
  readonly searchAttributes: readonly string[];
  readonly replay: ReplayLimits;
  /** The letter starts HELD: it replays by itself when this circuit breaker lets it through. */
  readonly held?: Held;
  /** The call says that its letter may replay by itself after its failure was delivered. */
  readonly autoRelease?: true;
  /** The origin waits for the letter's outcome. */
  readonly parked?: true;
  /** Milliseconds after which a letter without a decision becomes EXPIRED; never, without it. */
  readonly retentionMs?: number;
  readonly autoReplay?: AutoReplay;
  /** Activity that is notified of the letter. */
  readonly onDeadLetter?: { readonly activity: string; readonly taskQueue: string };
  /** Set to false where arguments are not to be shown. */
  readonly showArguments?: false;
  /** JSON Pointers to parts of the arguments that are not shown; `*` is any key or index. */
  readonly redact?: readonly string[];
  /** Further names whose values are secrets and are not shown. */
  readonly secretNames?: readonly string[];
  /** Set to false where numbers of cards, IBAN and social security numbers are shown. */
  readonly redactPersonalData?: false;
}

/** Limits of a replay, from the configuration of the worker that wrote the letter. */
export interface ReplayLimits {
  readonly maximumAttempts: number;
  readonly scheduleToStartTimeoutMs: number;
}

/** Why a letter is held. */
export interface Held {
  readonly breaker: string;
  /**
   * Milliseconds before the first try, where an outage is only suspected: time for the breaker to open, if it is one.
   * Written by versions before 0.5.0 only.
   */
  readonly afterMs?: number;
}

/** Replays that need no person. */
export interface AutoReplay {
  /** Milliseconds from the letter, or from the failed replay before, to each replay. */
  readonly delaysMs: readonly number[];
  /** Replays without a person, releases of a held letter included; no limit, without it. */
  readonly maxReplays?: number;
}

/** A payload as JSON; both parts base64. */
export interface JsonPayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data?: string;
}

/** One line of a letter's story, oldest first. */
export interface StoryEntry {
  readonly at: string;
  readonly event:
    | 'dead-lettered'
    | 'replay-started'
    | 'replay-succeeded'
    | 'replay-failed'
    | 'replay-skipped'
    | 'held'
    | 'gave-up'
    | 'not-told'
    | 'resolved'
    | 'discarded'
    | 'expired'
    | 'restored'
    | 'refused';
  readonly by?: string;
  readonly reason?: string;
  /** Set where the arguments of a replay were not the original ones. */
  readonly edited?: boolean;
  /** The beginning of the edited arguments as JSON, without secrets. */
  readonly editedArgs?: string;
  readonly message?: string;
  readonly category?: string;
  readonly status?: number;
  /** What had become of the workflow the letter came from when the replay began. */
  readonly origin?: OriginStatus;
}

/** Answer of the query `deadLetter`. */
export interface DeadLetterState {
  readonly status: DeadLetterStatus;
  readonly record: DeadLetterRecord;
  readonly story: readonly StoryEntry[];
  /** Replays started so far. */
  readonly replays: number;
  /** The id of the request that ended it, where it had one. */
  readonly endedBy?: string;
  /** The circuit breaker that holds it; absent unless it is HELD. */
  readonly breaker?: string;
  /** What became of the workflow it came from, as of the last replay; undefined before the first. */
  readonly origin?: OriginSeen;
}

/** The argument of the activity `onDeadLetter`. */
export interface DeadLetterNotice {
  readonly id: string;
  readonly status: 'WAITING' | 'HELD';
  readonly createdAt: string;
  readonly queue: string;
  readonly operation: string;
  readonly activityType: string;
  readonly group: string;
  readonly error: ErrorJson;
  readonly attemptCount?: number;
  readonly origin: Origin;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A closed letter was restored: it waits for a decision again. */
export interface RestoreOutcome {
  readonly outcome: 'RESTORED';
  readonly status: 'WAITING';
  readonly message?: undefined;
  readonly origin?: undefined;
}

/** What a signal or update did. */
export interface RequestOutcome {
  readonly outcome:
    | 'REPLAYED'
    | 'FAILED'
    | 'HELD'
    | 'SKIPPED'
    | 'RESOLVED'
    | 'DISCARDED'
    | 'RUNNING'
    | 'PREVIEW';
  readonly status: DeadLetterStatus;
  readonly message?: string;
  /** The circuit breaker that rejected this replay. */
  readonly breaker?: string;
  /** Of a replay: what had become of the workflow the letter came from when it began. */
  readonly origin?: OriginStatus;
  /** Of a dry run: the arguments, without secrets and cut where they are long. */
  readonly before?: unknown;
  readonly after?: unknown;
}
