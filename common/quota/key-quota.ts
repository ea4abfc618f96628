import type { AskedWait } from '../errors/throttle.js';
import { ReleasePace } from './release-pace.js';
import { SuccessMeter } from './success-meter.js';
import type { ReportedThrottle, Throttle } from './throttles.js';
import { TrialPace } from './trial-pace.js';

/** A call that wants to pass. */
export interface QuotaCall {
  /** Where calls have a key, the service's answer is about all calls of that key, and no trial is needed. */
  readonly hasKey: boolean;
  /** It may be tried meanwhile: the call of a held letter is not urgent. */
  readonly mayBeTrial: boolean;
  /** It has waited for this quota already, so it had its turn. */
  readonly hadTurn: boolean;
  /** Milliseconds until its schedule-to-close ends. */
  readonly timeLeftMs?: number;
}

export type QuotaAnswer =
  | { readonly passes: true; readonly isTrial?: true }
  | { readonly passes: false; readonly comesAt: number };

/** From the refusal to the first trial, and from one trial to the next: a share of the time since the refusal, within these. */
export const FIRST_TRIAL_MS = 1_000;
const TRIAL_PACE = { leastMs: FIRST_TRIAL_MS, mostMs: 30_000, share: 0.01 };
/** A new call comes before those that wait for a trial: they may all be of the tenant whose quota is used up, and thousands. */
const NEW_FIRST_MS = 500;
/** Without a key a call does not wait longer before it looks again, or twice this time: it may be unable to be woken. */
const LOOK_AGAIN_MS = 60_000;
/** Spreads any number of calls evenly. */
const GOLDEN_RATIO = 0.618_033_988_75;
/**
 * Without a key, refusals of this number of executions with no success between them mean a quota of all calls. Each
 * time that a trial shows that others do succeed, it takes more of them.
 */
export const MANY_REFUSED = 5;
const MANY_GROWTH = 16;
const MAX_MANY = 1_280;
/** A call whose time ends within this time is made: it could not wait any longer. */
const LAST_CHANCE_MS = 2_000;
/** The fleet took back a throttle this time before its end: somebody has reset it. */
const TAKEN_BACK_MS = 2_000;
/** As Temporal's default retry policy, but not as long as its 100 s. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 16_000;
/** A wait that ends only a little later is no news. */
const NEWS_MS = 1_000;

/** A call that the service has refused. */
export interface RefusedCall {
  readonly executionId: string;
  /** As of `QuotaCall`. */
  readonly hasKey: boolean;
  /** Real calls of the execution so far, this one included. */
  readonly calls: number;
  /** What the service said, in one line. */
  readonly said?: string;
}

const PASSES: QuotaAnswer = Object.freeze({ passes: true });
const TRIAL: QuotaAnswer = Object.freeze({ passes: true, isTrial: true });

/**
 * One quota as one worker sees it. Until a service has refused a call with a wait it only counts successes.
 *
 * | state     | calls                                                                            | ends                       |
 * | --------- | -------------------------------------------------------------------------------- | -------------------------- |
 * | free      | pass; without a key, those that are refused wait, each for itself                | when a call with the key is refused; without a key, when many are, with no success between them |
 * | used up   | wait until the service has said, then for their turn; without a key, a few of them are tried | by time, by a success of a trial (then narrowed), by reset |
 * | narrowed  | as free: the fleet knows that it is not the quota of all calls                   | by time, or as free        |
 * | releasing | those that waited have their turns, new ones queue behind them                   | when fewer calls come than may |
 *
 * Times in milliseconds of the caller's clock; `random` from 0 to below 1.
 */
export class KeyQuota {
  private readonly meter = new SuccessMeter();
  private throttle: Throttle | undefined;
  private pace: ReleasePace | undefined;
  private readonly trials: TrialPace;
  /** The next trial of a new call: those of calls that wait do not take it. */
  private newTrialAt = 0;
  /** Executions that were refused since the last success, and how many of them there have to be. */
  private readonly refusedInARow = new Set<string>();
  private many = MANY_REFUSED;
  private spread = 0;
  /** When the throttle that the fleet knows ends: it may be a little before the one of this worker. */
  private fleetUntil: number | undefined;

