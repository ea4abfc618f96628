import { DETAIL_KEY } from '../contract.js';
import type { Attempt, Held } from '../dead-letter/record.js';
import type { ErrorJson } from '../errors/index.js';
import { readFailureDetail } from './read-detail.js';

/** What the activity interceptor appends to the details of a failure that another attempt follows. */
export interface PendingDetail {
  readonly v: 1;
  readonly category: string;
  readonly status?: number;
  /** Real attempts, the failed one included. */
  readonly attempts: number;
  /** Why the call waits for its service, since when and until when. */
  readonly waits?: string;
}

/** What the activity interceptor appends to the details of a call's last failure, under `DETAIL_KEY`. */
export interface FailureDetail {
  readonly v: 1;
  readonly error: ErrorJson;
  /** Real attempts, the failed one included. */
  readonly attempts: number;
  readonly history: readonly Attempt[];
  readonly scheduledAt?: string;
  /** Set where the call's own `maximumAttempts` ended it, and not the server, which was not told. */
  readonly limited?: true;
  /** Set where the circuit breaker of the call was open when it ended. */
  readonly held?: Held;
}

/**
 * The appended detail of a failure. Ours is the last one: what is under our key before it was made up, or came with a
 * failure of another call.
 */
export function findFailureDetail(details: readonly unknown[] | null | undefined): FailureDetail | undefined {
  const last = details?.at(-1);
  if (typeof last !== 'object' || last === null) return undefined;
  return readFailureDetail((last as Record<string, unknown>)[DETAIL_KEY]);
}
