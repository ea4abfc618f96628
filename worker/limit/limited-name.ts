import { FLIGHT_MS } from '../../common/limit/book.js';
import type { Rights } from '../../common/limit/key-limiter.js';
import { dividedOf, type Limit, longOf, type Share } from '../../common/limit/limit.js';
import {
  type KeyRequest,
  type LeaseAnswer,
  type LeaseRequest,
  MAX_KEYS,
} from '../../common/limit/messages.js';
import { LimitedKey } from './limited-key.js';
import type { Timers } from './timers.js';

export interface LimitedNameOptions {
  readonly limit: Limit;
  readonly configuredAt: string;
  readonly worker: string;
  readonly timers: Timers;
  /** @param id the same for a request that is sent again */
  ask(request: LeaseRequest, id: string): Promise<LeaseAnswer>;
  fault(error: unknown): void;
  /** Workers that take the same calls, as the server saw them: asked where the entity does not answer. Undefined: not known yet. */
  workers(): number | undefined;
  /** This number of calls of a key that wait at the server could go now. */
  wake(key: string, calls: number): void;
}

/** A key as this worker has asked for it. */
interface Asked {
  readonly limit?: Limit;
  readonly shares: readonly Share[];
  readonly until: number;
  readonly renewAt: number;
  /** All workers together want much less than the limit. */
  readonly isLong?: boolean;
  readonly tokens?: number;
  readonly tokensAt?: number;
}

/** A request, and what this worker keeps to until its answer. */
interface Sent {
  readonly request: LeaseRequest;
  readonly id: string;
  readonly keeps: ReadonlyMap<string, readonly Share[]>;
  /** When it was sent first. */
  readonly sentAt: number;
}

/** The last answer of the entity, by this worker's clock. */
interface Known {
  readonly limit: Limit;
  readonly base: number;
  readonly baseUntil: number;
  readonly listed: ReadonlySet<string>;
  readonly keys: Map<string, Asked>;
  readonly renewInMs: number;
  readonly workers: number;
}

/** Keys that are kept. They depend on arguments, and there may be any number of them. */
const MAX_KEPT = 2_000;
/** Of the calls of a key: without an answer of the entity its long windows are counted by these. */
const MOST_KEPT_TIMES = 100_000;
/** A request that cannot wait for the next renewal is made this time after the one before; some of them. */
const URGENT_GAP_MS = 50;
const MAX_URGENT = 3;
const URGENT_REFILL_MS = 6_000;
/** A base share is renewed in the background, while calls come, in the last part of its time. */
const RENEWS_BASE_AT = 0.6;
/** Where the entity does not answer for this time, calls go on with an even part of the limit. Until then they wait. */
const ALONE_AFTER_MS = 10_000;
/** How often a worker whose calls all wait at the server asks whether they may go: a person may have raised the limit. */
const LOOK_EVERY_MS = 30_000;
const WORTH_LOOKING_MS = 3_000;
/** Calls a second are counted over this time at most. */
const LONGEST_RATE_S = 60;
const FIRST_BACKOFF_MS = 500;
/** An answer that comes later is of no use. */
const REPEATS_FOR_MS = 30_000;
const MAX_BACKOFF_MS = 10_000;

/** One limit as one worker keeps it: what it may use, and when it asks for more. */
export class LimitedName {
  private readonly keys = new Map<string, LimitedKey>();
  /** Keys that need more than the base share. */
  private readonly wanted = new Set<string>();
  /** Keys without calls lately, but with some that wait at the server: whether these may go by now. */
  private readonly looking = new Set<string>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private known: Known | undefined;
  private flight: Sent | undefined;
  /** A request that was not answered in time. The entity may still work on it: more of them would hold it up. */
  private unanswered: Sent | undefined;
  private requests = 0;
  /** A call came meanwhile that needs another answer. */
  private asksAgain = false;
  private timer: unknown;
  private timerAt = Number.POSITIVE_INFINITY;
  private sentAt = Number.NEGATIVE_INFINITY;
  private urgent = MAX_URGENT;
  private urgentAt = 0;
  private failures = 0;
  private failingSince: number | undefined;
  private sequence = 0;
  private report: LeaseRequest['report'];
  private isClosed = false;

  constructor(private readonly options: LimitedNameOptions) {}

  get limit(): Limit {
    return this.known?.limit ?? this.options.limit;
  }

  limitOf(key: string): Limit {
    return this.known?.keys.get(key)?.limit ?? this.limit;
  }

  key(key: string): LimitedKey {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    if (this.keys.size >= MAX_KEPT) this.forgetOne();
    const made = new LimitedKey(
      (now) => this.rightsOf(key, now),
      () => this.expects(key),
      this.options.timers,
      (calls) => this.options.wake(key, calls),
    );
    for (const { calls } of this.limit.windows) made.limiter.keep(Math.min(calls, MOST_KEPT_TIMES));
    this.keys.set(key, made);
    return made;
  }