  constructor(
    private readonly key: string,
    /** Workers that share the rate and the trials. */
    private readonly workers: () => number,
  ) {
    this.trials = new TrialPace(TRIAL_PACE, workers);
  }

  /** Until when calls wait; undefined where they pass. */
  usedUpUntil(now: number): number | undefined {
    const { throttle } = this;
    return throttle !== undefined && !throttle.narrowed && now < throttle.until ? throttle.until : undefined;
  }

  get said(): string | undefined {
    return this.throttle?.said;
  }

  /** Nothing is known that has to be kept. */
  get isFree(): boolean {
    return this.throttle === undefined;
  }

  admit(call: QuotaCall, now: number): QuotaAnswer {
    const { throttle, pace } = this;
    if (throttle === undefined || pace === undefined) return PASSES;
    if (throttle.narrowed) {
      if (now >= throttle.until) this.clear();
      return PASSES;
    }
    const isLastChance = (call.timeLeftMs ?? Number.POSITIVE_INFINITY) <= LAST_CHANCE_MS;
    if (now < throttle.until) return isLastChance ? TRIAL : this.hold(call, throttle, pace, now);
    if (isLastChance) return PASSES;
    if (call.hadTurn) return PASSES;
    if (pace.isOver(now)) {
      this.clear();
      return PASSES;
    }
    const comesAt = pace.take(now);
    return comesAt <= now ? PASSES : { passes: false, comesAt };
  }

  /**
   * The service has refused a call.
   * @returns what the fleet has to know, if anything, and when the call comes again
   */
  refused(
    { waitMs, perSecond }: AskedWait,
    { executionId, hasKey, calls, said }: RefusedCall,
    now: number,
    random: number,
  ): { readonly news?: Throttle; readonly comesAt: number } {
    const own = now + waitMs;
    // It may be the quota of this record, channel or tenant alone.
    if (!hasKey && this.isNotHolding && !this.isOneOfMany(executionId))
      return { comesAt: Math.max(own, now + backoffMs(calls)) };
    const { throttle } = this;
    const isKnown = throttle !== undefined && !throttle.narrowed && now < throttle.until;
    const news = !isKnown || own > throttle.until + NEWS_MS;
    if (news) {
      const next: Throttle = {
        ...{ key: this.key, since: now, until: own },
        ...(said === undefined ? {} : { said }),
        ...(perSecond === undefined ? {} : { perSecond }),
      };
      this.use(next, now, random, isKnown);
      // Of a wait that only got longer the fleet may keep the end that it knows: it can still take it back.
      if (!isKnown) this.fleetUntil = undefined;
    }
    this.pace?.saw(this.meter.perSecond(now));
    const isEarlier = !hasKey && own < (this.throttle?.until ?? own) - NEWS_MS;
    const comesAt = isEarlier ? own : Math.max(own, this.pace?.take(own) ?? own);
    return news && this.throttle !== undefined ? { news: this.throttle, comesAt } : { comesAt };
  }

  /** A call has succeeded. @returns true where that frees calls which wait */
  succeeded(isTrial: boolean, now: number): boolean {
    this.meter.add(now);
    if (this.refusedInARow.size > 0) this.refusedInARow.clear();
    const { throttle } = this;
    if (!isTrial || throttle === undefined || throttle.narrowed || now >= throttle.until) return false;
    this.narrow(throttle);
    return true;
  }

