import { TrialPace } from '../quota/trial-pace.js';
import { type FloodLimits, FloodMeter } from './flood-meter.js';
import type { Flood, FloodCause, FloodKey, ReportedFlood } from './floods.js';

/** What is done about the calls of an operation. */
export interface FloodRules extends FloodLimits {
  readonly action: 'hold' | 'alarm';
  /** The longest that a call is held, and that all are without being counted again; milliseconds. */
  readonly patienceMs: number;
}

/** A call that wants to pass. */
export interface FloodCall {
  readonly patienceMs: number;
  /** Milliseconds since it was held for the first time; undefined for a new call. */
  readonly heldForMs?: number;
  /** Milliseconds until its schedule-to-close ends. */
  readonly timeLeftMs?: number;
}

export type FloodAnswer =
  | { readonly passes: true; readonly isTrial?: true }
  | { readonly passes: false; readonly comesAt: number; readonly flood: Flood };

/** What the fleet, or a person, has to know. */
export interface FloodNews {
  readonly flood: Flood;
  /** Not only a longer alarm. */
  readonly isFirst: boolean;
}

/** From one trial to the next: a share of the time that calls are held, within these. Each that fails is a letter. */
export const FIRST_TRIAL_MS = 5_000;
const TRIAL_PACE = { leastMs: FIRST_TRIAL_MS, mostMs: 10 * 60_000, share: 0.05 };
/**
 * Of the time to the next trial, the part in which a new call may be it: those that wait have the arguments that failed,
 * where the sender has mended his.
 */
const NEW_FIRST_SHARE = 0.5;
/**
 * A call that is in no line for a trial looks again after this time: it may be unable to be woken. They come one after the
 * other, so of thousands each comes later, within a limit.
 */
const LOOK_AGAIN_MS = 60_000;
const LOOK_GAP_MS = 200;
const MAX_LOOK_AGAIN_MS = 20 * 60_000;
/** Spreads any number of calls evenly. */
const GOLDEN_RATIO = 0.618_033_988_75;
/** A call whose time ends within this time is made: it could not wait any longer. */
const LAST_CHANCE_MS = 2_000;
/** An alarm that does not come again within this time is over. */
export const ALARM_MS = 3_600_000;

const PASSES: FloodAnswer = Object.freeze({ passes: true });
const TRIAL: FloodAnswer = Object.freeze({ passes: true, isTrial: true });

/**
 * The calls of one operation and quota key, as one worker sees them.
 *
 * | state     | calls                                                                  | ends                               |
 * | --------- | ---------------------------------------------------------------------- | ---------------------------------- |
 * | free      | pass and are counted                                                   | when many end as letters of a group |
 * | `alarm`   | pass and are counted                                                   | by time, by reset                  |
 * | `held`    | wait; one in a while is tried                                          | by a success of a trial, by time, by a person |
 * | `resumed` | pass and are not held                                                  | by time                            |
 *
 * Times in milliseconds of the caller's clock; `random` from 0 to below 1.
 */
export class KeyFlood {
  private flood: Flood | undefined;
  private meter: FloodMeter | undefined;
  /** The fleet has said that it knows. */
  private isKnown = false;
  private readonly trials: TrialPace;
  /** The last of those that look again comes then. */
  private lookAt = 0;
  private spread = 0;

  constructor(
    private readonly key: FloodKey,
    /** Workers that share the trials. */
    workers: () => number,
  ) {
    this.trials = new TrialPace(TRIAL_PACE, workers);
  }

  /** Nothing is known that has to be kept. */
  get isFree(): boolean {
    return this.flood === undefined && this.meter?.isQuiet !== false;
  }

  /** What is in force. */
  at(now: number): Flood | undefined {
    if (this.flood !== undefined && now >= this.flood.until) this.end();
    return this.flood;
  }

