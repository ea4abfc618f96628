import type { Flood, ReportedFlood } from '../flood/floods.js';
import type { ReportedThrottle, Throttle } from '../quota/throttles.js';
import type { BreakerConfig } from './config.js';
import type { BreakerState, FailureSample, Transition, TransitionCause, TransitionReason } from './state.js';
import type { BreakerStatus, CircuitBreakerState } from './state-name.js';

/**
 * What workers and the entity tell each other. Times never travel, since clocks differ: only durations do.
 */

/** Stands for a trial that a worker made alone, because it got no answer when it asked for one. */
export const UNASKED_TRIAL = 'unasked';

/** One end of a call, as it is reported. */
export interface ReportedResult extends FailureSample {
  readonly outcome: 'success' | 'failure';
  /** Hash of the execution. */
  readonly execution?: string;
  /** Milliseconds. */
  readonly retryAfterMs?: number;
  readonly durationMs?: number;
  /** The trial this is the end of, or `UNASKED_TRIAL`. */
  readonly trial?: string;
  readonly ignored?: boolean;
  /** With a success of a trial: it has not ended, but has been running for `durationMs`. Only for an entity with `judgesRunning`. */
  readonly stillRunning?: boolean;
}

/** Signal `report`: what a worker has seen since its last one. */
export interface BreakerReport {
  readonly v: 1;
  /** Of one process; another process has another. */
  readonly worker: string;
  /** Counts up with every report of a worker; one that came already changes nothing. */
  readonly sequence: number;
  /** The entity's epoch the worker knew; undefined for a worker that knew of no entity. */
  readonly epoch?: number;
  /** First run of the entity whose epoch that is: an entity that was started again counts from the beginning. */
  readonly entity?: string;
  readonly results: readonly ReportedResult[];
  /** The worker's own rules say that it has to open. */
  readonly trip?: TransitionReason;
  /** Quotas that are used up, and those that turned out to be of some calls only. */
  readonly throttles?: readonly ReportedThrottle[];
  /** Floods of letters that were found, and those that are over. */
  readonly floods?: readonly ReportedFlood[];
  readonly config: BreakerConfig;
  /** When the worker was configured, ISO, by its own clock: of different configurations the latest wins. */
  readonly configuredAt: string;
}

/** Update `acquireTrial`. */
export interface TrialRequest {
  readonly v: 1;
  readonly worker: string;
  readonly execution?: string;
  /** Milliseconds. */
  readonly leaseMs?: number;
}

export interface TrialAnswer {
  readonly status: CircuitBreakerState;
  readonly epoch: number;
  /** Set where the call may be made. */
  readonly trial?: string;
  /** Milliseconds after which it is worth asking again. */
  readonly retryInMs?: number;
}

/** Input of the entity, of its first run and of every run after it. Times are of the entity's own clock. */
export interface BreakerInput {
  readonly v: 1;
  readonly name: string;
  readonly config: BreakerConfig;
  readonly configuredAt: string;
  /** A state taken over from the run before; a new entity is closed. */
  readonly state?: BreakerState;
  /** The last ones, oldest first. */
  readonly transitions?: readonly Transition[];
  /** Quotas that are used up. */
  readonly throttles?: readonly Throttle[];
  /** Floods of letters. */
  readonly floods?: readonly Flood[];
  /** Last sequence number by worker. */
  readonly workers?: Readonly<Record<string, number>>;
  /** When workers with different configurations were last seen, ISO. */
  readonly conflictAt?: string;
  /** By what trials that are still running are judged. */
  readonly running?: JudgedTrials;
  /** Search attributes known to be registered. */
  readonly searchAttributes: readonly string[];
  /** Named in the options of a plugin: it stays when it is not used. */
  readonly permanent?: boolean;
  /** Milliseconds without a report after which a breaker that is not permanent ends. @default 7 days */
  readonly idleMs?: number;
}

/** What trials that are still running are judged by, since a call has last succeeded. Milliseconds. */
export interface JudgedTrials {
  /** The longest call that has failed. */
  readonly longestFailureMs?: number;
  /** How long the last one had been running that counted as a success. */
  readonly acceptedMs?: number;
}