  /** What the fleet says of this quota; undefined: nothing. @returns true where that frees calls which wait */
  adopt(reported: ReportedThrottle | undefined, ageMs: number, now: number, random: number): boolean {
    const { throttle } = this;
    const holds = this.usedUpUntil(now) !== undefined;
    if (reported === undefined) {
      if (this.fleetUntil === undefined || this.fleetUntil - now < TAKEN_BACK_MS) return false;
      this.clear();
      return holds;
    }
    const { waitMs, said, perSecond, narrowed } = reported;
    // Clocks may differ by any amount: an age that cannot be is taken for none.
    const until = now + waitMs - (ageMs > 0 && ageMs < waitMs ? ageMs : 0);
    if (until <= now) return false;
    const wasNarrowed = throttle?.narrowed === true;
    const isLater =
      throttle === undefined || throttle.until < until - NEWS_MS || (wasNarrowed && narrowed !== true);
    const next: Throttle = {
      ...{ key: this.key, since: now, until: isLater ? until : throttle.until },
      ...(said === undefined ? {} : { said }),
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(narrowed ? { narrowed } : {}),
    };
    this.fleetUntil = until;
    if (narrowed && holds) this.narrow(next);
    else if (isLater || wasNarrowed !== (narrowed === true)) this.use(next, now, random, holds);
    return narrowed === true && holds;
  }

  /** Whether the fleet knows already of a throttle like this one. */
  fleetKnows({ until, narrowed }: Throttle): boolean {
    const { fleetUntil, throttle } = this;
    return fleetUntil !== undefined && throttle?.narrowed === narrowed && until <= fleetUntil + NEWS_MS;
  }

  private get isNotHolding(): boolean {
    return this.throttle === undefined || this.throttle.narrowed === true;
  }

  private isOneOfMany(executionId: string): boolean {
    this.refusedInARow.add(executionId);
    return this.refusedInARow.size >= this.many;
  }

  private narrow(throttle: Throttle): void {
    this.throttle = { ...throttle, narrowed: true };
    this.refusedInARow.clear();
    this.many = Math.min(MAX_MANY, this.many * MANY_GROWTH);
  }

  private hold(call: QuotaCall, { until }: Throttle, pace: ReleasePace, now: number): QuotaAnswer {
    if (!call.hasKey && call.mayBeTrial) {
      const { trials } = this;
      if (now >= (call.hadTurn ? trials.nextAt : this.newTrialAt)) {
        trials.nextAt = now + trials.gapAt(now);
        if (!call.hadTurn) this.newTrialAt = trials.nextAt - NEW_FIRST_MS;
        return TRIAL;
      }
      const comesAt = trials.freeSlotAt;
      if (comesAt < until) {
        trials.book(comesAt);
        return { passes: false, comesAt };
      }
    }
    if (!call.hasKey && until - now > 2 * LOOK_AGAIN_MS) {
      this.spread = (this.spread + GOLDEN_RATIO) % 1;
      return { passes: false, comesAt: now + LOOK_AGAIN_MS * (1 + this.spread) };
    }
    return { passes: false, comesAt: pace.take(until) };
  }

  /** @param isLonger the wait that is in force, only longer: trials go on as they were */
  private use(next: Throttle, now: number, random: number, isLonger: boolean): void {
    const rates = { stated: next.perSecond, seen: this.meter.perSecond(now) };
    this.throttle = next;
    this.refusedInARow.clear();
    this.pace = new ReleasePace(next.until, rates, this.workers, random);
    if (isLonger) return;
    this.trials.since = now;
    this.trials.begin(now, random);
    this.newTrialAt = this.trials.nextAt - NEW_FIRST_MS;
  }

  private clear(): void {
    // It was the quota of all calls: no trial has shown another one.
    if (this.throttle?.narrowed !== true) this.many = MANY_REFUSED;
    this.throttle = undefined;
    this.pace = undefined;
    this.fleetUntil = undefined;
  }
}

/** A call that waits alone, and is refused again: the service stated a wait that is too short. */
function backoffMs(calls: number): number {
  return calls <= 1 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (calls - 1), MAX_BACKOFF_MS);
}
