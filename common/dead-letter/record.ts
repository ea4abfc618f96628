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
 * | WAITING, HELD | a later call of the same record succeeded | SUPERSEDED (final) |
 * | DISCARDED, EXPIRED, TERMINATED, FAILED, TIMED_OUT | restored | WAITING, in a new run |
 *
 * The last three are none of the letter's own: its workflow ended before the letter did, by the hand of a person, a fault or a
 * limit of the server. Its own last status was WAITING, HELD or REPLAYING, and its work is not done.
 */
export const DeadLetterStatus = {
  /** It waits for a decision: replay, resolve or discard. */
  WAITING: 'WAITING',
  /** It waits for its circuit breaker, and replays by itself when that lets it through. */
  HELD: 'HELD',
  /** Its activity runs again. */
  REPLAYING: 'REPLAYING',
  /** A replay succeeded. */
  REPLAYED: 'REPLAYED',
  /** The work was done by other means. */
  RESOLVED: 'RESOLVED',
  /** A later call of the same record succeeded. */
  SUPERSEDED: 'SUPERSEDED',
  /** The work need not be done. */
  DISCARDED: 'DISCARDED',
  /** Its retention ended without a decision. */
  EXPIRED: 'EXPIRED',
  /** Its workflow was terminated. */
  TERMINATED: 'TERMINATED',
  /** Its workflow failed. */
  FAILED: 'FAILED',
  /** Its workflow timed out. */
  TIMED_OUT: 'TIMED_OUT',
} as const;
/** A state of a dead letter: one of the values of the constant of the same name. */
export type DeadLetterStatus = (typeof DeadLetterStatus)[keyof typeof DeadLetterStatus];

/** The activity call a dead letter comes from. */
export interface Origin {
  /** Namespace of the workflow that made the call. */
  readonly namespace: string;
  /** Id of that workflow. */
  readonly workflowId: string;
  /** Run in which the attempts were made; after a reset, its workflow has a newer one. */
  readonly runId: string;
  /** Type of that workflow; `DeadLetterQueue` for an item that the class of this name added. */
  readonly workflowType: string;
  /** Id of the activity in that run. */
  readonly activityId: string;
  /** Event id of ActivityTaskScheduled in the origin's history; with the run id it names the call. */
  readonly scheduledEventId: number;
}

/** How the original call was made. Durations in milliseconds. */
export interface CallOptions {
  /** Task queue of the activity; replays run there. */
  readonly taskQueue: string;
  /** Longest time of one attempt; absent where the call set none. */
  readonly startToCloseTimeoutMs?: number;
  /** Longest time of all attempts, those of one replay too; absent where the call set none. */
  readonly scheduleToCloseTimeoutMs?: number;
  /** Longest wait for a worker; absent where the call set none. Replays use `ReplayLimits` instead. */
  readonly scheduleToStartTimeoutMs?: number;
  /** Longest time between two heartbeats; absent where the call set none. */
  readonly heartbeatTimeoutMs?: number;
  /** Attempts that the call's retry policy allows; absent where it sets no limit. */
  readonly maximumAttempts?: number;
  /** Interval before the first retry; absent: the server's default. */
  readonly initialIntervalMs?: number;
  /** What each interval is multiplied by; absent: the server's default. */
  readonly backoffCoefficient?: number;
  /** No interval is longer; absent: the server's default. */
  readonly maximumIntervalMs?: number;
  /** Types of errors that neither the call nor a replay of it retries. */
  readonly nonRetryableErrorTypes?: readonly string[];
  /** Its priority, that of its workflow included; absent where neither has one. Replays have it, too. */
  readonly priority?: CallPriority;
}

/** Place of a call among those of its task queue, as Temporal's `Priority` has it. */
export interface CallPriority {
  /** From 1, which comes first; absent: the server's default. */
  readonly priorityKey?: number;
  /** Whose share of the task queue it uses, such as a tenant's: at most 64 bytes; absent: none. */
  readonly fairnessKey?: string;
  /** Size of that share compared with others; absent: 1. */
  readonly fairnessWeight?: number;
}

/** One real attempt. Times are ISO strings, taken from the clock of the worker that ran it. */
export interface Attempt {
  /** Number of the call, from 1; attempts that an open circuit breaker rejected are not counted. */
  readonly attempt: number;
  /** When it began; absent where that is not known. */
  readonly startedAt?: string;
  /** When it failed; absent where that is not known. */
  readonly failedAt?: string;
  /** Category of its error, as in `ErrorCategory`. */
  readonly category: string;
  /** HTTP status of its error, or the equivalent of another protocol; absent where there was none. */
  readonly status?: number;
  /** Message of its error, without secrets; the beginning where it is long. */
  readonly message: string;
}

