import { beginning } from '../text/text.js';
import type { KeyCounts } from './counts.js';

/**
 * Where a group stands. People set it; letters change it.
 *
 * | from | event | to |
 * | --- | --- | --- |
 * | | its first letter | OPEN |
 * | OPEN, REGRESSED | mute | MUTED |
 * | MUTED | the time is over, too many letters, unmute | OPEN |
 * | OPEN, MUTED, REGRESSED | resolve; all its letters were replayed after a deploy | RESOLVED |
 * | RESOLVED | a letter that was written after that | REGRESSED |
 */
export const GroupStatus = {
  /** It has letters, and needs somebody who looks after it. */
  OPEN: 'OPEN',
  /** Somebody knows of it: no alerts for now. */
  MUTED: 'MUTED',
  /** The cause is mended, as somebody says. */
  RESOLVED: 'RESOLVED',
  /** It has come back after it was resolved. */
  REGRESSED: 'REGRESSED',
} as const;
/** A state of a group: one of the values of the constant of the same name. */
export type GroupStatus = (typeof GroupStatus)[keyof typeof GroupStatus];

/** What is done with the next letters of a group. */
export const GroupDefault = {
  /** They wait for a decision, as letters do. */
  WAIT: 'wait',
  /** They are written, and closed as DISCARDED. */
  DISCARD: 'discard',
  /** The workflow waits for the outcome of its letter, as with `onExhausted: 'park'`. */
  PARK: 'park',
  /** They wait. When workers of another build run the activity, one of them is replayed, and then the others. */
  REPLAY_AFTER_DEPLOY: 'replayAfterDeploy',
} as const;
/** What is done with the next letters of a group: one of the values of the constant of the same name. */
export type GroupDefault = (typeof GroupDefault)[keyof typeof GroupDefault];

/** What a person has set for the next letters, and why. */
export interface GroupPreset {
  /** What is done with them. */
  readonly action: GroupDefault;
  /** Who has set it. */
  readonly by?: string;
  /** Why. */
  readonly reason?: string;
}

/** One line of the story of a group. */
export interface GroupEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What happened, in a few words. */
  readonly event: string;
  readonly by?: string;
  readonly reason?: string;
}

/** The newest letter. */
export interface SampleLetter {
  /** Workflow id of the letter. */
  readonly id: string;
  /** Message of its error, without secrets: its first 300 characters. */
  readonly message?: string;
}

/** Until when a group is muted. Times in milliseconds since the epoch. */
export interface Mute {
  readonly until?: number;
  /** It ends with more letters in all than this number. */
  readonly letters?: number;
}

/** What is known for a replay after a deploy. */
export interface DeployState {
  /** Builds whose workers failed these calls. */
  readonly failed: readonly string[];
  /** Task queues on which the calls failed. */
  readonly taskQueues: readonly string[];
  /** Letters to be replayed. */
  readonly letters: number;
  /** The redrive that runs, and the builds that it tries. */
  readonly redrive?: { readonly id: string; readonly builds: readonly string[] };
}

/** The group as it goes from run to run. Times in milliseconds since the epoch, of the server's clock. */
export interface GroupState {
  readonly status: GroupStatus;
  readonly since: number;
  readonly resolvedAt?: number;
  /** Letters written. */
  readonly letters: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly activities: KeyCounts;
  readonly hosts: KeyCounts;
  readonly versions: KeyCounts;
  readonly sample?: SampleLetter;
  readonly note?: string;
  readonly owner?: string;
  readonly link?: string;
  readonly mute?: Mute;
  readonly preset: GroupPreset;
  /** Letters by minute of the last hour: minute since the epoch, and their number. */
  readonly recent: readonly (readonly [minute: number, letters: number])[];
  readonly spikeAt?: number;
  readonly deploy: DeployState;
  /** Redrives that it has started. */
  readonly redrives: number;
  /** The last ones, oldest first. */
  readonly log: readonly GroupEntry[];
}

const KEPT_ENTRIES = 50;
/** Characters of one text of an entry. */
const MAX_TEXT = 1_000;

/** What alerts are made of. */
export type GroupEvent = 'new' | 'regressed' | 'spike';

export interface GroupStep {
  readonly state: GroupState;
  readonly events: readonly GroupEvent[];
}

export function initialGroup(now: number): GroupState {
  const none: KeyCounts = { keys: {}, others: 0 };
  return {
    ...{ status: GroupStatus.OPEN, since: now, letters: 0, firstSeen: now, lastSeen: now },
    ...{ activities: none, hosts: none, versions: none },
    ...{ preset: { action: GroupDefault.WAIT }, recent: [], redrives: 0, log: [] },
    deploy: { failed: [], taskQueues: [], letters: 0 },
  };
}

export function withEntry(state: GroupState, { at, event, by, reason }: GroupEntry): GroupState {
  const entry: GroupEntry = {
    ...{ at, event: beginning(event, MAX_TEXT) },
    ...(by === undefined ? {} : { by: beginning(by, MAX_TEXT) }),
    ...(reason === undefined ? {} : { reason: beginning(reason, MAX_TEXT) }),
  };
  return { ...state, log: [...state.log, entry].slice(-KEPT_ENTRIES) };
}
