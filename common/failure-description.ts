import type { Attempt, CallOptions, JsonPayload, Origin } from './dead-letter/record.js';
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
  /** Attempts found in the heartbeat details of a time-out. */
  readonly history?: readonly Attempt[];
  readonly cause?: FailureDescription;
}

/** Request of the workflow interceptor to `recovery.handleFailure`; the arguments follow as raw payloads. */
export interface HandleFailureRequest {
  readonly v: 1;
  readonly activityType: string;
  readonly origin: Omit<Origin, 'namespace'>;
  readonly call: CallOptions;
  readonly headers: Readonly<Record<string, JsonPayload>>;
  readonly retryState?: string;
  readonly failure: FailureDescription;
}

/** Its answer, recorded in the origin's history. */
export interface HandleFailureResult {
  readonly action: 'deadLetter' | 'rethrow';
  readonly deadLetterId?: string;
}
