import { beginning } from '../text/text.js';
import { describeLimit, type Limit, sameLimit } from './limit.js';
import { withinStated } from './stated.js';

/** What a person has set instead of what is configured. */
export interface LimitChange {
  readonly limit: Limit;
  readonly by?: string;
  readonly why?: string;
  readonly since: number;
  /** When it ends by itself. */
  readonly expiresAt?: number;
}

/** What the service states. */
export interface StatedLimit {
  readonly limit: Limit;
  readonly since: number;
  readonly expiresAt: number;
}

/** The same for people; times as ISO. */
export interface ShownStated {
  /** The key of `quotaKey` that it is for. Absent: all. */
  readonly key?: string;
  /** What the service states. */
  readonly limit: Limit;
  /** When it was stated; ISO. */
  readonly since: string;
  /** When it ends; ISO. */
  readonly expiresAt: string;
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
  /** By key; null: of all. */
  readonly stated?: readonly (readonly [key: string | null, stated: StatedLimit])[];
  readonly changes?: readonly string[];
}

const EXPIRED = 'expired';
const KEPT_CHANGES = 20;
const MAX_CHANGED_KEYS = 200;
const MAX_STATED_KEYS = 200;
/** Characters of a name or a reason. */
export const MAX_WHO = 500;

/**
 * Which limit holds for a key: what a person has set for it or for all, else what the workers are configured with, but at most
 * what the service states.
 */
export class LimitRules {
  private configured: Limit;
  private configuredAt: string;
  private conflictAt: string | undefined;
  private changed: LimitChange | undefined;
  private readonly changedKeys: Map<string, LimitChange>;
  /** The oldest first. */
  private readonly stated: Map<string | undefined, StatedLimit>;
  private changes: readonly string[];
  private holds: { readonly all: Limit; readonly keys: ReadonlyMap<string, Limit> };

  constructor(state: LimitRulesState) {
    this.configured = state.limit;
    this.configuredAt = state.configuredAt;
    this.conflictAt = state.conflictAt;
    this.changed = state.changed;
    this.changedKeys = new Map(state.changedKeys);
    this.stated = new Map(state.stated?.map(([key, stated]) => [key ?? undefined, stated]));
    this.changes = state.changes ?? [];
    this.holds = this.whatHolds();
  }

  of(key: string): Limit {
    return this.holds.keys.get(key) ?? this.holds.all;
  }

  get ofAll(): Limit {
    return this.holds.all;
  }

  /** Keys that have another limit than all. */
  get keysChanged(): ReadonlyMap<string, Limit> {
    return this.holds.keys;
  }

  get hasChanges(): boolean {
    return this.changed !== undefined || this.changedKeys.size > 0;
  }

  /** Of workers that are configured differently, those configured last are right: a deployment under way. */
  configure(limit: Limit, configuredAt: string, now: number): void {
    if (sameLimit(limit, this.configured)) {
      if (this.isUnknown) this.configuredAt = configuredAt;
      return;
    }
    if (!this.isUnknown) this.conflictAt = new Date(now).toISOString();
    if (configuredAt <= this.configuredAt) return;
    this.configured = limit;
    this.configuredAt = configuredAt;
    this.holds = this.whatHolds();
  }

  /** A person made it: it has a limit that no worker gave. */
  private get isUnknown(): boolean {
    return this.configuredAt.startsWith('1970-');
  }

  /** The service states a limit. @returns false where it is no lower than what it and the workers are known to keep */
  takeStated(key: string | undefined, stated: StatedLimit): boolean {
    const { windows } = stated.limit;
    if (withinStated(this.withinStated(this.configured, key), windows) === undefined) return false;
    const known = this.stated.get(key)?.limit;
    const limit = (known && withinStated(known, windows)) ?? { windows };
    // The newest is the last one.
    this.stated.delete(key);
    this.stated.set(key, { ...stated, limit });
    const [oldest] = this.stated.keys();
    if (this.stated.size > MAX_STATED_KEYS) this.stated.delete(oldest);
    this.holds = this.whatHolds();
    return true;
  }

