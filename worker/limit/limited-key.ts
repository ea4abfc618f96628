import { KeyLimiter, type Rights } from '../../common/limit/key-limiter.js';
import type { Share } from '../../common/limit/limit.js';
import type { Timers } from './timers.js';

/** A call that wants to begin. */
export interface LimitedCall {
  /** The longest wait in the worker. */
  readonly holdMs: number;
  /** How often it was rejected. One that has waited for its turn comes before calls that are new. */
  readonly rejections: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Undefined: the call has begun. Otherwise the milliseconds until it comes again. */
export type Wait = number | undefined;

interface Held {
  readonly call: LimitedCall;
  readonly deadline: number;
  readonly end: (wait: Wait) => void;
}

/** Calls that wait in the worker where it is not known yet how fast they may go. */
const HELD_UNKNOWN = 100;
const MOST_HELD = 100;
/** Turns are given a little faster than calls may go: who comes too early waits a moment, a call that is missing is lost. */
const EAGERNESS = 1.05;
/** A worker whose calls are far apart holds this number of them, for longer. */
const FEW = 3;
const SHORT_HOLD_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;
const LONGEST_TURN_MS = 3_600_000;
const MAX_DOUBLINGS = 3;
/** Until an answer comes, calls may use this share more than they have. */
const ROOM_MEANWHILE = 0.1;
/** No turn is planned by a guess in this time: calls look again. Calls that have not ended by then are longer than it. */
const GUESSES_FOR_MS = 5_000;
/** Calls that are missing are woken this often, for this time. */
const WAKES_EVERY_MS = 500;
const WAKES_FOR_MS = 1_000;
/** Where fewer calls come than this share of those that may go, calls that wait at the server are missing. */
const ENOUGH = 0.9;

/** The calls of one key on one worker: they begin, wait a moment in the worker, or come again later. */
export class LimitedKey {
  readonly limiter = new KeyLimiter();
  /** In the name's lease. */
  tokensUsed = 0;
  /** Of long windows, not reported yet. */
  unreported = 0;
  /** The entity has no room for the key: this worker counts its even part itself. */
  isOwn = false;
  /** Since the name last asked: calls that came. */
  arrived = 0;
  /** A call that was rejected here comes again then, the last of them. */
  waitsUntil = Number.NEGATIVE_INFINITY;
  private readonly held: Held[] = [];
  private timer: unknown;
  private turnAt = 0;
  /** When the name last asked. */
  private woken = 0;
  private readonly madeAt: number;
  private wokenAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly rights: (now: number) => Rights | undefined,
    /** More is asked for, and the answer is there soon. */
    private readonly expectsMore: () => boolean,
    private readonly timers: Timers,
    /** This number of calls that wait at the server could go now. */
    private readonly wake: (calls: number) => void,
  ) {
    this.madeAt = timers.now();
  }

  get waiting(): number {
    return this.held.length;
  }

  get isIdle(): boolean {
    return this.held.length === 0 && this.limiter.running === 0 && this.unreported === 0;
  }

  /** Calls that may go in some seconds, where fewer came than that lately; else 0. */
  missing(seconds: number, now: number): number {
    const rights = this.rights(now);
    const gap = rights && this.limiter.gapMs(rights);
    if (gap === undefined || this.held.length > 0) return 0;
    const may = (seconds * 1_000) / gap;
    // Those that were woken came because of that: without it they would be missing again.
    const byThemselves = Math.max(0, this.arrived - this.woken);
    this.woken =
      this.arrived < may * ENOUGH || this.woken > 0 ? Math.max(0, Math.ceil(may - byThemselves)) : 0;
    return this.woken;
  }

  /** Calls that could go in some milliseconds, after a time in which none came. */
  room(forMs: number, now: number): number {
    const rights = this.rights(now);
    const gap = rights && this.limiter.gapMs(rights);
    if (rights === undefined || gap === undefined || this.limiter.earliest(rights, now) > now) return 0;
    return Math.ceil(forMs / gap);
  }

  admit(call: LimitedCall): Wait | Promise<Wait> {
    const now = this.timers.now();
    this.arrived++;
    const rights = this.rights(now);
    if (this.held.length === 0 && rights !== undefined && this.limiter.earliest(rights, now) <= now) {
      this.begin(now);
      return undefined;
    }
    return this.mayHold(rights, call, now) ? this.hold(call, now) : this.reject(rights, call, now);
  }

  /** What the worker may use has changed. */
  pump(): void {
    this.timers.clear(this.timer);
    this.timer = undefined;
    const now = this.timers.now();
    for (;;) {
      const [first] = this.held;
      if (first === undefined) return;
      const rights = this.rights(now);
      const earliest = rights === undefined ? Number.POSITIVE_INFINITY : this.limiter.earliest(rights, now);
      if (earliest <= now) {
        this.held.shift();
        this.begin(now);
        first.end(undefined);
      } else if (first.deadline <= now) {
        this.held.shift();
        first.end(this.reject(rights, { rejections: Math.max(1, first.call.rejections) }, now));
      } else {
        const at = Math.min(earliest, first.deadline);
        this.timer = this.timers.set(() => this.pump(), Math.max(1, at - now));
        return;
      }
    }
  }

  end(tookMs: number): void {
    this.limiter.end(tookMs);
    if (this.held.length > 0) this.pump();
    else this.wakeMissing();
  }

