import { beginning } from '../text/text.js';
import { describeLimit, type Limit, sameLimit } from './limit.js';

/** What a person has set instead of what is configured. */
export interface LimitChange {
  readonly limit: Limit;
  readonly by?: string;
  readonly why?: string;
  readonly since: number;
  /** When it ends by itself. */
  readonly expiresAt?: number;
  /** The service has stated it, and no person. */
  readonly isStated?: true;
}

/** The same for people; times as ISO. */
export interface ShownChange {
  /** The limit that was set. */
  readonly limit: Limit;
  /** Who has set it. */
  readonly by?: string;
  /** The reason that was given. */
  readonly why?: string;
  /** When it was set; ISO. */
  readonly since: string;
  /** When it ends; ISO. Absent: it has no end. */
  readonly expiresAt?: string;
}

export interface LimitRulesState {
  readonly limit: Limit;
  readonly configuredAt: string;
  readonly conflictAt?: string;
  readonly changed?: LimitChange;
  readonly changedKeys?: readonly (readonly [key: string, change: LimitChange])[];
  readonly changes?: readonly string[];
}

const KEPT_CHANGES = 20;
const MAX_CHANGED_KEYS = 200;

/** Which limit holds for a key: what a person has set, else what the workers are configured with. */
export class LimitRules {
  private configured: Limit;
  private configuredAt: string;
  private conflictAt: string | undefined;
  private changed: LimitChange | undefined;
  private readonly changedKeys: Map<string, LimitChange>;
  private changes: readonly string[];

  constructor(state: LimitRulesState) {
    this.configured = state.limit;
    this.configuredAt = state.configuredAt;
    this.conflictAt = state.conflictAt;
    this.changed = state.changed;
    this.changedKeys = new Map(state.changedKeys);
    this.changes = state.changes ?? [];
  }

  of(key: string): Limit {
    return this.changedKeys.get(key)?.limit ?? this.ofAll;
  }

  get ofAll(): Limit {
    return this.changed?.limit ?? this.configured;
  }

  /** A person has set the limit of this key. */
  isChanged(key: string): boolean {
    return this.changedKeys.has(key);
  }

  get keysChanged(): readonly string[] {
    return [...this.changedKeys.keys()];
  }

  get hasChanges(): boolean {
    return this.changed !== undefined || this.changedKeys.size > 0;
  }

  /** Of workers that are configured differently, those configured last are right: a deployment under way. */
  configure(limit: Limit, configuredAt: string, now: number): void {
    if (sameLimit(limit, this.configured)) return;
    // One that a person made has a limit that no worker gave.
    if (!this.configuredAt.startsWith('1970-')) this.conflictAt = new Date(now).toISOString();
    if (configuredAt <= this.configuredAt) return;
    this.configured = limit;
    this.configuredAt = configuredAt;
  }

  /** What a person has set for a key, or for all, stays: the service states it again when that has ended. */
  mayState(key: string | undefined): boolean {
    const set = (key === undefined ? undefined : this.changedKeys.get(key)) ?? this.changed;
    return set === undefined || set.isStated === true;
  }

  /** @returns false where there are more keys than are kept */
  set(key: string | undefined, change: LimitChange): boolean {
    if (key === undefined) this.changed = change;
    else if (this.changedKeys.size >= MAX_CHANGED_KEYS && !this.changedKeys.has(key)) return false;
    else this.changedKeys.set(key, change);
    const { limit, by, why, since, expiresAt } = change;
    const until = expiresAt === undefined ? '' : ` until ${iso(expiresAt)}`;
    this.note(since, key, `set to ${describeLimit(limit)}${until}`, by, why);
    return true;
  }

  /** Back to what is configured. @returns false where nothing was changed */
  clear(key: string | undefined, { by, why }: Pick<LimitChange, 'by' | 'why'>, now: number): boolean {
    const isChanged = key === undefined ? this.changed !== undefined : this.changedKeys.has(key);
    if (!isChanged) return false;
    if (key === undefined) this.changed = undefined;
    else this.changedKeys.delete(key);
    this.note(now, key, `back to ${describeLimit(this.of(key ?? ''))}`, by, why);
    return true;
  }

  /** Ends what has expired. @returns true where that was something */
  tick(now: number): boolean {
    let ended = false;
    const isOver = ({ expiresAt }: LimitChange) => expiresAt !== undefined && expiresAt <= now;
    for (const [key, change] of [...this.changedKeys]) {
      if (isOver(change)) ended = this.clear(key, { why: 'expired' }, now) || ended;
    }
    if (this.changed !== undefined && isOver(this.changed))
      ended = this.clear(undefined, { why: 'expired' }, now) || ended;
    return ended;
  }

  /** When the first change ends by itself. */
  get nextEnd(): number | undefined {
    const ends = [this.changed, ...this.changedKeys.values()].flatMap((each) => each?.expiresAt ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  get state(): LimitRulesState {
    const { configured, configuredAt, conflictAt, changed, changedKeys, changes } = this;
    return {
      ...{ limit: configured, configuredAt, conflictAt, changed, changes },
      ...(changedKeys.size === 0 ? {} : { changedKeys: [...changedKeys] }),
    };
  }

  get shown() {
    return {
      ...{ limit: this.ofAll, configured: this.configured, conflictAt: this.conflictAt },
      ...(this.changed === undefined ? {} : { changed: shownChange(this.changed) }),
      changedKeys: [...this.changedKeys].map(([key, change]) => ({ key, ...shownChange(change) })),
      changes: this.changes,
    };
  }

  private note(at: number, key: string | undefined, what: string, by?: string, why?: string): void {
    const whose = key === undefined ? '' : ` of "${key}"`;
    const who = [by && `by ${by}`, why && `“${why}”`].filter(Boolean).join(', ');
    const line = beginning(`${iso(at)}: limit${whose} ${what}${who === '' ? '' : ` (${who})`}`, 600);
    this.changes = [...this.changes, line].slice(-KEPT_CHANGES);
  }
}

function shownChange({ limit, by, why, since, expiresAt }: LimitChange): ShownChange {
  return {
    limit,
    ...(by === undefined ? {} : { by }),
    ...(why === undefined ? {} : { why }),
    since: iso(since),
    ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
