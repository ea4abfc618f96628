import type { KeyEntry, Lease, WorkerEntry } from './book-entries.js';
import { type BookState, readBook, writeBook } from './book-state.js';
import { fairShares } from './fair-shares.js';
import { dividedOf, type Limit, LONGEST_SHARED_MS, longOf, type Share } from './limit.js';
import { LongUse } from './long-use.js';
import type { KeyLease, KeyRequest, LeaseAnswer, LeaseRequest, ShownKey } from './messages.js';

/** Which limit holds for a key. */
export interface LimitOf {
  of(key: string): Limit;
  readonly ofAll: Limit;
  /** Keys that have another limit than all. */
  readonly keysChanged: ReadonlyMap<string, Limit>;
}

/** The share of a limit that workers use without asking for the key. */
const UNASKED_SHARE = 0.5;
/** Of what is left of it, for a worker that comes. */
const SHARE_OF_REST = 0.5;
const BASE_MS = 60_000;
/** Until the fleet has shared it evenly. */
const FIRST_BASE_MS = 10_000;
/** One workflow takes about five updates a second without delay. */
const TURN_MS = 240;
const LEAST_RENEW_MS = 2_400;
/** A renewal may fail once. */
const RENEWALS_IN_LEASE = 2.5;
/** Where all workers together want less than this share, leases are longer. They give less: others may come meanwhile. */
const CALM_SHARE = 0.5;
const CALM_RENEW_MS = 30_000;
const CALM_LEASE_MS = 45_000;
const ROOM_IF_CALM = 4;
const MORE_THAN_NOW = 1.2;
/** A worker uses what it had before until the answer is there, but not longer than this after it has asked. */
export const FLIGHT_MS = 2_000;
const MAX_KEYS = 1_000;
const MAX_WORKERS = 1_000;
const MAX_LISTED = 200;
const TIDY_EVERY_MS = 5_000;
const ROTATES_EVERY_MS = 30_000;

/**
 * What the entity of a limit gives to which worker.
 *
 * At any time the sum of what all workers may use of a key is at most its limit, in every window. A worker may use its
 * base share of a key without asking (all base shares together are half of the limit). A key that needs more is listed: from
 * then on each worker has what it asks for, divided fairly. What was given counts until its lease has ended *and* the window has
 * passed, because it may have been used at the last moment. Times in milliseconds of one clock.
 */
export class LimitBook {
  private readonly workers: Map<string, WorkerEntry>;
  private readonly keys: Map<string, KeyEntry>;
  private tidiedAt = 0;

  constructor(
    private readonly limits: LimitOf,
    state: BookState = { at: 0, ids: [], workers: [], keys: [] },
  ) {
    [this.workers, this.keys] = readBook(state);
  }

  lease(request: LeaseRequest, now: number): LeaseAnswer {
    this.tidy(now);
    const worker = this.workerOf(request.worker, now);
    this.count(request, worker, now);
    const uncounted = this.uncounted(request);
    if (request.leaves) this.leave(request.worker, now);
    for (const key of this.limits.keysChanged.keys()) this.list(key, now);
    const asked = request.leaves ? [] : request.keys;
    const isRenewed = new Set(
      asked.flatMap(({ key }) => {
        const until = this.keys.get(key)?.leases.get(request.worker)?.until ?? now;
        return until > now ? [key] : [];
      }),
    );
    const given = asked.flatMap((each) => this.giveBackOrKeep(request.worker, each, now) ?? []);
    const listed = this.tellListed(request.worker, worker, given, now);
    const keys = given.map(({ key }) => this.give(request.worker, key, isRenewed.has(key), now));
    if (request.leaves) this.workers.delete(request.worker);
    else this.renewBase(request.worker, worker, listed.length > MAX_LISTED, now);
    return {
      ...{
        v: 1,
        limit: this.limits.ofAll,
        base: worker.base,
        baseForMs: Math.max(0, worker.baseUntil - now),
      },
      ...{ listed: listed.slice(0, MAX_LISTED), keys, renewInMs: this.renewInMs },
      ...(uncounted.length === 0 ? {} : { uncounted }),
      workers: Math.max(1, this.workers.size),
    };
  }