/** Memo of a run. Small. */
export interface BreakerMemo {
  readonly v: 1;
  readonly name: string;
  readonly status: CircuitBreakerState;
  readonly epoch: number;
  /** Milliseconds from the start of the run to the next change that time alone brings. */
  readonly changesInMs?: number;
  /** One line: why it is in this state. */
  readonly why?: string;
  /** What led to it. */
  readonly cause?: TransitionCause;
  /** Quotas that are used up, with the time from the start of the run. */
  readonly throttles?: readonly ReportedThrottle[];
  /** Floods of letters, with the times from the start of the run. */
  readonly floods?: readonly ReportedFlood[];
  /** Workers that reported lately. */
  readonly workers: number;
  /** It takes results of trials that are still running. */
  readonly judgesRunning?: true;
}

/** Answer of the query `state`. */
export interface BreakerSnapshot {
  /** Name of the breaker, without the `circuit-breaker/` of its workflow id. */
  readonly name: string;
  /** `THROTTLED` where it is closed and the quota of all its calls is used up. */
  readonly status: BreakerStatus;
  /** Number of transitions so far; outcomes of calls that were let through in an earlier epoch change nothing. */
  readonly epoch: number;
  /** ISO, of the server's clock. */
  readonly since: string;
  /** ISO; when time alone changes the state next. */
  readonly changesAt?: string;
  /** One line: why it is in this state. Absent as long as nothing has happened to it. */
  readonly why?: string;
  /** Executions that failed since the last success, each once; while it is open, the failures that opened it. */
  readonly failuresInARow: number;
  /** Settings in use: of workers that report different ones, those of the worker that was configured last. */
  readonly config: BreakerConfig;
  /** ISO; when a worker last reported settings that differed from those in use. Absent if none did. */
  readonly conflictAt?: string;
  /** Workers that reported lately, at most 1,000. */
  readonly workers: number;
  /** Quotas that are used up. Absent without any. */
  readonly throttles?: readonly ShownThrottle[];
  /** Operations whose calls end as dead letters of one group. Absent without any. */
  readonly floods?: readonly ShownFlood[];
  /** The last 20, oldest first. */
  readonly transitions: readonly Transition[];
}

/** A quota that is used up. Times are ISO, of the server's clock. */
export interface ShownThrottle {
  /** Of `quotaKey`; absent for the quota of all calls behind the breaker. */
  readonly key?: string;
  /** When the fleet learned that it is used up. */
  readonly since: string;
  /** Calls go on then. */
  readonly until: string;
  /** What the service said, in one line; absent where it gave no words. */
  readonly said?: string;
  /** Other calls succeeded meanwhile: only the calls that the service has refused wait. */
  readonly narrowed?: true;
}

/** Calls of an operation that end as dead letters of one group. Times are ISO, of the server's clock. */
export interface ShownFlood {
  /** Of the calls; their activity type where they name none. */
  readonly operation: string;
  /** Of `quotaKey`; absent for calls without a key. */
  readonly quotaKey?: string;
  /** `held`: calls wait. `alarm`: it is only shown. `resumed`: a person lets calls go on, whatever fails. */
  readonly state: 'held' | 'alarm' | 'resumed';
  /** When it was found, or resumed. */
  readonly since: string;
  /** Held calls go on then; an alarm or a resumption is over then. */
  readonly until: string;
  /** Group of the letters. */
  readonly group: string;
  /** Their error in one line, without what differs from one record to the next; absent where it has no words. */
  readonly said?: string;
  /** Calls that had ended as letters of this group when it was found. */
  readonly letters: number;
  /** Calls that had ended then. */
  readonly calls: number;
}

/** What a breaker with this memo shows. The memo keeps its state apart, for workers that know of no quotas. */
export function shownStatus(memo: BreakerMemo | undefined): BreakerStatus | undefined {
  const isUsedUp = memo?.throttles?.some(({ key, narrowed }) => key === undefined && !narrowed);
  return memo?.status === 'CLOSED' && isUsedUp ? 'THROTTLED' : memo?.status;
}
