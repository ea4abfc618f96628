import type { ErrorCategory } from '../errors/index.js';
import { beginning, oneLine } from '../text/text.js';
import type { Outcome } from './outcome.js';
import type { FailureSample } from './state.js';

/** The right to make one call, valid in one epoch. */
export interface Permit {
  readonly epoch: number;
  /** Id of the lease, if the call is a trial. */
  readonly trial?: string;
}

/** How a permitted call ended. */
export interface CallResult {
  readonly permit: Permit;
  readonly outcome: Outcome;
  /** With a success: it has not ended, but has outlasted the calls that had failed. */
  readonly stillRunning?: boolean;
  /** Milliseconds; without it the call is not slow. */
  readonly durationMs?: number;
  /** The same in all attempts of an execution, which counts as one failure. Without it every call counts. */
  readonly executionId?: string;
  /**
   * Set to false where an earlier attempt of the execution has failed: its failures count once, also over several workers,
   * and again only in an epoch in which nothing has succeeded.
   */
  readonly isFresh?: boolean;
  readonly category?: ErrorCategory;
  readonly statusCode?: number;
  /** What the service asked for, in milliseconds; respected with 429 and 503. */
  readonly retryAfterMs?: number;
  /** Free of secrets, as the message of an `ApiLinkerError` is. */
  readonly message?: string;
}

const MAX_MESSAGE = 200;
const MAX_ID = 200;

/** The part of a failure that is kept and shown; of a success nothing. */
export function sampleOf(call: CallResult): { readonly sample?: FailureSample } {
  return call.outcome === 'failure' ? { sample: shortened(call) } : {};
}

function shortened(call: CallResult): FailureSample {
  const { message, category, statusCode, executionId } = call;
  return {
    ...(message === undefined
      ? {}
      : { message: beginning(oneLine(beginning(message, 4 * MAX_MESSAGE)), MAX_MESSAGE) }),
    ...(category === undefined ? {} : { category }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(executionId === undefined ? {} : { executionId: beginning(executionId, MAX_ID) }),
  };
}