  /** Turns are planned by how long calls took so far: they come too late where calls have become shorter. */
  private wakeMissing(): void {
    const now = this.timers.now();
    if (this.waitsUntil <= now || now - this.wokenAt < WAKES_EVERY_MS) return;
    const calls = this.room(WAKES_FOR_MS, now);
    if (calls === 0) return;
    this.wokenAt = now;
    this.wake(calls);
  }

  /**
   * What this worker will have used at most when the answer to a request comes, and what it keeps to until then: it may have
   * used more before than it may use now.
   */
  claim(shares: readonly Share[], now: number): { claimed: Share[]; kept: Share[] } {
    const kept = shares.map(({ calls, perMs }) => {
      // One more would be known to the entity only with the next request, and may run for long.
      if (perMs === 0) return { perMs, calls: Math.min(calls, this.limiter.running) };
      const room = Math.max(1, Math.ceil(calls * ROOM_MEANWHILE));
      return { perMs, calls: Math.min(calls, this.limiter.begunIn(perMs, now) + this.held.length + room) };
    });
    const claimed = kept.map(({ calls, perMs }) => ({
      perMs,
      calls: Math.max(calls, this.limiter.begunIn(perMs, now)),
    }));
    return { claimed, kept };
  }

  private begin(now: number): void {
    this.limiter.begin(now);
    this.tokensUsed++;
    this.unreported++;
  }

  private mayHold(rights: Rights | undefined, { holdMs, rejections }: LimitedCall, now: number): boolean {
    if (holdMs < 1) return false;
    if (rights === undefined || this.expectsMore()) return this.held.length < HELD_UNKNOWN;
    const earliest = this.limiter.earliest(rights, now);
    const waitsForEnd = earliest === Number.POSITIVE_INFINITY && this.waitsForConcurrency(rights);
    if (earliest - now > holdMs && !waitsForEnd) return false;
    const gap = this.limiter.gapMs(rights);
    if (gap === undefined) return false;
    const most = mostHeld(gap, holdMs);
    return this.held.length < Math.max(1, rejections > 0 ? most : most / 2);
  }

  private waitsForConcurrency({ shares, tokens }: Rights): boolean {
    const isShut = tokens === 0 || shares.some(({ calls, perMs }) => perMs > 0 && calls === 0);
    return !isShut && shares.some(({ calls, perMs }) => perMs === 0 && calls > 0);
  }

  private hold(call: LimitedCall, now: number): Promise<Wait> {
    const { holdMs, signal } = call;
    return new Promise((resolve) => {
      const held: Held = {
        call,
        deadline: now + holdMs,
        end: (wait) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(wait);
        },
      };
      const onAbort = () => {
        const at = this.held.indexOf(held);
        if (at >= 0) this.held.splice(at, 1);
        held.end(LOOK_AGAIN_MS);
      };
      signal?.addEventListener('abort', onAbort);
      this.held.push(held);
      if (this.held.length === 1) this.pump();
    });
  }

  private reject(rights: Rights | undefined, call: Pick<LimitedCall, 'rejections'>, now: number): number {
    const waitMs = this.turnIn(rights, call, now);
    this.waitsUntil = Math.max(this.waitsUntil, now + waitMs);
    return waitMs;
  }

  /** When a call that cannot wait here comes again: the turns are as far apart as the calls of this worker. */
  private turnIn(
    rights: Rights | undefined,
    { rejections }: Pick<LimitedCall, 'rejections'>,
    now: number,
  ): number {
    if (rights?.tokens !== undefined && rights.tokens <= 0 && rights.tokensAt !== undefined) {
      const waitMs = Math.min(Math.max(rights.tokensAt - now, LOOK_AGAIN_MS), LONGEST_TURN_MS);
      return waitMs * (1 + this.timers.random() / 4);
    }
    const gap = rights && this.limiter.gapMs(rights);
    const isGuess =
      now - this.madeAt < GUESSES_FOR_MS && rights !== undefined && this.limiter.isGuess(rights);
    if (rights === undefined || gap === undefined || isGuess)
      return LOOK_AGAIN_MS * 2 ** Math.min(rejections, MAX_DOUBLINGS) * (0.5 + this.timers.random());
    const earliest = this.limiter.earliest(rights, now);
    // Another worker may have the share that this one lacks.
    const isShut = rights.shares.some(({ calls, perMs }) => perMs > 0 && calls === 0);
    if (isShut && rejections > 0) return LOOK_AGAIN_MS * (0.5 + this.timers.random());
    const from = Math.max(now + LOOK_AGAIN_MS / 2, Number.isFinite(earliest) ? earliest : now);
    // The fewer can wait here, the easier one is missing.
    const eagerness = EAGERNESS + 1 / (1 + mostHeld(gap, SHORT_HOLD_MS));
    this.turnAt = Math.min(Math.max(this.turnAt, from), now + LONGEST_TURN_MS) + gap / eagerness;
    return this.turnAt - now;
  }
}

function mostHeld(gapMs: number, holdMs: number): number {
  const shortly = Math.ceil(Math.min(SHORT_HOLD_MS, holdMs) / gapMs);
  return Math.min(MOST_HELD, Math.max(1, shortly, Math.min(FEW, Math.ceil(holdMs / gapMs))));
}
