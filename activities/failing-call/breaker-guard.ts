import type { WaitingActivity } from '../../client/waiting/wake-activity.js';
import type { CallResult, CircuitBreakerState } from '../../common/circuit-breaker/index.js';
import type { AskedWait } from '../../common/errors/throttle.js';
import type { Flood, FloodCause } from '../../common/flood/floods.js';
import type { FloodNews, FloodRules } from '../../common/flood/key-flood.js';

/** A call that is to be guarded. */
export interface GuardedCall {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly taskQueue: string;
  /** The same in all attempts of an activity execution, and in all replays of a letter. */
  readonly executionId: string;
  /** No attempt of the execution has failed yet. Only the first failure of an execution counts for the breaker. */
  readonly isFresh: boolean;
  /** The replay of a letter: the call has failed before, so it is not tried while the breaker is open. */
  readonly isReplay?: boolean;
  /** Attempts of it that the breaker has rejected. */
  readonly rejections?: number;
  /** The activity as the server knows it, so that it can be woken when the breaker closes. */
  readonly activity?: WaitingActivity;
  /** Milliseconds after which a trial of this call is given up: its heartbeat or start-to-close time-out. */
  readonly leaseMs?: number;
  /** Not urgent: the call of a held letter. */
  readonly isHeld?: boolean;
  /** Whose quota of the service it uses; undefined where `quotaKey` does not say: that of all calls, as far as is known. */
  readonly quotaKey?: string;
  /** It has waited for its quota already. */
  readonly waitedForQuota?: boolean;
  /** Milliseconds until its schedule-to-close ends. */
  readonly timeLeftMs?: number;
  /** Milliseconds until it is made though its breaker is open; undefined: it waits as long as that is. */
  readonly passesInMs?: number;
  /** What is done about floods of letters. Undefined where the end of the call can be none, and where the guard is off. */
  readonly flood?: {
    readonly operation: string;
    readonly rules: FloodRules;
    /** Milliseconds since it was held for the first time; undefined for a call that was not. */
    readonly heldForMs?: number;
  };
}

/** The cause of a letter, for the flood guard. */
export type EndedAsLetter = Pick<FloodCause, 'group' | 'said'>;

/** The right to make a call; given back with `settle`. */
export interface CallPermit {
  readonly epoch: number;
  /** Lease in this worker's own view. */
  readonly trial?: string;
  /** Lease of the fleet's breaker. */
  readonly fleetTrial?: { readonly epoch: number; readonly trial: string };
  /** It is made although the quota seems to be used up. */
  readonly isQuotaTrial?: true;
  /** It is made although calls like it are held. */
  readonly isFloodTrial?: true;
}

/** The call is one of those that show whether the service is well again. */
export function isTrial({ trial, fleetTrial }: CallPermit): boolean {
  return (trial ?? fleetTrial) !== undefined;
}

export type Admission =
  | { readonly admitted: true; readonly permit: CallPermit }
  | {
      readonly admitted: false;
      readonly status: CircuitBreakerState | typeof THROTTLED | typeof FLOODED | typeof LIMITED;
      /** What the service said, where its quota is used up. */
      readonly said?: string;
      /** Why the call is held, and for how long calls like it have been; milliseconds. */
      readonly held?: { readonly flood: Flood; readonly sinceMs: number };
      /** The known limit that the call waits for, in words. */
      readonly limit?: string;
      /** Milliseconds, with jitter: when it is worth trying again. */
      readonly retryInMs: number;
    };

/** The quota of a call is used up. */
export const THROTTLED = 'THROTTLED';
/** Calls like it are held: too many of them have become letters. */
export const FLOODED = 'FLOODED';

/** The known limit of a service is reached: the call waits for its turn. */
export const LIMITED = 'LIMITED';

/** How a call ended. A failure may say nothing about health: that is for the breaker's settings to decide. */
export type CallEnd = Omit<CallResult, 'permit' | 'executionId'> & {
  /** The failure counts whatever its category. */
  readonly counts?: boolean;
  /** The quota of the call is used up, and the service says for how long: not a failure. */
  readonly asked?: AskedWait;
  /** With `asked`: real calls of the execution so far, this one included. */
  readonly calls?: number;
};

/** What the end of a call means behind its breaker. */
export interface Settlement {
  /** The failure speaks of the service, and not of the call. */
  readonly counted: boolean;
  /** Set while calls are rejected: milliseconds, with jitter, after which it is worth trying again. */
  readonly openForMs?: number;
  /** Set where the quota of the call is used up: milliseconds until its turn. */
  readonly turnInMs?: number;
}

/** What is known of a breaker without a call. */
export interface Outlook extends Pick<Settlement, 'openForMs'> {
  /** Milliseconds since this worker last saw a call behind the breaker succeed, or a trial close it; Infinity for never. */
  readonly lastSuccessAgoMs: number;
  /** Executions that have failed here since the last success; not all are counted beyond a hundred. */
  readonly failing: number;
}

/** The circuit breakers as an activity attempt meets them. Never throws. */
export interface BreakerGuard {
  /** At once where the breaker is closed or open; a promise where the fleet's breaker has to be asked. */
  admit(call: GuardedCall): Admission | Promise<Admission>;
  /** The call is made now: not before it has waited for a known limit. */
  begun(call: GuardedCall, permit: CallPermit): void;
  settle(call: GuardedCall, permit: CallPermit, end: CallEnd): Settlement;
  /**
   * A call has failed for good.
   * @param letter undefined where its failure becomes no letter
   * @returns a flood that was found
   */
  failedForGood(call: GuardedCall, letter: EndedAsLetter | undefined): FloodNews | undefined;
  /**
   * What is known of a breaker without a call: for a call that ends before it is made, and for the pace of those that
   * wait.
   */
  outlook(breaker: string): Outlook;
  /**
   * The pace of calls that wait, where options set the open time: that after this number of failed half-opens, without
   * jitter; milliseconds.
   */
  paceMs(breaker: string, failed: number): number | undefined;
}