/** What is known of a failed activity when it becomes a dead letter. JSON; secrets are already redacted. */
export interface DeadLetterRecord {
  /** For people: the first thing the UI shows of a letter is this record, from its top. */
  readonly summary: string;
  /** For people: what can be done with the letter, and where. */
  readonly help: string;
  /** Version of the format of the record. */
  readonly version: 1;
  /** Workflow id of the letter: `dead-letter/…`. */
  readonly id: string;
  /** When the call became a dead letter; ISO. */
  readonly createdAt: string;
  /** Name of its dead-letter queue. */
  readonly queue: string;
  /** What the call does, for people and for filters: the name that the call gives, else the activity type. */
  readonly operation: string;
  /** Fingerprint shared by letters of the same cause. */
  readonly group: string;
  /** The worker that wrote the letter counts it in its group, which is a workflow with a page of its own. */
  readonly hasGroup?: true;
  /** Activity that failed, and that a replay runs. */
  readonly activityType: string;
  /** The call it comes from. */
  readonly origin: Origin;
  /** How that call was made; replays are made alike. */
  readonly call: CallOptions;
  /** Why the call failed. */
  readonly error: ErrorJson;
  /** Why the fallback did not answer either, where there was one. */
  readonly fallbackError?: ErrorJson;
  /** What the call added for the readers of the letter. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Marks to find the letter by; without secrets. In clear as search attribute `RecoveryTags`, where that is registered. */
  readonly tags?: readonly string[];
  /** Set where all failures of one record have one letter: the hash in its id. */
  readonly recordKey?: string;
  /** Why the server stopped retrying, as in `ActivityFailure.retryState`. */
  readonly retryState?: string;
  /** Attempts made in all; undefined where nothing counted them. */
  readonly attemptCount?: number;
  /** The last attempts (at most 20), oldest first. */
  readonly attempts: readonly Attempt[];
  /** When the activity was first scheduled, ISO. */
  readonly scheduledAt?: string;
  /** Number of arguments of the call; the arguments themselves are not part of the record. */
  readonly argumentCount: number;
  /** Headers of the original call, sent again with every replay. Values are base64 of payload parts. */
  readonly headers: Readonly<Record<string, JsonPayload>>;
  /** Search attributes known to be registered when the letter was written; no other may be touched. */
  readonly searchAttributes: readonly string[];
  /** Limits of each of its replays. */
  readonly replay: ReplayLimits;
  /** Circuit breaker of the call; absent where none guarded it, and where the last attempt did not name it. */
  readonly breaker?: string;
  /** The letter starts HELD: it replays by itself when this circuit breaker lets it through. */
  readonly held?: Held;
  /** The call says that its letter may replay by itself after its failure was delivered. */
  readonly autoRelease?: true;
  /** The origin waits for the letter's outcome. */
  readonly parked?: true;
  /** Milliseconds after which a letter without a decision becomes EXPIRED; never, without it. */
  readonly retentionMs?: number;
  /** Replays that need no person; none, where absent. */
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
  /** Attempts of one replay, where the call sets no limit of its own. */
  readonly maximumAttempts: number;
  /**
   * Milliseconds a replay waits for a worker, then it fails; while it waits for its circuit breaker, there is
   * no limit.
   */
  readonly scheduleToStartTimeoutMs: number;
}

/** Why a letter is held. */
export interface Held {
  /** Name of the circuit breaker that rejected the call. */
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
  /** Such as `encoding`; each value in base64. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In base64; absent for a payload without data. */
  readonly data?: string;
}

/** One line of a letter's story, oldest first. */
export interface StoryEntry {
  /** When it happened; ISO. */
  readonly at: string;
  /**
   * What happened. `gave-up`: no more automatic replays follow. `not-told`: the activity `onDeadLetter` failed.
   * `refused`: a signal could not be understood, and changed nothing.
   */
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
    | 'failed-again'
    | 'superseded'
    | 'refused';
  /**
   * Who did it: `by` of the request, else its sender's identity; also `automatic replay` or `circuit
   * breaker`.
   */
  readonly by?: string;
  /** Why, as the request says. */
  readonly reason?: string;
  /** Set where the arguments of a replay were not the original ones. */
  readonly edited?: boolean;
  /** The beginning of the edited arguments as JSON, without secrets. */
  readonly editedArgs?: string;
  /** More about it, such as why a replay failed; without secrets, at most 2,000 bytes. */
  readonly message?: string;
  /** Of a replay that failed: category of its error, as in `ErrorCategory`. */
  readonly category?: string;
  /** Of a replay that failed: HTTP status of its error, or the equivalent of another protocol. */
  readonly status?: number;
  /** What had become of the workflow the letter came from when the replay began. */
  readonly origin?: OriginStatus;
}