  /** Before a call of a key begins or waits: asks for what it may need. */
  use(key: string): void {
    const now = this.options.timers.now();
    const kind = this.needOf(key, now);
    if (kind !== undefined) this.askSoon(kind, now);
  }

  private needOf(key: string, now: number): 'urgent' | 'renewal' | undefined {
    const { known } = this;
    if (known === undefined || !this.isValid(known, now)) return 'urgent';
    if (this.failures > 0) return 'renewal';
    const { limiter, waiting } = this.key(key);
    const rights = this.givenRights(key, now);
    const isEnough = rights !== undefined && limiter.earliest(rights, now) <= now && waiting === 0;
    if (isEnough) {
      const isOld = now > known.baseUntil - (1 - RENEWS_BASE_AT) * (known.baseUntil - this.sentAt);
      return isOld && !this.wanted.has(key) ? 'renewal' : undefined;
    }
    this.wanted.add(key);
    return known.keys.has(key) ? 'renewal' : 'urgent';
  }

  /** Gives back what this worker has. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.options.timers.clear(this.timer);
    if (this.known === undefined || this.failures > 0) return;
    const { request, id } = this.request(this.options.timers.now());
    await this.options.ask({ ...request, keys: [], leaves: true }, id);
  }

  private isValid({ baseUntil, keys }: Known, now: number): boolean {
    return now < baseUntil || [...keys.values()].some(({ until }) => now < until);
  }

  /** More is asked for than what was answered. */
  private expects(key: string): boolean {
    return this.known === undefined || (this.wanted.has(key) && !this.known.keys.has(key));
  }

  private rightsOf(key: string, now: number): Rights | undefined {
    const { flight, failingSince } = this;
    if (failingSince !== undefined) {
      // The entity may have taken what it did not answer: what was given before may be another's now.
      return now - failingSince >= ALONE_AFTER_MS ? this.ownShare(key) : undefined;
    }
    const rights = this.givenRights(key, now);
    if (rights === undefined || flight === undefined) return rights;
    // What was given before the request holds only for a moment: the entity may give it to others.
    if (now - flight.sentAt >= FLIGHT_MS) return undefined;
    const kept = flight.keeps.get(key);
    return kept === undefined
      ? rights
      : { ...rights, shares: kept, planned: rights.planned ?? rights.shares };
  }

  private givenRights(key: string, now: number): Rights | undefined {
    const { known } = this;
    if (known === undefined) return undefined;
    const asked = known.keys.get(key);
    if (asked !== undefined) return now < asked.until ? this.askedRights(key, asked) : undefined;
    if (now >= known.baseUntil) return undefined;
    if (known.listed.has(key)) return undefined;
    if (this.keys.get(key)?.isOwn) return { shares: this.evenShares(key, known.workers), spread: true };
    return this.baseRights(key, known);
  }

  private askedRights(key: string, { shares, tokens, tokensAt, isLong }: Asked): Rights {
    const left =
      tokens === undefined ? undefined : Math.max(0, tokens - (this.keys.get(key)?.tokensUsed ?? 0));
    return { shares, planned: this.planned(key, shares), spread: !isLong, tokens: left, tokensAt };
  }

  /** Calls that wait at the server come back at any worker: all plan with an even share at least. */
  private planned(key: string, shares: readonly Share[]): readonly Share[] {
    const workers = Math.max(1, this.known?.workers ?? 1);
    const limits = dividedOf(this.limitOf(key));
    return shares.map(({ calls, perMs }, at) => {
      const even = (limits[at]?.calls ?? 0) / workers;
      return { perMs, calls: Math.max(calls, even) };
    });
  }

  private baseRights(key: string, { base, limit }: Known): Rights {
    const shares = dividedOf(limit).map(({ calls, perMs }) => ({
      perMs,
      // Calls at the same time may run for longer than a base share holds, and are not reported with it: they need a lease.
      calls: perMs === 0 ? 0 : Math.floor(base * calls),
    }));
    const long = longOf(limit);
    if (long.length === 0) return { shares, planned: this.planned(key, shares), spread: false };
    const unreported = (this.keys.get(key)?.unreported ?? 0) + (this.report?.used[key] ?? 0);
    const tokens = Math.max(0, Math.min(...long.map(({ calls }) => Math.floor(base * calls))) - unreported);
    return { shares, planned: this.planned(key, shares), spread: false, tokens };
  }

  /** The entity does not answer: calls go on with an even part of the limit. */
  private ownShare(key: string): Rights | undefined {
    const seen = this.options.workers();
    if (seen === undefined && this.known === undefined) return undefined;
    const workers = Math.max(1, this.known?.workers ?? 1, seen ?? 1);
    return { shares: this.evenShares(key, workers), spread: true };
  }