  /** @returns false where there are more keys than are kept */
  set(key: string | undefined, wanted: LimitChange): boolean {
    const change = { ...wanted, by: cut(wanted.by), why: cut(wanted.why) };
    if (key === undefined) this.changed = change;
    else if (this.changedKeys.size >= MAX_CHANGED_KEYS && !this.changedKeys.has(key)) return false;
    else this.changedKeys.set(key, change);
    this.holds = this.whatHolds();
    const { limit, by, why, since, expiresAt } = change;
    const until = expiresAt === undefined ? '' : ` until ${iso(expiresAt)}`;
    this.note(since, key, `set to ${describeLimit(limit)}${until}`, by, why);
    return true;
  }

  /** Back to what is configured. @returns false where nothing was changed */
  clear(key: string | undefined, { by, why }: Pick<LimitChange, 'by' | 'why'>, now: number): boolean {
    const isChanged = key === undefined ? this.changed !== undefined : this.changedKeys.has(key);
    if (!isChanged && !this.stated.has(key)) return false;
    if (key === undefined) this.changed = undefined;
    else this.changedKeys.delete(key);
    // One that has ended lets hold what the service states.
    if (why !== EXPIRED || by !== undefined) this.stated.delete(key);
    this.holds = this.whatHolds();
    this.note(now, key, `back to ${describeLimit(this.of(key ?? ''))}`, by, why);
    return true;
  }

  /** Ends what has expired. @returns true where that was something */
  tick(now: number): boolean {
    let ended = this.endStated(now);
    const isOver = ({ expiresAt }: LimitChange) => expiresAt !== undefined && expiresAt <= now;
    for (const [key, change] of [...this.changedKeys]) {
      if (isOver(change)) ended = this.clear(key, { why: EXPIRED }, now) || ended;
    }
    if (this.changed !== undefined && isOver(this.changed))
      ended = this.clear(undefined, { why: EXPIRED }, now) || ended;
    return ended;
  }

  /** When the first change ends by itself. */
  get nextEnd(): number | undefined {
    const all = [this.changed, ...this.changedKeys.values(), ...this.stated.values()];
    const ends = all.flatMap((each) => each?.expiresAt ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  get state(): LimitRulesState {
    const { configured, configuredAt, conflictAt, changed, changedKeys, stated, changes } = this;
    return {
      ...{ limit: configured, configuredAt, conflictAt, changed, changes },
      ...(changedKeys.size === 0 ? {} : { changedKeys: [...changedKeys] }),
      ...(stated.size === 0
        ? {}
        : { stated: [...stated].map(([key, each]) => [key ?? null, each] as const) }),
    };
  }

  get shown() {
    return {
      ...{ limit: this.ofAll, configured: this.configured, conflictAt: this.conflictAt },
      ...(this.isUnknown ? { unknownToWorkers: true as const } : {}),
      ...(this.changed === undefined ? {} : { changed: shownChange(this.changed) }),
      changedKeys: [...this.changedKeys].map(([key, change]) => ({ key, ...shownChange(change) })),
      stated: [...this.stated].map(([key, each]) => shownStated(key, each)),
      changes: this.changes,
    };
  }

  private whatHolds() {
    const all = this.changed?.limit ?? this.withinStated(this.configured, undefined);
    const keys = new Map<string, Limit>();
    for (const key of this.changed === undefined ? this.stated.keys() : []) {
      const limit = key === undefined ? all : this.withinStated(this.configured, key);
      if (key !== undefined && !sameLimit(limit, all)) keys.set(key, limit);
    }
    for (const [key, { limit }] of this.changedKeys) keys.set(key, limit);
    return { all, keys };
  }

  /** A limit, but at most what the service states for all and for a key. */
  private withinStated(limit: Limit, key: string | undefined): Limit {
    const stated = [this.stated.get(undefined), key === undefined ? undefined : this.stated.get(key)];
    return (
      withinStated(
        limit,
        stated.flatMap((each) => each?.limit.windows ?? []),
      ) ?? limit
    );
  }

  private endStated(now: number): boolean {
    const over = [...this.stated].filter(([, { expiresAt }]) => expiresAt <= now);
    for (const [key] of over) this.stated.delete(key);
    if (over.length > 0) this.holds = this.whatHolds();
    return over.length > 0;
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

/** Redaction may make a text longer than it came. */
function cut(text: string | undefined): string | undefined {
  return text && beginning(text, MAX_WHO);
}

function shownStated(key: string | undefined, { limit, since, expiresAt }: StatedLimit): ShownStated {
  return { ...(key === undefined ? {} : { key }), limit, since: iso(since), expiresAt: iso(expiresAt) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