  admit({ patienceMs, heldForMs, timeLeftMs }: FloodCall, now: number): FloodAnswer {
    const flood = this.at(now);
    if (flood?.state !== 'held') return PASSES;
    const left = patienceMs - (heldForMs ?? 0);
    if (left <= 0 || (timeLeftMs ?? Number.POSITIVE_INFINITY) <= LAST_CHANCE_MS) return TRIAL;
    const { trials } = this;
    const gap = trials.gapAt(now);
    const lead = heldForMs === undefined ? gap * NEW_FIRST_SHARE : 0;
    if (now >= trials.nextAt - lead) {
      trials.nextAt = Math.max(trials.nextAt, now) + gap;
      return TRIAL;
    }
    return { passes: false, comesAt: Math.min(this.comesAt(now), flood.until, now + left), flood };
  }

  /**
   * A call has ended as a letter.
   * @param sample of its cause
   */
  endedAsLetter(
    { group, said }: Pick<FloodCause, 'group' | 'said'>,
    rules: FloodRules,
    now: number,
    random: number,
  ): FloodNews | undefined {
    const before = this.at(now);
    // Calls that were on their way, and trials: they are no news.
    if (before?.state === 'held') return undefined;
    this.meter ??= new FloodMeter(rules);
    const found = this.meter.ended(group, now);
    if (found === undefined || before?.state === 'resumed') return undefined;
    const isHold = rules.action === 'hold';
    const isAgain = before?.group === group;
    if (!isHold && isAgain && before.until - now > ALARM_MS / 2) return undefined;
    const flood: Flood = {
      ...this.key,
      state: isHold ? 'held' : 'alarm',
      ...{ since: !isHold && isAgain ? before.since : now },
      until: now + (isHold ? rules.patienceMs : ALARM_MS),
      ...{ group, ...(said === undefined ? {} : { said }), ...found },
    };
    this.begin(flood, now, random);
    this.isKnown = false;
    return { flood, isFirst: isHold || !isAgain };
  }

  /** A call has ended, and not as a letter. @returns what is over, where that lets held calls go on */
  endedOtherwise(isTrialSuccess: boolean, now: number): Flood | undefined {
    const flood = this.at(now);
    if (flood?.state !== 'held') {
      this.meter?.ended(undefined, now);
      return undefined;
    }
    if (!isTrialSuccess) return undefined;
    this.end();
    return flood;
  }

  /** What the fleet says; undefined: nothing. @returns true where that lets held calls go on */
  adopt(reported: ReportedFlood | undefined, ageMs: number, now: number, random: number): boolean {
    const before = this.at(now);
    const wasHeld = before?.state === 'held';
    if (reported === undefined) {
      if (before === undefined || !this.isKnown) return false;
      this.end();
      return wasHeld;
    }
    const { state, waitMs, agoMs, ...rest } = reported;
    // Clocks may differ by any amount: an age that cannot be is taken for none.
    const age = ageMs > 0 && ageMs < waitMs ? ageMs : 0;
    // What this worker has just found is newer than an alarm of others.
    if (state === 'over' || (wasHeld && !this.isKnown && state === 'alarm')) return false;
    this.begin({ ...rest, state, since: now - agoMs - age, until: now + waitMs - age }, now, random);
    this.isKnown = true;
    return wasHeld && state !== 'held';
  }

  private comesAt(now: number): number {
    const comesAt = this.trials.freeSlotAt;
    if (comesAt - now < LOOK_AGAIN_MS) {
      this.trials.book(comesAt);
      return comesAt;
    }
    const lookAt = Math.max(this.lookAt, now + LOOK_AGAIN_MS) + LOOK_GAP_MS;
    if (lookAt - now <= MAX_LOOK_AGAIN_MS) {
      this.lookAt = lookAt;
      return lookAt;
    }
    this.spread = (this.spread + GOLDEN_RATIO) % 1;
    return now + (MAX_LOOK_AGAIN_MS * (1 + this.spread)) / 2;
  }

  private begin(flood: Flood, now: number, random: number): void {
    const wasHeld = this.flood?.state === 'held';
    this.flood = flood;
    if (flood.state === 'alarm') return;
    this.meter?.clear();
    this.trials.since = flood.since;
    if (flood.state === 'held' && !wasHeld) this.trials.begin(now, random);
  }

  /** The calls are counted from zero. */
  private end(): void {
    // Alarms end while calls go on as before.
    if (this.flood?.state !== 'alarm') this.meter?.clear();
    this.flood = undefined;
    this.isKnown = false;
  }
}
