import type { AskedWait } from '../errors/throttle.js';
import { ReleasePace } from './release-pace.js';
import { SuccessMeter } from './success-meter.js';
import type { ReportedThrottle, Throttle } from './throttles.js';

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

/** From the refusal to the first trial, and from one trial to the next: longer each time, up to the last of these. */
export const FIRST_TRIAL_MS = 2_000;
const TRIAL_GROWTH = 1.5;
const MAX_TRIAL_GAP_MS = 30_000;
/** A call that comes for a trial may be a little early, as the trial before it was late. */
const TRIAL_TOLERANCE_MS = 500;
/** Without a key a call does not wait longer before it looks again, or twice this time: it may be unable to be woken. */
const LOOK_AGAIN_MS = 60_000;
/** Spreads any number of calls evenly. */
const GOLDEN_RATIO = 0.618_033_988_75;
/** This number of refusals with no success between them is a quota of all calls. */
const MANY_REFUSED = 5;
/** A call whose time ends within this time is made: it could not wait any longer. */
const LAST_CHANCE_MS = 2_000;
/** The fleet took back a throttle this time before its end: somebody has reset it. */
const TAKEN_BACK_MS = 2_000;
/** A wait that ends only a little later is no news. */
const NEWS_MS = 1_000;

const PASSES: QuotaAnswer = Object.freeze({ passes: true });

/**
 * One quota as one worker sees it. Until a service has refused a call with a wait it only counts successes.
 *
 * | state     | calls                                                                            | ends                       |
 * | --------- | -------------------------------------------------------------------------------- | -------------------------- |
 * | free      | pass                                                                             | when a call is refused     |
 * | used up   | wait until the service has said, then for their turn; without a key, a few of them are tried | by time, by a success of a trial (then narrowed), by reset |
 * | narrowed  | pass; those that were refused wait for themselves                                | by time, or used up again when five are refused with no success between them |
 * | releasing | those that waited have their turns, new ones queue behind them                   | when fewer calls come than may |
 *
 * Times in milliseconds of the caller's clock; `random` from 0 to below 1.
 */
export class KeyQuota {
  private readonly meter = new SuccessMeter();
  private throttle: Throttle | undefined;
  private pace: ReleasePace | undefined;
  /** The next trial is not before; and the next call that waits for one comes then. */
  private trialAt = 0;
  private slotAt = 0;
  private trialGap = FIRST_TRIAL_MS;
  private slotGap = FIRST_TRIAL_MS;
  private refusedInARow = 0;
  private spread = 0;
  /** When the throttle that the fleet knows ends: it may be a little before the one of this worker. */
  private fleetUntil: number | undefined;

  constructor(
    private readonly key: string,
    /** Workers that share the rate and the trials. */
    private readonly workers: () => number,
  ) {}

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
    if ((call.timeLeftMs ?? Number.POSITIVE_INFINITY) <= LAST_CHANCE_MS) return PASSES;
    if (now < throttle.until) return this.hold(call, throttle, pace, now);
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
   * @param hasKey as of `QuotaCall`: without it another call may have to wait much longer than this one
   * @returns what the fleet has to know, if anything, and when the call comes again
   */
  refused(
    { waitMs, perSecond }: AskedWait,
    { hasKey, said }: { readonly hasKey: boolean; readonly said?: string },
    now: number,
    random: number,
  ): { readonly news?: Throttle; readonly comesAt: number } {
    this.refusedInARow++;
    const own = now + waitMs;
    const { throttle } = this;
    if (throttle?.narrowed && now < throttle.until && this.refusedInARow < MANY_REFUSED) {
      this.throttle = { ...throttle, until: Math.max(throttle.until, own) };
      return { comesAt: own };
    }
    const isKnown = throttle !== undefined && !throttle.narrowed && now < throttle.until;
    const news = !isKnown || own > throttle.until + NEWS_MS;
    if (news) {
      const next: Throttle = {
        ...{ key: this.key, since: now, until: own },
        ...(said === undefined ? {} : { said }),
        ...(perSecond === undefined ? {} : { perSecond }),
      };
      this.use(next, now, random, isKnown);
      this.fleetUntil = undefined;
    }
    this.pace?.saw(this.meter.perSecond(now));
    const isEarlier = !hasKey && own < (this.throttle?.until ?? own) - NEWS_MS;
    const comesAt = isEarlier ? own : Math.max(own, this.pace?.take(own) ?? own);
    return news && this.throttle !== undefined ? { news: this.throttle, comesAt } : { comesAt };
  }

  /** A call has succeeded. @returns true where that frees calls which wait */
  succeeded(isTrial: boolean, now: number): boolean {
    this.meter.add(now);
    this.refusedInARow = 0;
    const { throttle } = this;
    if (!isTrial || throttle === undefined || throttle.narrowed || now >= throttle.until) return false;
    this.throttle = { ...throttle, narrowed: true };
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
    const isLater = throttle === undefined || throttle.until < until - NEWS_MS;
    const next: Throttle = {
      ...{ key: this.key, since: now, until: isLater ? until : throttle.until },
      ...(said === undefined ? {} : { said }),
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(narrowed ? { narrowed } : {}),
    };
    const wasNarrowed = throttle?.narrowed === true;
    this.fleetUntil = until;
    if (isLater || wasNarrowed !== (narrowed === true)) this.use(next, now, random, holds);
    return narrowed === true && holds;
  }

  /** Whether the fleet knows of the throttle already. */
  get isKnownToFleet(): boolean {
    return this.fleetUntil !== undefined;
  }

  private hold(call: QuotaCall, { until }: Throttle, pace: ReleasePace, now: number): QuotaAnswer {
    if (!call.hasKey && call.mayBeTrial) {
      if (now >= this.trialAt - TRIAL_TOLERANCE_MS) {
        this.trialGap = longer(this.trialGap);
        this.trialAt = now + this.trialGap * this.workers();
        return { passes: true, isTrial: true };
      }
      // One call that waits comes for each of the next trials: there may be no new ones.
      const comesAt = Math.max(this.slotAt, this.trialAt);
      if (comesAt < until) {
        this.slotGap = longer(this.slotGap);
        this.slotAt = comesAt + this.slotGap * this.workers();
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
    this.refusedInARow = 0;
    this.pace = new ReleasePace(next.until, rates, this.workers, random);
    if (isLonger) return;
    this.trialGap = FIRST_TRIAL_MS;
    this.slotGap = FIRST_TRIAL_MS;
    // One after the other, and not all workers in one moment.
    this.trialAt = now + FIRST_TRIAL_MS * (1 + random * (this.workers() - 1));
    this.slotAt = this.trialAt;
  }

  private clear(): void {
    this.throttle = undefined;
    this.pace = undefined;
    this.refusedInARow = 0;
    this.fleetUntil = undefined;
  }
}

function longer(gap: number): number {
  return Math.min(MAX_TRIAL_GAP_MS, gap * TRIAL_GROWTH);
}
