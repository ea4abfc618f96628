import type { ErrorCategory } from '../errors/index.js';
import type { CircuitBreakerState } from './state-name.js';
import type { CallWindow } from './window.js';

/**
 * The whole state of a breaker as plain JSON. All times in milliseconds on the clock of the caller of the machine.
 * Each variant holds only what its state needs.
 */
export type BreakerState =
  | ClosedState
  | OpenState
  | HalfOpenState
  | ForcedOpenState
  | DisabledState
  | MetricsOnlyState;

interface Common {
  /** Number of transitions so far. A permit of another epoch is of no consequence. */
  readonly epoch: number;
  /** When this state was entered. */
  readonly since: number;
}

export interface ClosedState extends Common {
  readonly status: typeof CircuitBreakerState.CLOSED;
  readonly health: Health;
}

export interface OpenState extends Common {
  readonly status: typeof CircuitBreakerState.OPEN;
  /** When trials are let through. */
  readonly until: number;
  /** Half-opens that failed since it was last closed. */
  readonly failedHalfOpens: number;
  readonly reason: TransitionReason;
  /** Hash of the execution whose trial failed last: the next trial is for another one. */
  readonly avoid?: string;
  /** Trials of calls that have not failed yet. */
  readonly probes?: Probes;
}

/** Trials while a breaker is open: what failed may have been one bad tenant or record, and others must not wait for it. */
export interface Probes {
  /** Granted so far. */
  readonly granted: number;
  /** The next one is not before. */
  readonly nextAt: number;
}

export interface HalfOpenState extends Common {
  readonly status: typeof CircuitBreakerState.HALF_OPEN;
  readonly failedHalfOpens: number;
  /** How long it was open before; milliseconds. */
  readonly openFor: number;
  readonly successes: number;
  /** Trials granted so far. */
  readonly granted: number;
  readonly firstTrialAt?: number;
  /** Trials without an answer; expired ones stay until their answer comes or others push them out. */
  readonly leases: readonly Lease[];
  readonly avoid?: string;
  /** Trials of calls that have not failed yet, beside the leases. */
  readonly probes?: Probes;
}

export interface Lease {
  readonly id: string;
  readonly expiresAt: number;
  /** Hash of the execution. */
  readonly execution?: string;
}

interface Override extends Common {
  /** When it ends by itself. */
  readonly until?: number;
  readonly by?: string;
  readonly why?: string;
}

export interface ForcedOpenState extends Override {
  readonly status: typeof CircuitBreakerState.FORCED_OPEN;
}

export interface DisabledState extends Override {
  readonly status: typeof CircuitBreakerState.DISABLED;
}

export interface MetricsOnlyState extends Override {
  readonly status: typeof CircuitBreakerState.METRICS_ONLY;
  readonly health: Health;
  /** The first time it would have opened. */
  readonly wouldHaveOpened?: { readonly at: number; readonly reason: TransitionReason };
}

/** What is counted while calls pass. */
export interface Health {
  /** Executions that failed since the last success, each once. */
  readonly failuresInARow: number;
  /** Hashes of executions that failed in this epoch, oldest first, at most 1,000. */
  readonly failed: readonly string[];
  /** `Retry-After` of the failures in a row: not to be called before. */
  readonly notBefore?: number;
  /** Only where a rate rule is on. */
  readonly window?: CallWindow;
  /** Something has succeeded in this epoch. */
  readonly succeeded?: true;
}

/** What made a breaker change its state. */
export type TransitionCause =
  | 'consecutive-failures'
  | 'failure-rate'
  | 'slow-call-rate'
  /** Of versions before 0.5. */
  | 'exhausted'
  /** Decided outside, such as by several workers together. */
  | 'reported'
  | 'open-time-over'
  | 'trial-failed'
  | 'trials-succeeded'
  | 'half-open-time-over'
  | 'forced'
  | 'override-expired'
  | 'reset'
  | 'resumed';

/** Why a breaker changed its state; only the fields that the cause has are set. */
export interface TransitionReason {
  /** What made it change. */
  readonly cause: TransitionCause;
  /** Failures in a row, or in the window. */
  readonly failures?: number;
  /** Calls in the window. */
  readonly calls?: number;
  /** Slow calls in the window. */
  readonly slowCalls?: number;
  /** From 0 to 1. */
  readonly rate?: number;
  /** The limit that was reached. */
  readonly threshold?: number;
  /** Trials that succeeded. */
  readonly successes?: number;
  /** The last of them has not ended, but has outlasted the calls that had failed. */
  readonly stillRunning?: boolean;
  /** The failure that decided it. */
  readonly sample?: FailureSample;
  /** How long it stays open; milliseconds. */
  readonly openFor?: number;
  /** The part of it a `Retry-After` asked for; milliseconds. */
  readonly retryAfter?: number;
  /** Who ordered it. */
  readonly by?: string;
  /** The reason the order gave. */
  readonly why?: string;
  /** When the ordered state ends by itself; milliseconds. */
  readonly expiresAt?: number;
}

/** A failed call, as an example of the failures. */
export interface FailureSample {
  /** At most 200 characters. */
  readonly message?: string;
  /** Category of its error. */
  readonly category?: ErrorCategory;
  /** HTTP status of its error, or the equivalent of another protocol. */
  readonly statusCode?: number;
  /** Id of the execution that failed, or its hash. */
  readonly executionId?: string;
}

/** A change of state. */
export interface Transition {
  /** State before. */
  readonly from: CircuitBreakerState;
  /** State from then on. */
  readonly to: CircuitBreakerState;
  /** Milliseconds on the breaker's clock; since the epoch, for a breaker of the fleet. */
  readonly at: number;
  /** The epoch that began with it. */
  readonly epoch: number;
  /** Why it changed. */
  readonly reason: TransitionReason;
}

/** What every operation gives back: the state from now on, and how it got there. */
export interface Step {
  readonly state: BreakerState;
  /** In order, mostly none. */
  readonly transitions: readonly Transition[];
}