  private evenShares(key: string, workers: number): Share[] {
    const { windows, concurrency } = this.limitOf(key);
    const shares = windows.map(({ calls, perMs }) => {
      // As many as are counted, in a part of the window.
      const share = Math.min(Math.max(1, Math.floor(calls / workers)), MOST_KEPT_TIMES);
      this.keys.get(key)?.limiter.keep(share);
      const isExact = share === Math.floor(calls / workers);
      return { calls: share, perMs: isExact ? perMs : (perMs * share * workers) / calls };
    });
    if (concurrency === undefined) return shares;
    return [...shares, { calls: Math.max(1, Math.floor(concurrency / workers)), perMs: 0 }];
  }

  /** @param from not before this time, where that is possible */
  private askSoon(kind: 'urgent' | 'renewal', now: number, from = now): void {
    if (this.isClosed) return;
    if (this.flight !== undefined) {
      this.asksAgain ||= kind === 'urgent';
      return;
    }
    const { timers } = this.options;
    const renewInMs = this.known?.renewInMs ?? URGENT_GAP_MS;
    let at = Math.max(from, this.sentAt + renewInMs);
    if (this.failures > 0) {
      at = Math.max(now, this.sentAt + Math.min(FIRST_BACKOFF_MS * 2 ** (this.failures - 1), MAX_BACKOFF_MS));
    } else if (kind === 'urgent') {
      this.urgent = Math.min(MAX_URGENT, this.urgent + (now - this.urgentAt) / URGENT_REFILL_MS);
      this.urgentAt = now;
      if (this.urgent >= 1) at = Math.max(now, this.sentAt + URGENT_GAP_MS);
    }
    if (at >= this.timerAt) return;
    if (kind === 'urgent' && at < this.sentAt + renewInMs) this.urgent--;
    timers.clear(this.timer);
    this.timerAt = at;
    const send = () => {
      this.timerAt = Number.POSITIVE_INFINITY;
      void this.send();
    };
    if (at <= now) send();
    else this.timer = timers.set(send, at - now);
  }

  private async send(): Promise<void> {
    if (this.flight !== undefined || this.isClosed) return;
    const now = this.options.timers.now();
    const { unanswered } = this;
    const isRepeated = unanswered !== undefined && now - unanswered.sentAt < REPEATS_FOR_MS;
    const sent = isRepeated ? unanswered : this.request(now);
    this.flight = sent;
    this.asksAgain = false;
    this.sentAt = now;
    const freeze = this.options.timers.set(() => this.pump(now + FLIGHT_MS), FLIGHT_MS);
    try {
      const answer = await this.options.ask(sent.request, sent.id);
      this.failures = 0;
      this.failingSince = undefined;
      this.unanswered = undefined;
      this.take(answer, sent);
    } catch (error) {
      this.failures++;
      this.failingSince ??= now;
      this.unanswered = sent;
      if (!this.isClosed) this.options.fault(error);
    } finally {
      this.options.timers.clear(freeze);
      this.flight = undefined;
    }
    this.settled(this.options.timers.now());
  }

  private settled(now: number): void {
    this.pump(now);
    for (const key of this.looking) {
      const calls = this.failures > 0 ? 0 : this.key(key).room(this.known?.renewInMs ?? 0, now);
      if (calls > 0) this.options.wake(key, calls);
    }
    this.looking.clear();
    if (this.asksAgain) this.askSoon('urgent', now);
    if (this.failures > 0 ? this.isInUse : this.wanted.size > 0) this.askSoon('renewal', now, this.renewAt);
    else if (this.keysThatWait(now).length > 0) this.askSoon('renewal', now, this.lookedAt + LOOK_EVERY_MS);
  }

  private request(now: number): Sent {
    const { limit, configuredAt, worker } = this.options;
    const seconds = Math.max(0.1, Math.min(LONGEST_RATE_S, (now - this.sentAt) / 1_000));
    const keys: KeyRequest[] = [];
    const keeps = new Map<string, readonly Share[]>();
    this.look(now);
    for (const key of [...this.wanted].slice(0, MAX_KEYS)) {
      const entry = this.key(key);
      const { running } = entry.limiter;
      const isBound = this.limitOf(key).concurrency !== undefined && running > 0;
      const asks = entry.arrived > 0 || entry.waiting > 0 || isBound || this.looking.has(key);
      const rights = this.rightsOf(key, now);
      const shares = rights?.shares ?? dividedOf(this.limitOf(key));
      const { claimed, kept } = entry.claim(shares, now);
      keeps.set(key, kept);
      const missing = asks ? entry.missing(seconds, now) : 0;
      if (missing > 0) this.options.wake(key, missing);
      keys.push({ key, asks, perSecond: entry.arrived / seconds, waiting: entry.waiting, running, claimed });
      entry.arrived = 0;
      if (!asks) this.wanted.delete(key);
    }
    this.report ??= this.newReport();
    const request: LeaseRequest = { v: 1, worker, limit, configuredAt, keys, report: this.report };
    return { request, id: `${worker}-${++this.requests}`, keeps, sentAt: now };
  }

