import type { OriginCounts, OriginStatus } from '../dead-letter/origin-status.js';
import type { PackedIds } from './pack-ids.js';

/** What a redrive does with each letter. */
export const RedriveAction = { REPLAY: 'replay', RESOLVE: 'resolve', DISCARD: 'discard' } as const;
/** An action of a redrive: one of the values of the constant of the same name. */
export type RedriveAction = (typeof RedriveAction)[keyof typeof RedriveAction];

/**
 * Where a redrive stands.
 *
 * | status | what it does |
 * | --- | --- |
 * | SNAPSHOT | lists the letters, once and for all |
 * | CANARY | does the first few and waits for all of them |
 * | RUNNING | does the others |
 * | PAUSED | waits for `resume` |
 * | WAITING_FOR_BREAKER | a circuit breaker is open; goes on, slowly at first, when it closes |
 * | FINISHING | waits for replays that are still under way |
 * | COMPLETED, STOPPED, CANCELLED | is over; STOPPED where too many failed |
 */
export const RedriveStatus = {
  SNAPSHOT: 'SNAPSHOT',
  CANARY: 'CANARY',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  WAITING_FOR_BREAKER: 'WAITING_FOR_BREAKER',
  FINISHING: 'FINISHING',
  COMPLETED: 'COMPLETED',
  STOPPED: 'STOPPED',
  CANCELLED: 'CANCELLED',
} as const;
/** A state of a redrive: one of the values of the constant of the same name. */
export type RedriveStatus = (typeof RedriveStatus)[keyof typeof RedriveStatus];

/** One operation of a JSON Patch (RFC 6902). Its paths begin at the array of arguments: `/0/email`. */
export interface JsonPatchOperation {
  /** What it does, as in RFC 6902. */
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** JSON Pointer to what it changes or tests. */
  readonly path: string;
  /** JSON Pointer to the source; of `move` and `copy` only. */
  readonly from?: string;
  /** New value of `add` and `replace`, expected value of `test`. */
  readonly value?: unknown;
}

/** How the arguments of a letter become those of its replay. */
export interface ArgumentsTransform {
  /** A letter it does not fit (a path that is not there, a `test` that fails) is skipped and stays as it is. */
  readonly patch?: readonly JsonPatchOperation[];
  /** An activity of yours: it gets the old arguments as its own and returns the array of the new ones. */
  readonly activity?: string;
  /** Task queue of the workers that have the activity. @default that of the letter's own activity */
  readonly taskQueue?: string;
}

/** What became of one letter in a redrive. */
export interface LetterOutcome {
  /** Workflow id of the letter. */
  readonly id: string;
  /** HELD: its circuit breaker is open, and it replays by itself when that closes. */
  readonly outcome: 'REPLAYED' | 'RESOLVED' | 'DISCARDED' | 'FAILED' | 'SKIPPED' | 'HELD';
  /** Why it failed or was skipped. */
  readonly message?: string;
  /** Of a replay: what had become of the workflow the letter came from. */
  readonly origin?: OriginStatus;
}

/** Number of letters so far, by outcome. */
export interface OutcomeCounts {
  /** Letters whose replay succeeded. */
  readonly replayed: number;
  /** Letters that were resolved. */
  readonly resolved: number;
  /** Letters that were discarded. */
  readonly discarded: number;
  /** Letters whose replay failed; they wait for a decision again. */
  readonly failed: number;
  /** Letters that were left as they are, such as those that had ended already. */
  readonly skipped: number;
  /** Letters that wait for their circuit breaker. */
  readonly held: number;
}

/** Letters of the same cause in a redrive. */
export interface RedriveGroup {
  /** Fingerprint that these letters share; empty where it is unknown. */
  readonly group: string;
  /** Letters of the redrive with this cause. */
  readonly letters: number;
  /** Operation of the letters; absent where it is unknown. */
  readonly operation?: string;
  /** Category of their errors, as in `ErrorCategory`; absent where it is unknown. */
  readonly category?: string;
  /** Of one of them. */
  readonly message?: string;
}

/** What a transform makes of one letter's arguments; secrets are redacted, long text is cut. */
export interface TransformPreview {
  /** Workflow id of the letter. */
  readonly id: string;
  /** Arguments as they are. */
  readonly before?: unknown;
  /** Arguments as the transform makes them; absent where it does not fit. */
  readonly after?: unknown;
  /** Why there is no `after`. */
  readonly message?: string;
  /** State of the original workflow, as of the preview. */
  readonly origin?: OriginStatus;
}

