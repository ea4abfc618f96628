import type { GroupPlace } from './id.js';
import type { GroupPreset, GroupState, GroupStatus, SampleLetter } from './state.js';

/** Letters that a worker has written since its last report. Times never travel, since clocks differ: ages do. */
export interface GroupReport {
  readonly v: 1;
  /** Identifies the process. */
  readonly worker: string;
  /** Increases with each report of the worker. One that arrived before has no effect. */
  readonly sequence: number;
  readonly letters: number;
  /** Milliseconds since the oldest and the newest of these letters were written. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** Letters by activity type. */
  readonly activities?: Readonly<Record<string, number>>;
  /** Letters by host of the request that failed. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** Letters by build id of the worker whose attempt failed. */
  readonly versions?: Readonly<Record<string, number>>;
  /** Task queues of the calls. */
  readonly taskQueues?: readonly string[];
  readonly sample?: SampleLetter;
}

/** What all letters of a group have in common. */
export interface GroupCause extends GroupPlace {
  readonly operation: string;
  readonly category: string;
  readonly statusCode?: number;
  /** Message with `<n>`, `<id>`, `<value>` and `<url>` in place of what differs from one letter to the next. */
  readonly pattern: string;
}

/** A group of the same cause that has ended. */
export interface EarlierGroup {
  /** Run of the workflow of the earlier group. */
  readonly runId: string;
  /** When it ended. */
  readonly status: GroupStatus;
  /** Letters written until then. */
  readonly letters: number;
  /** What was noted. */
  readonly note?: string;
  /** Who looked after it. */
  readonly owner?: string;
  /** Link that was set. */
  readonly link?: string;
}

/** Input of the workflow, of its first run and of every run after it. */
export interface GroupInput extends GroupCause {
  readonly v: 1;
  /** Search attributes known to be registered. */
  readonly searchAttributes: readonly string[];
  readonly before?: EarlierGroup;
  /** Of the run before. */
  readonly state?: GroupState;
  /** Last sequence number by worker. */
  readonly workers?: Readonly<Record<string, number>>;
  /** Milliseconds without a letter after which a group ends that has no open letters. @default 30 days */
  readonly idleMs?: number;
  /** Milliseconds after which a worker that no longer polls counts as gone. @default 90 seconds */
  readonly goneMs?: number;
}

/** Memo: what lists show, and what workers read. Small: the server warns from 2 KB. */
export interface GroupMemo extends GroupCause {
  readonly v: 1;
  readonly status: GroupStatus;
  readonly letters: number;
  /** ISO. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** The three with the most letters. */
  readonly hosts?: Readonly<Record<string, number>>;
  readonly versions?: Readonly<Record<string, number>>;
  readonly activities?: Readonly<Record<string, number>>;
  readonly sampleId?: string;
  readonly message?: string;
  readonly note?: string;
  readonly owner?: string;
  readonly link?: string;
  readonly mutedUntil?: string;
  readonly preset: GroupPreset;
  /** Workers that have reported. */
  readonly workers: number;
}

/** A host, a version or an activity type, and its letters. */
export interface GroupCount {
  /** Its name. */
  readonly name: string;
  /** Letters written. */
  readonly letters: number;
  /** When the first of them was written; ISO. */
  readonly firstSeen: string;
  /** When the last of them was written; ISO. */
  readonly lastSeen: string;
}

/** Answer of the query `group`. Times are ISO, of the server's clock. */
export interface GroupSnapshot {
  /** Name of the dead-letter queue. */
  readonly queue: string;
  /** Fingerprint of the cause. */
  readonly group: string;
  /** Where it stands. */
  readonly status: GroupStatus;
  /** Since when. */
  readonly since: string;
  /** Operation of the calls. */
  readonly operation: string;
  /** Category of the error. */
  readonly category: string;
  /** HTTP status of the error, where it had one. */
  readonly statusCode?: number;
  /** Message with `<n>`, `<id>`, `<value>` and `<url>` in place of what differs from one letter to the next. */
  readonly pattern: string;
  /** Letters written so far. How many are open is known by lists of letters. */
  readonly letters: number;
  /** When the first letter was written. */
  readonly firstSeen: string;
  /** When the last letter was written. */
  readonly lastSeen: string;
  /** The newest letter. */
  readonly sample?: SampleLetter;
  /** Letters by activity type: the most first, at most 20. */
  readonly activities: readonly GroupCount[];
  /** Letters by host of the request that failed. */
  readonly hosts: readonly GroupCount[];
  /** Letters by build id of the worker whose attempt failed. */
  readonly versions: readonly GroupCount[];
  /** What somebody has written about it. */
  readonly note?: string;
  /** Who looks after it. */
  readonly owner?: string;
  /** Where more is said: a ticket, a page. */
  readonly link?: string;
  /** When the mute ends by itself; absent where only a number of letters ends it. */
  readonly mutedUntil?: string;
  /** The mute ends with more letters in all than this number. */
  readonly mutedUpTo?: number;
  /** What is done with the next letters. */
  readonly preset: GroupPreset;
  /** The redrive that a deploy has started, while it runs. */
  readonly redrive?: string;
  /** A group of the same cause that has ended: its run. */
  readonly before?: EarlierGroup;
  /** What has happened: the last 50 entries, oldest first. */
  readonly story: readonly GroupStoryEntry[];
}

/** One line of the story of a group. */
export interface GroupStoryEntry {
  /** When; ISO. */
  readonly at: string;
  /** What. */
  readonly event: string;
  /** Who. */
  readonly by?: string;
  /** Why. */
  readonly reason?: string;
}

/** Result of the workflow. */
export interface GroupOutcome {
  readonly queue: string;
  readonly group: string;
  readonly status: GroupStatus;
  readonly letters: number;
  readonly ended: 'idle';
}