  private look(now: number): void {
    if (now - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = now;
    for (const key of this.keysThatWait(now)) {
      if (this.wanted.has(key)) continue;
      this.wanted.add(key);
      this.looking.add(key);
    }
  }

  private keysThatWait(now: number): string[] {
    return [...this.keys].flatMap(([key, { waitsUntil }]) =>
      waitsUntil - now > WORTH_LOOKING_MS ? [key] : [],
    );
  }

  /** Calls in long windows. The same report is sent again until it is answered. */
  private newReport(): LeaseRequest['report'] {
    const used: Record<string, number> = {};
    let count = 0;
    for (const [key, entry] of this.keys) {
      if (longOf(this.limitOf(key)).length === 0) {
        entry.unreported = 0;
        entry.isOwn = false;
      }
      if (entry.unreported === 0) continue;
      if (++count > MAX_KEYS) break;
      used[key] = entry.isOwn ? this.usedOf(key, entry) : entry.unreported;
      entry.unreported = 0;
    }
    return count === 0 ? undefined : { sequence: ++this.sequence, used };
  }

  /** In the long windows: the entity may have room by now, and knows nothing of it. */
  private usedOf(key: string, { limiter }: LimitedKey): number {
    const now = this.options.timers.now();
    const windows = longOf(this.limitOf(key)).map(({ perMs }) => limiter.begunIn(perMs, now));
    return Math.max(1, ...windows);
  }

  private take(answer: LeaseAnswer, { request: { keys: requested }, sentAt }: Sent): void {
    const uncounted = new Set(answer.uncounted);
    for (const key of Object.keys(this.report?.used ?? {})) {
      const entry = this.keys.get(key);
      if (entry !== undefined) entry.isOwn = uncounted.has(key);
    }
    this.report = undefined;
    const keys = new Map<string, Asked>();
    for (const { key, limit, shares, forMs, renewInMs, tokens, tokensInMs } of answer.keys) {
      const entry = this.key(key);
      // The entity knows nothing yet of what this worker has counted: that is in the next report.
      if (entry.isOwn) continue;
      // What was used since the request was made counts already.
      entry.tokensUsed = entry.unreported;
      for (const { calls } of shares) entry.limiter.keep(calls);
      const tokensAt = tokensInMs === undefined ? undefined : this.options.timers.now() + tokensInMs;
      keys.set(key, {
        limit,
        shares,
        until: sentAt + forMs,
        renewAt: sentAt + renewInMs,
        isLong: renewInMs > answer.renewInMs,
        tokens,
        tokensAt,
      });
    }
    // The entity has no room for such a key, or had none: it has an even part of the limit.
    for (const { key, asks } of requested) {
      if (!asks || keys.has(key)) continue;
      const shares = this.evenShares(key, answer.workers);
      this.key(key).isOwn = longOf(this.limitOf(key)).length > 0;
      keys.set(key, { shares, until: sentAt + answer.baseForMs, renewAt: sentAt + answer.renewInMs });
    }
    this.known = {
      ...{ limit: answer.limit, base: answer.base, workers: answer.workers, renewInMs: answer.renewInMs },
      baseUntil: sentAt + answer.baseForMs,
      ...{ listed: new Set(answer.listed), keys },
    };
  }

  /** When the first of the keys is renewed. */
  private get renewAt(): number | undefined {
    const times = [...(this.known?.keys.values() ?? [])].map(({ renewAt }) => renewAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private get isInUse(): boolean {
    return [...this.keys.values()].some(({ waiting, arrived }) => waiting > 0 || arrived > 0);
  }

  private pump(now: number): void {
    for (const [key, entry] of this.keys) {
      entry.pump();
      if (entry.waiting === 0 || this.failures > 0 || this.wanted.has(key)) continue;
      this.wanted.add(key);
      this.askSoon('urgent', now);
    }
  }

  private forgetOne(): void {
    let forgotten: string | undefined;
    for (const [key, entry] of this.keys) {
      if (!entry.isIdle || this.wanted.has(key)) continue;
      forgotten ??= key;
      // What this worker counts itself is forgotten last.
      if (entry.isOwn) continue;
      forgotten = key;
      break;
    }
    if (forgotten !== undefined) this.keys.delete(forgotten);
  }
}