/** The state of a redrive, while it runs and after its end. */
export interface RedriveOverview extends OutcomeCounts {
  /** Where it stands. */
  readonly status: RedriveStatus;
  /** What it does with each letter. */
  readonly action: RedriveAction;
  /** Whether it only counts and previews, and changes no letter. */
  readonly dryRun: boolean;
  /** Letters of the snapshot. */
  readonly total: number;
  /** More letters matched than one redrive takes. */
  readonly truncated: boolean;
  /** ISO. */
  readonly startedAt: string;
  /** Why it waits, or has ended. */
  readonly why?: string;
  /** Who started it. */
  readonly by?: string;
  /** Why, as its starter gave it. */
  readonly reason?: string;
  /** The largest first, at most 20. */
  readonly groups: readonly RedriveGroup[];
  /**
   * Letters by what became of the workflows they came from: of those replayed so far, or, in a dry run, of all (at most
   * 1,000 workflows are looked up; letters of others count as `unknown`).
   */
  readonly origins?: OriginCounts;
  /** Skips letters whose original workflow is in one of these states. */
  readonly skipOrigins?: readonly OriginStatus[];
}

/** Answer of the query `progress`. */
export interface RedriveProgress extends RedriveOverview {
  /** Letters with an outcome. */
  readonly done: number;
  /** Replays that are under way. */
  readonly running: number;
  /** Letters a second at the most, as set. */
  readonly rate: number;
  /** Letters a second that were reached lately; 0 while there is nothing to tell. */
  readonly actualRate: number;
  /** Milliseconds; undefined while unknown. */
  readonly timeLeftMs?: number;
  /** The last letters that did not go well, at most 20. */
  readonly problems: readonly LetterOutcome[];
}

/** Result of the workflow `redrive`. */
export interface RedriveReport extends RedriveOverview {
  /** Letters of the snapshot that were left as they are. */
  readonly untouched: number;
  /** ISO. */
  readonly endedAt: string;
  /**
   * Of every letter, up to 1,000; of more, those that did not go well (the first 500). All of them are in the history,
   * and `RedriveHandle.outcomes()` reads them.
   */
  readonly outcomes: readonly LetterOutcome[];
  /** Only of a dry run with a transform: what becomes of the first letters. */
  readonly previews?: readonly TransformPreview[];
}

/** A request to redrive as the workflow works with it: checked, with all defaults. */
export interface RedrivePlan {
  readonly v: 1;
  /** Workflow id. */
  readonly id: string;
  /** By which the letters know it; plans of before 0.4.0 have none. @default id */
  readonly requestId?: string;
  readonly action: RedriveAction;
  /** Visibility query of the letters, or their ids. */
  readonly query?: string;
  readonly ids?: readonly string[];
  /** Dead-lettered at this time or later, and before that; ISO. */
  readonly since?: string;
  readonly until?: string;
  /** Of the letters' errors. */
  readonly correlationId?: string;
  /** Tags that the query does not ask for. */
  readonly tags?: readonly string[];
  readonly limit: number;
  readonly dryRun: boolean;
  readonly rate: number;
  readonly concurrency: number;
  readonly canary: number;
  readonly maxFailureShare: number;
  readonly transform?: ArgumentsTransform;
  readonly force: boolean;
  /** Skips letters whose original workflow is in one of these states. */
  readonly skipOrigins?: readonly OriginStatus[];
  readonly result?: unknown;
  readonly by?: string;
  readonly reason?: string;
  /** Search attributes known to be registered; no other may be touched. */
  readonly searchAttributes: readonly string[];
}

/** The letters of a redrive, listed before the first of them is touched. */
export interface Snapshot {
  /** Ids, the oldest letter first, packed as `packIds` does. */
  readonly packed: PackedIds;
  readonly total: number;
  /** More letters matched. */
  readonly truncated: boolean;
  readonly groups: readonly RedriveGroup[];
  /** Of a dry run. */
  readonly origins?: OriginCounts;
}

/** Some letters at once, as an activity does them. */
export interface BatchRequest {
  /** Workflow id of the redrive. */
  readonly redriveId: string;
  /** By which the letters know it. Its workflow id may have been that of an earlier redrive. @default redriveId */
  readonly requestId?: string;
  readonly action: RedriveAction;
  /** Letters to begin with, and letters whose replay was under way. */
  readonly ids: readonly string[];
  readonly running: readonly string[];
  readonly transform?: ArgumentsTransform;
  readonly dryRun?: boolean;
  readonly force: boolean;
  readonly skipOrigins?: readonly OriginStatus[];
  readonly result?: unknown;
  readonly by?: string;
  readonly reason?: string;
  readonly concurrency: number;
  readonly spacingMs: number;
  readonly leastMs: number;
  /** Milliseconds to wait for the slow ones after the last was begun. */
  readonly patienceMs: number;
}

export interface BatchResult {
  readonly outcomes: readonly LetterOutcome[];
  /** Replays that are still under way. */
  readonly running: readonly string[];
  /** Letters that were not begun, or were rejected and are as they were. */
  readonly left: readonly string[];
  /** The circuit breaker that turned letters away. */
  readonly breaker?: string;
  /** Of those in `outcomes`, letters that it holds now. */
  readonly turnedAway: readonly string[];
  readonly previews?: readonly TransformPreview[];
}