  get size(): number {
    return this.workers.size;
  }

  /** Whether a worker has anything of the limit, or its long windows are in use. */
  isIdle(now: number): boolean {
    this.tidiedAt = 0;
    this.tidy(now);
    return this.workers.size === 0 && this.keys.size === 0;
  }

  shown(now: number): ShownKey[] {
    return [...this.keys]
      .filter(([, { listedAt }]) => listedAt !== undefined)
      .map(([key, entry]) => {
        const active = [...entry.leases.values()].filter(({ until }) => until > now);
        return {
          key,
          workers: active.length,
          wantedPerSecond: Math.round(active.reduce((sum, { perSecond }) => sum + perSecond, 0) * 10) / 10,
          long: longOf(this.limits.of(key)).map(({ calls, perMs }) => ({
            ...{ calls, perMs },
            used: entry.use.used(perMs, now),
          })),
        };
      })
      .sort((a, b) => b.wantedPerSecond - a.wantedPerSecond || (a.key < b.key ? -1 : 1));
  }

  /** What the next run goes on with, in at most this number of bytes of JSON: keys that are used least lose their leases. */
  carryOver(now: number, bytes: number): BookState {
    this.tidiedAt = 0;
    this.tidy(now);
    return writeBook([this.workers, this.keys], now, bytes, (key) => this.close(key));
  }

  /** Drops the leases of a key. Nothing is given of it as long as they count. */
  private close(key: string): void {
    const entry = this.keys.get(key);
    if (entry === undefined) return;
    const limit = this.limits.of(key);
    const longest = longestOf(limit);
    for (const { until, beforeUntil, tokens } of entry.leases.values()) {
      entry.closedUntil = Math.max(entry.closedUntil, Math.max(until, beforeUntil) + longest);
      entry.use.add(tokens, longOf(limit), until);
    }
    entry.leases.clear();
  }

  private get renewInMs(): number {
    return Math.max(LEAST_RENEW_MS, this.workers.size * TURN_MS);
  }

  private workerOf(id: string, now: number): WorkerEntry {
    const known = this.workers.get(id);
    if (known !== undefined) return known;
    const made: WorkerEntry = {
      ...{ base: 0, baseUntil: now, before: 0, beforeUntil: now },
      ...{ answeredAt: now, sequence: -1 },
    };
    if (this.workers.size < MAX_WORKERS) this.workers.set(id, made);
    return made;
  }

  /** Of what is sent twice, because the first answer was lost, the second counts nothing. */
  private count({ worker: id, report }: LeaseRequest, worker: WorkerEntry, now: number): void {
    if (report === undefined || report.sequence <= worker.sequence) return;
    worker.sequence = report.sequence;
    for (const [key, used] of Object.entries(report.used)) {
      const windows = longOf(this.limits.of(key));
      if (windows.length === 0) continue;
      const entry = this.entryOf(key);
      if (entry === undefined) continue;
      entry.use.add(used, windows, now);
      const lease = entry.leases.get(id);
      if (lease !== undefined) lease.tokens = Math.max(0, lease.tokens - used);
      const isHalfUsed = windows.some(
        ({ calls, perMs }) => entry.use.used(perMs, now) > calls * UNASKED_SHARE,
      );
      if (isHalfUsed) entry.listedAt ??= now;
    }
  }

  private uncounted({ report }: LeaseRequest): string[] {
    return Object.keys(report?.used ?? {}).filter(
      (key) => !this.keys.has(key) && longOf(this.limits.of(key)).length > 0,
    );
  }

