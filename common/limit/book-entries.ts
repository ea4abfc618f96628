import type { Share } from './limit.js';
import type { LongUse } from './long-use.js';

export interface WorkerEntry {
  /** Its share of each key that is not listed. */
  base: number;
  baseUntil: number;
  /** What it had before, and may have used until then. */
  before: number;
  beforeUntil: number;
  /** Keys that were listed before this time: it knows of them. */
  answeredAt: number;
  /** Of its last report. */
  sequence: number;
}

export interface Lease {
  shares: readonly Share[];
  until: number;
  /** What the worker may have used before this lease, until then. */
  before: readonly Share[];
  beforeUntil: number;
  /** What it would use. */
  perSecond: number;
  waiting: number;
  running: number;
  tokens: number;
}

export interface KeyEntry {
  /** Workers must ask for it since then; undefined: only its long windows are counted. */
  listedAt: number | undefined;
  /** Until then nothing is given: its leases were dropped, and what they gave may be in use. 0: not closed. */
  closedUntil: number;
  readonly leases: Map<string, Lease>;
  readonly use: LongUse;
}
