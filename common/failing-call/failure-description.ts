import type { Attempt, CallOptions, DeadLetterRecord, JsonPayload, Origin } from '../dead-letter/record.js';
import type { ErrorJson } from '../errors/index.js';
import type { Answer } from '../strategies/rules.js';
import type { CallRecovery } from './call-header.js';
import type { FailureDetail } from './failure-detail.js';

/** A failure as JSON, as the workflow sees it; shaped so that classification recognises it. */
export interface FailureDescription {
  readonly name: string;
  readonly message: string;
  readonly type?: string;
  readonly timeoutType?: string;
  readonly nonRetryable?: boolean;
  readonly stack?: string;
  readonly detail?: FailureDetail;
  /** The failure's own details, where no activity interceptor of ours has classified it (a worker in another language). */
  readonly details?: readonly unknown[];
  /** Attempts found in the heartbeat details of a time-out. */
  readonly history?: readonly Attempt[];
  readonly cause?: FailureDescription;
}

/** Request of the workflow interceptor to `recovery.handleFailure`. */
export interface HandleFailureRequest {
  readonly v: 1;
  readonly activityType: string;
  /** As the activity got them. */
  readonly args: readonly JsonPayload[];
  readonly origin: Omit<Origin, 'namespace'>;
  /** The run of the origin began with a reset: the call may have run in the run before it. */
  readonly wasReset?: true;
  readonly call: CallOptions;
  readonly headers: Readonly<Record<string, JsonPayload>>;
  readonly retryState?: string;
  readonly failure: FailureDescription;
  readonly recovery?: CallRecovery;
  /** The origin has as many children as it may have. */
  readonly cannotPark?: true;
  /** Set when the fallback was tried and failed as well. */
  readonly fallbackFailure?: FailureDescription;
}

/** Its answer, recorded in the origin's history. */
export type HandleFailureResult = Decision & {
  /** The call ends in the moment in which the decision arrives. Histories before 0.8.0 do not have it. */
  readonly direct?: true;
};

export type Decision =
  | { readonly action: 'deadLetter'; readonly deadLetterId: string }
  | { readonly action: 'rethrow' }
  | {
      readonly action: 'park';
      readonly record: DeadLetterRecord;
      /** Of the recovery worker. */
      readonly taskQueue: string;
      readonly timeoutMs?: number;
      /** The letter is the child of a run before a reset. */
      readonly ofEarlierRun?: true;
    }
  | {
      /** What answers and why, in words: the page of the origin shows the result. Since 0.11.0. */
      readonly says?: string;
      readonly action: 'skip' | 'fallback';
      readonly answer: RecordedAnswer;
      readonly error: ErrorJson;
    };

/** The decision is not recorded, since those before it need the room: that call is decided in the next workflow task. */
export const NO_ROOM = 'NO_ROOM';

/**
 * The answer of `recovery.handleFailures`, in the order of the requests. Null where it could not answer, or where the
 * decision is too large to be recorded with others: that call asks again later, alone.
 */
export type HandleFailuresResult = readonly (HandleFailureResult | typeof NO_ROOM | null)[];

/** An answer as it is recorded: a value is in the encoding of the worker's own converter. */
export type RecordedAnswer =
  | { readonly kind: 'value'; readonly payload: JsonPayload }
  | Exclude<Answer, { kind: 'value' }>;

/** A call that was answered by other means than its activity. */
export interface AnsweredCall {
  readonly activityType: string;
  readonly action: 'skip' | 'fallback';
  readonly by: 'value' | 'activity' | 'function';
  readonly category: string;
}
