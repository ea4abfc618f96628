import type { StatedWindow } from '../../common/errors/throttle.js';
import type { GuardedCall } from './breaker-guard.js';

/** A call that its circuit breaker has admitted. */
export interface LimitedAttempt extends GuardedCall {
  /** The longest wait in the activity's slot; milliseconds. */
  readonly holdMs: number;
  /** Ends that wait. */
  readonly signal: AbortSignal;
}

export type LimitAnswer =
  | { readonly passes: true; readonly ended: () => void }
  | {
      readonly passes: false;
      /** Milliseconds until its turn. */
      readonly retryInMs: number;
      /** For people: "10 calls per second". */
      readonly limit: string;
    };

/** The known limits of services as an activity attempt meets them. Never throws. */
export interface CallLimits {
  /** Undefined where the call has no limit; a promise where it waits a moment for its turn. */
  admit(call: LimitedAttempt): LimitAnswer | Promise<LimitAnswer> | undefined;
  /** The service has refused a call, and has stated its policies. */
  refused(call: GuardedCall, stated: readonly StatedWindow[]): void;
}