  private entryOf(key: string): KeyEntry | undefined {
    const known = this.keys.get(key);
    const hasRoom = this.keys.size < MAX_KEYS || this.limits.keysChanged.has(key);
    if (known !== undefined || !hasRoom) return known;
    const made: KeyEntry = { listedAt: undefined, closedUntil: 0, leases: new Map(), use: new LongUse() };
    this.keys.set(key, made);
    return made;
  }

  private list(key: string, now: number): KeyEntry | undefined {
    const entry = this.entryOf(key);
    if (entry !== undefined) entry.listedAt ??= now;
    return entry;
  }

  /** What the worker had ends now, as far as it was used. @returns the request where it asks for more */
  private giveBackOrKeep(id: string, request: KeyRequest, now: number): KeyRequest | undefined {
    const entry = request.asks ? this.list(request.key, now) : this.keys.get(request.key);
    const lease = entry?.leases.get(id);
    if (entry === undefined || (!request.asks && lease === undefined)) return undefined;
    const before = request.claimed.map(({ calls, perMs }) => ({
      perMs,
      // It cannot have used more than it had; without a lease that was its base share.
      calls: Math.min(calls, this.hadOf(id, lease, perMs, request.key, now)),
    }));
    const next: Lease = {
      ...{ shares: [], until: now, before, beforeUntil: now + FLIGHT_MS, tokens: lease?.tokens ?? 0 },
      ...{ perSecond: request.perSecond, waiting: request.waiting, running: request.running },
    };
    if (!request.asks) next.tokens = 0;
    entry.leases.set(id, next);
    return request.asks ? request : undefined;
  }

  private hadOf(id: string, lease: Lease | undefined, perMs: number, key: string, now: number): number {
    if (lease !== undefined) return Math.max(callsIn(lease.shares, perMs), callsIn(lease.before, perMs));
    const worker = this.workers.get(id);
    const base = worker === undefined ? 0 : baseOf(worker, perMs, now);
    return Math.floor(base * callsIn(dividedOf(this.limits.of(key)), perMs));
  }

  /** A worker that knows that a key is listed uses its base share of it no longer. */
  private tellListed(id: string, worker: WorkerEntry, given: readonly KeyRequest[], now: number): string[] {
    const asked = new Set(given.map(({ key }) => key));
    const listed: string[] = [];
    for (const [key, entry] of this.keys) {
      if (entry.listedAt === undefined || asked.has(key)) continue;
      listed.push(key);
      if (!entry.leases.has(id) && worker.answeredAt <= entry.listedAt)
        entry.leases.set(id, this.endedBase(worker, key, now));
    }
    worker.answeredAt = now;
    return listed;
  }

  private endedBase(worker: WorkerEntry, key: string, now: number): Lease {
    const before = dividedOf(this.limits.of(key)).map(({ calls, perMs }) => ({
      ...{ perMs, calls: Math.floor(baseOf(worker, perMs, now) * calls) },
    }));
    return {
      ...{ shares: [], until: now, before, beforeUntil: now + FLIGHT_MS },
      ...{ perSecond: 0, waiting: 0, running: 0, tokens: 0 },
    };
  }

