import type { Origin } from '../dead-letter/record.js';
import type { RecoveryRules } from '../strategies/rules.js';

/** Content of the call header. Its presence says: somebody will catch the work when retries end. */
export interface CallHeader {
  readonly v: 1;
  /** The call sets its own retry intervals, which are then kept. */
  readonly ownIntervals?: boolean;
  /**
   * Attempts the call allows, which the server was not told: for the call of a letter that is held, and for calls made
   * by version 0.4.
   */
  readonly maximumAttempts?: number;
  /** What the call itself says about its recovery. */
  readonly recovery?: CallRecovery;
  /** In a replay: the call that was dead-lettered. */
  readonly origin?: Origin;
  readonly deadLetterId?: string;
  /**
   * How a replay meets an open circuit breaker: `wait` is rejected until the breaker closes, `force` is let through.
   * Any other replay is given up at once, and its letter is held.
   */
  readonly breaker?: 'wait' | 'force';
  /** With `wait`: somebody waits for it or asked for it: a caller that is parked, a person, or `autoRelease`. */
  readonly asked?: true;
  /** Of a local activity: its workflow reads `handled` in the detail of the failure. Workflow code of before 0.12 does not. */
  readonly readsHandled?: true;
}

/** The recovery options of a call, as they travel: JSON. */
export interface CallRecovery {
  readonly operation?: string;
  /** Name of the circuit breaker; false for none. */
  readonly breaker?: string | false;
  readonly queue?: string;
  /** The user's data: stays in the workflow, since no codec encodes headers. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly rules?: RecoveryRules;
}
