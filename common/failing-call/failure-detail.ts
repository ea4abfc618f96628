import type { Attempt, Held } from '../dead-letter/record.js';
import type { ErrorJson } from '../errors/index.js';

/** What the activity interceptor appends to the details of a failure that another attempt follows. */
export interface PendingDetail {
  /** Set where the attempt was rejected: the call was not made. */
  readonly rejected?: true;
  readonly v: 1;
  readonly category: string;
  readonly status?: number;
  /** Real attempts, the failed one included. */
  readonly attempts: number;
  /** Why the call waits for its service, since when and until when. */
  readonly waits?: string;
  /** Circuit breaker of the call; absent where none guards it, and where the name is long: the server keeps little. */
  readonly breaker?: string;
  /** As in the detail of a last failure: the SDK may end a local activity after any attempt. */
  readonly handled?: true;
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
  /** Build id of the worker whose attempt failed; absent where it is not known. */
  readonly build?: string;
  /** Circuit breaker of the call; absent where none guards it. */
  readonly breaker?: string;
  /** Set where the circuit breaker of the call was open when it ended. */
  readonly held?: Held;
  /** Set by a local activity whose failure is handled: its workflow cannot ask for a patch when that arrives. */
  readonly handled?: true;
}