  private give(id: string, key: string, isRenewal: boolean, now: number): KeyLease {
    const entry = this.keys.get(key) as KeyEntry;
    const limit = this.limits.of(key);
    const lease = entry.leases.get(id) as Lease;
    const active = [...entry.leases].filter(([other, { until }]) => other === id || until > now);
    const rotation = Math.floor(now / ROTATES_EVERY_MS);
    const own = active.findIndex(([other]) => other === id);
    const divided = dividedOf(limit).map((each) => ({
      ...each,
      wants: active.map(([, lease]) => wantedIn(each.perMs, lease)),
    }));
    const isCalm = divided.every(
      ({ calls, wants }) => wants.reduce((sum, each) => sum + each, 0) <= calls * CALM_SHARE,
    );
    const workers = Math.max(active.length, this.workers.size);
    let isEnough = true;
    const shares = divided.map(({ calls, perMs, wants }) => {
      const want = wants[own] ?? 0;
      const fair = fairShares(calls, wants, rotation)[own] ?? 0;
      const room = Math.max(want * ROOM_IF_CALM, Math.floor((calls * UNASKED_SHARE) / workers));
      const free =
        entry.closedUntil > now ? 0 : calls - this.reservedByOthers(id, entry, { calls, perMs }, now);
      const share = Math.max(0, Math.min(isCalm ? Math.min(fair, room) : fair, free));
      if (share * CALM_SHARE < want) isEnough = false;
      return { calls: share, perMs };
    });
    // At the first lease it is not known yet who else asks.
    const isLong = isCalm && isEnough && isRenewal && longOf(limit).length === 0;
    const renewInMs = isLong ? Math.max(CALM_RENEW_MS, 2 * this.renewInMs) : this.renewInMs;
    const forMs = Math.round(
      isLong ? renewInMs + CALM_LEASE_MS - CALM_RENEW_MS : renewInMs * RENEWALS_IN_LEASE,
    );
    lease.until = now + forMs;
    // Calls that run go on, whatever the share is.
    lease.shares = shares.map(({ calls, perMs }) => ({
      perMs,
      calls: perMs === 0 ? Math.max(calls, lease.running) : calls,
    }));
    return {
      ...{ key, shares, forMs, renewInMs },
      ...(this.limits.of(key) === this.limits.ofAll ? {} : { limit }),
      ...this.giveTokens(id, entry, lease, limit, active.length, now, forMs),
    };
  }

  private giveTokens(
    id: string,
    entry: KeyEntry,
    lease: Lease,
    limit: Limit,
    workers: number,
    now: number,
    forMs: number,
  ): Pick<KeyLease, 'tokens' | 'tokensInMs'> {
    const windows = longOf(limit);
    if (windows.length === 0) return {};
    const others = [...entry.leases].reduce(
      (sum, [other, { tokens }]) => sum + (other === id ? 0 : tokens),
      0,
    );
    const left = windows.map(({ calls, perMs }) => {
      const unasked = this.unasked(id, entry, (base) => Math.floor(base * calls), 0, now);
      return calls - entry.use.used(perMs, now) - others - unasked;
    });
    const free = Math.max(0, Math.min(...left));
    const wanted = Math.ceil(Math.max(lease.waiting, (lease.perSecond * forMs * MORE_THAN_NOW) / 1_000, 1));
    // Each worker takes a part of what is left, so that all have some until the end.
    const part = Math.max(Math.min(1, free), Math.floor(free / (2 * workers)));
    const tokens = Math.min(free, Math.max(lease.tokens, Math.min(wanted, part)));
    lease.tokens = Math.max(tokens, lease.tokens);
    if (tokens > 0) return { tokens };
    const waits = windows.flatMap(({ perMs }, at) =>
      (left[at] ?? 0) > 0 ? [] : [entry.use.freesInMs(perMs, now) ?? forMs],
    );
    return { tokens, tokensInMs: Math.max(1, ...waits) };
  }

  private reservedByOthers(id: string, entry: KeyEntry, { calls, perMs }: Share, now: number): number {
    let reserved = 0;
    for (const [other, lease] of entry.leases) {
      if (other === id) continue;
      const given = lease.until > now - perMs ? callsIn(lease.shares, perMs) : 0;
      const before = lease.beforeUntil > now - perMs ? callsIn(lease.before, perMs) : 0;
      reserved += Math.max(given, before);
    }
    return reserved + this.unasked(id, entry, (base) => Math.floor(base * calls), perMs, now);
  }

  /** What workers may use of a key without asking that do not know yet that it is listed. */
  private unasked(
    id: string,
    entry: KeyEntry,
    amountOf: (base: number) => number,
    perMs: number,
    now: number,
  ): number {
    let sum = 0;
    for (const [other, worker] of this.workers) {
      if (other === id || entry.leases.has(other)) continue;
      if (worker.answeredAt > (entry.listedAt ?? now)) continue;
      sum += amountOf(baseOf(worker, perMs, now));
    }
    return sum;
  }

