import type { CallResult, CircuitBreakerState } from '../common/breaker/index.js';

/** A call that is to be guarded. */
export interface GuardedCall {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly taskQueue: string;
  /** The same in all attempts of an activity execution. */
  readonly executionId: string;
  /** Milliseconds an attempt may take at the most. */
  readonly leaseMs?: number;
  /** Nobody is in a hurry: the call of a letter that is held. */
  readonly isHeld?: boolean;
}

/** The right to make a call; given back with `settle`. */
export interface CallPermit {
  readonly epoch: number;
  /** Lease in this worker's own view. */
  readonly trial?: string;
  /** Lease of the fleet's breaker. */
  readonly fleetTrial?: { readonly epoch: number; readonly trial: string };
}

export type Admission =
  | { readonly admitted: true; readonly permit: CallPermit }
  | {
      readonly admitted: false;
      readonly status: CircuitBreakerState;
      /** Milliseconds, with jitter: when it is worth trying again. */
      readonly retryInMs: number;
    };

/** How a call ended. A failure may say nothing about health: that is for the breaker's settings to decide. */
export type CallEnd = Omit<CallResult, 'permit' | 'executionId'> & {
  /** The failure counts whatever its category. */
  readonly counts?: boolean;
  /** Milliseconds since the execution first failed, on whatever worker that was. */
  readonly failingForMs?: number;
};

/** What the end of a call means behind its breaker. */
export interface Settlement {
  /** It counted as a failure of the service. */
  readonly counted: boolean;
  /** Set while calls are turned away: milliseconds, with jitter, after which it is worth trying again. */
  readonly openForMs?: number;
  /** The breaker opened while the call was under way: it failed with the others. */
  readonly wasUnderWay: boolean;
  readonly wasTrial: boolean;
  /** Milliseconds since this worker last saw a call behind the breaker succeed; Infinity for never. */
  readonly lastSuccessAgoMs: number;
}

/** The circuit breakers as an activity attempt meets them. Never throws. */
export interface BreakerGuard {
  /** At once where the breaker is closed or open; a promise where a trial has to be asked for. */
  admit(call: GuardedCall): Admission | Promise<Admission>;
  settle(call: GuardedCall, permit: CallPermit, end: CallEnd): Settlement;
}