/** An earlier failure of a record whose calls share one letter. */
export interface EarlierFailure {
  /** When the call became part of the letter; ISO. */
  readonly at: string;
  /** Id of the workflow that made the call. */
  readonly workflowId: string;
  /** Run of that workflow. */
  readonly runId: string;
  /** Id of the activity in that run. */
  readonly activityId: string;
  /** Category of its error, as in `ErrorCategory`. */
  readonly category: string;
  /** HTTP status of its error, or the equivalent of another protocol. */
  readonly status?: number;
  /** Message of its error, without secrets; its first 300 characters. */
  readonly message: string;
  /** The beginning of its arguments as JSON, without secrets; absent where arguments are not to be shown. */
  readonly arguments?: string;
}

/** The call whose success closed the letter of its record. */
export interface LaterSuccess {
  /** When its attempt began; ISO, by the clock of its worker. */
  readonly at: string;
  /** Id of the workflow that made the call. */
  readonly workflowId: string;
  /** Run of that workflow. */
  readonly runId: string;
  /** Id of the activity in that run. */
  readonly activityId: string;
}

/** The argument of the signal `succeeded`. */
export interface ReportedSuccess extends LaterSuccess {
  /** When its call was scheduled; ISO, by the clock of the server. Absent in reports of workers before 0.11. */
  readonly scheduledAt?: string;
}

/** All failures of a record whose calls share one letter. */
export interface RecordFailures {
  /** Calls that failed, since the letter was first open. */
  readonly count: number;
  /** When the first of them failed; ISO. */
  readonly firstSeen: string;
  /** When the last of them failed; ISO. */
  readonly lastSeen: string;
  /** Those before the newest, oldest first: at most 50, and 20 KB. */
  readonly earlier: readonly EarlierFailure[];
}

/** Answer of the query `deadLetter`. */
export interface DeadLetterState {
  /** Where the letter stands now. */
  readonly status: DeadLetterStatus;
  /** What was known when the call became a dead letter. With `recordKey` that of the newest failure; else it never changes. */
  readonly record: DeadLetterRecord;
  /** What has happened to the letter: the first entry and the last ones, at most 200 in all. */
  readonly story: readonly StoryEntry[];
  /** Replays started so far. */
  readonly replays: number;
  /** Only with `recordKey`: how often the record has failed. */
  readonly failures?: RecordFailures;
  /** Set where it is SUPERSEDED: what did the work. */
  readonly supersededBy?: LaterSuccess;
  /** The id of the request that ended it, where it had one. */
  readonly endedBy?: string;
  /** The circuit breaker that holds it; absent unless it is HELD. */
  readonly breaker?: string;
  /** What became of the workflow it came from, as of the last replay; undefined before the first. */
  readonly origin?: OriginSeen;
}

/** The argument of the activity `onDeadLetter`. */
export interface DeadLetterNotice {
  /** Workflow id of the letter; the same in every repetition of the notification. */
  readonly id: string;
  /** State in which the letter began. */
  readonly status: 'WAITING' | 'HELD';
  /** When the call became a dead letter; ISO. */
  readonly createdAt: string;
  /** Name of its dead-letter queue. */
  readonly queue: string;
  /** What the call does: the name that the call gives, else the activity type. */
  readonly operation: string;
  /** Activity that failed. */
  readonly activityType: string;
  /** Fingerprint shared by letters of the same cause. */
  readonly group: string;
  /** Why the call failed; without the stack of the error. */
  readonly error: ErrorJson;
  /** Attempts made in all; undefined where nothing counted them. */
  readonly attemptCount?: number;
  /** The call it comes from. */
  readonly origin: Origin;
  /** What the call added for the readers of the letter. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A closed letter was restored: it waits for a decision again. */
export interface RestoreOutcome {
  /** Always `RESTORED`, which no `RequestOutcome` has. */
  readonly outcome: 'RESTORED';
  /** State of the letter afterwards. */
  readonly status: 'WAITING';
  /** Never set; here so that it can be read of any outcome. */
  readonly message?: undefined;
  /** Never set; here so that it can be read of any outcome. */
  readonly origin?: undefined;
}

/** What a signal or update did. */
export interface RequestOutcome {
  /**
   * What became of the request. FAILED: the replay failed, and the letter waits for a decision again. HELD: its
   * circuit breaker is open. SKIPPED: nothing was done. RUNNING: the replay is still under way. PREVIEW: the answer
   * of a dry run.
   */
  readonly outcome:
    | 'REPLAYED'
    | 'FAILED'
    | 'HELD'
    | 'SKIPPED'
    | 'RESOLVED'
    | 'DISCARDED'
    | 'RUNNING'
    | 'PREVIEW';
  /** State of the letter at the time of the answer. */
  readonly status: DeadLetterStatus;
  /** Why it failed, was skipped or is held. */
  readonly message?: string;
  /** The circuit breaker that rejected this replay. */
  readonly breaker?: string;
  /** Of a replay: what had become of the workflow the letter came from when it began. */
  readonly origin?: OriginStatus;
  /** Of a dry run: the arguments, without secrets and cut where they are long. */
  readonly before?: unknown;
  /** Of a dry run: the arguments as the transform makes them, shown alike; absent where it does not fit. */
  readonly after?: unknown;
}