  /** The base shares of all workers are at most half of the limit; those that come later get a part of the rest. */
  private renewBase(id: string, worker: WorkerEntry, none: boolean, now: number): void {
    const even = UNASKED_SHARE / this.workers.size;
    let others = 0;
    for (const [other, entry] of this.workers) {
      if (other !== id) others += baseOf(entry, LONGEST_SHARED_MS, now);
    }
    const rest = Math.max(0, UNASKED_SHARE - others);
    const base =
      none || !this.workers.has(id) ? 0 : Math.min(even, worker.base > 0 ? rest : rest * SHARE_OF_REST);
    worker.before = baseOf(worker, 0, now);
    worker.beforeUntil = Math.min(worker.baseUntil, now + FLIGHT_MS);
    worker.base = base;
    const longest = Math.max(BASE_MS, this.workers.size * 2 * TURN_MS);
    const isEven = base > even * 0.9;
    worker.baseUntil = now + (isEven ? longest : Math.max(FIRST_BASE_MS, this.renewInMs * 2));
  }

  private leave(id: string, now: number): void {
    const worker = this.workers.get(id);
    for (const [key, entry] of this.keys) {
      const lease = entry.leases.get(id);
      if (lease !== undefined) {
        lease.until = Math.min(lease.until, now + FLIGHT_MS);
        lease.tokens = 0;
      } else if (entry.listedAt !== undefined && worker !== undefined)
        entry.leases.set(id, this.endedBase(worker, key, now));
    }
  }

  /** Forgets what counts no longer. Tokens of a lease that has ended may have been used. */
  private tidy(now: number): void {
    if (now - this.tidiedAt < TIDY_EVERY_MS && now >= this.tidiedAt) return;
    this.tidiedAt = now;
    for (const [key, entry] of [...this.keys]) {
      const limit = this.limits.of(key);
      const longest = longestOf(limit);
      for (const [id, lease] of [...entry.leases]) {
        if (lease.until > now) continue;
        entry.use.add(lease.tokens, longOf(limit), lease.until);
        lease.tokens = 0;
        if (Math.max(lease.until, lease.beforeUntil) + longest <= now) entry.leases.delete(id);
      }
      if (entry.leases.size > 0 || entry.closedUntil > now || this.limits.keysChanged.has(key)) continue;
      const isHalfUsed = longOf(limit).some(
        ({ calls, perMs }) => entry.use.used(perMs, now) > calls * UNASKED_SHARE,
      );
      if (!isHalfUsed) entry.listedAt = undefined;
      if (entry.listedAt === undefined && entry.use.isEmpty(now)) this.keys.delete(key);
    }
    for (const [id, { baseUntil }] of [...this.workers]) {
      const holds = [...this.keys.values()].some(({ leases }) => leases.has(id));
      if (baseUntil + LONGEST_SHARED_MS <= now && !holds) this.workers.delete(id);
    }
  }
}

/** The share of each key that a worker may have used without asking in a window that ends now. */
function baseOf({ base, baseUntil, before, beforeUntil }: WorkerEntry, perMs: number, now: number): number {
  return Math.max(baseUntil > now - perMs ? base : 0, beforeUntil > now - perMs ? before : 0);
}

function longestOf(limit: Limit): number {
  return Math.max(0, ...dividedOf(limit).map(({ perMs }) => perMs));
}

function callsIn(shares: readonly Share[], perMs: number): number {
  return shares.find((each) => each.perMs === perMs)?.calls ?? 0;
}

function wantedIn(perMs: number, { perSecond, waiting, running }: Lease): number {
  if (perMs === 0) return running + waiting + 1;
  return Math.max(1, waiting, Math.ceil((perSecond * perMs * MORE_THAN_NOW) / 1_000));
}
