import type { Client } from '@temporalio/client';
import type { NewDeadLetter } from '../client/dead-letter/start.js';
import type { QueueBook } from '../common/dead-letter/queue-settings.js';
import type { ReplayLimits } from '../common/dead-letter/record.js';
import type { RecordRedaction } from '../common/dead-letter/record-redaction.js';
import type { GroupPlace } from '../common/dead-letter-group/id.js';
import type { GroupPreset } from '../common/dead-letter-group/state.js';
import type { ApiLinkerError, ErrorCategory, Redactor } from '../common/errors/index.js';
import type { FloodRules } from '../common/flood/key-flood.js';
import type { RecoverableCall, Rulebook } from '../common/strategies/index.js';
import type { BreakerGuard } from './failing-call/breaker-guard.js';
import type { CallLimits } from './failing-call/call-limits.js';
import type { OpenRecords } from './failing-call/open-records.js';
import type { RecoveryTelemetry } from './telemetry.js';

/** What is known of a call when one of its errors is classified. */
export interface ClassifyContext {
  /** Name under which the worker has the activity. */
  readonly activityType: string;
  /** The call's operation; its activity type where it gave none. */
  readonly operation: string;
  /** Type of the workflow that made the call; absent where no workflow made it. */
  readonly workflowType?: string;
  /** Id of that workflow. */
  readonly workflowId?: string;
  /** Of the attempt that failed; not there for failures that no attempt reported, such as time-outs. */
  readonly attempt?: number;
}

/** Says the category of an error, or undefined to leave it to the built-in rules. */
export type Classify = (error: unknown, context: ClassifyContext) => ErrorCategory | undefined;

/**
 * Name of the circuit breaker of a call; undefined for none.
 * @param given what the call itself says
 */
export type BreakerOf = (
  call: RecoverableCall & { readonly taskQueue: string },
  given: string | false | undefined,
  args: readonly unknown[],
) => string | undefined;

/** Whose quota of the service a call uses; undefined where that is not said. */
export type QuotaOf = (call: RecoverableCall, args: readonly unknown[]) => string | undefined;

/** What is done about floods of letters of an operation; undefined where nothing is. */
export type FloodOf = (call: RecoverableCall) => FloodRules | undefined;

/**
 * Marks of a call's letter; undefined where nothing is configured, `false` for none at all.
 * @throws what the user's function throws
 */
export type TagsOf = (
  call: RecoverableCall,
  args: () => readonly unknown[],
) => readonly string[] | false | undefined;

/**
 * Which record a call works on; undefined where each of its failures has a letter of its own.
 * @throws what the user's function throws
 */
export type RecordKeyOf = (call: RecoverableCall, args: () => readonly unknown[]) => string | undefined;

/** The groups of the letters that a worker writes. A fault of theirs is counted, and changes nothing for the letter. */
export interface LetterGroups {
  /** False with `groups: false`: then a letter may have no group. */
  readonly areCounted: boolean;
  /** What a person has set for the next letters of a group; `wait` in doubt. Never throws. */
  presetOf(client: Client, place: GroupPlace): Promise<GroupPreset>;
  /**
   * A letter was written. Never throws, and is not awaited.
   * @param build of the worker whose attempt failed
   * @param taskQueue of the worker that has written the letter
   */
  letterWritten(client: Client, letter: NewDeadLetter, build: string | undefined, taskQueue: string): void;
}

/** The call of an error that the fleet counts. */
export interface FailedCall {
  /** Activity type of calls that have no other name. */
  readonly operation: string;
  readonly taskQueue: string;
}

/** Counts errors of the fleet. Never throws, and keeps no call waiting. */
export interface FleetErrorLog {
  failed(error: ApiLinkerError, call: FailedCall): void;
}

/** The configuration of a worker's plugin, as its activities use it. */
export interface RecoverySettings {
  /** `observe` logs and counts what would be done, and does nothing. */
  readonly mode: 'recover' | 'observe';
  /** Task queue of the recovery worker. */
  readonly taskQueue: string;
  /** Name of the dead-letter queue of calls that name none. */
  readonly queue: string;
  readonly replay: ReplayLimits;
  /** Settings of dead-letter queues. */
  readonly queues: QueueBook;
  readonly rulebook: Rulebook;
  /** The longest wait a service may ask for. */
  readonly retryAfterCapMs: number;
  readonly classify?: Classify;
  readonly redactor: Redactor;
  /** The redactor's settings, for the recovery worker. */
  readonly redaction: RecordRedaction;
  /** The circuit breakers of a namespace; undefined where there are none. */
  readonly guardOf: (namespace: string) => BreakerGuard | undefined;
  /** The known limits that calls keep; undefined where there are none. */
  readonly limitsOf: (namespace: string) => CallLimits | undefined;
  /** The errors of the fleet of a namespace; undefined where they are not counted. */
  readonly errorsOf: (namespace: string) => FleetErrorLog | undefined;
  readonly breakerOf: BreakerOf;
  readonly quotaOf: QuotaOf;
  readonly floodOf: FloodOf;
  readonly tagsOf: TagsOf;
  readonly recordKeyOf: RecordKeyOf;
  readonly openRecords: OpenRecords;
  readonly groups: LetterGroups;
  /** Build id of this process's worker of a task queue; undefined where it has none. */
  readonly buildOf: (taskQueue: string) => string | undefined;
  /** Called for every letter that was written. Never throws, and is not awaited. */
  readonly letterWritten: (client: Client, queue: string) => void;
  readonly telemetry: RecoveryTelemetry;
}
