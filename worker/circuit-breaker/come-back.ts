import type { Rejection } from '../../common/circuit-breaker/index.js';

/** A call that is rejected while another asks for the trial, or without a time, is retried after this time. */
export const SHORT_WAIT_MS = 2_000;
/**
 * The longest wait for a breaker that a person has opened. Calls are woken when that ends, but not by a worker that was
 * restarted meanwhile.
 */
const FORCED_WAIT_MS = 60_000;
/** A call that has not failed yet is retried after this time, doubled with every rejection. */
const FRESH_WAIT_MS = 1_000;
const MAX_DOUBLINGS = 3;
/** The fleet's breaker changes a moment after the open time. */
const MARGIN_MS = 200;
const LEAST_SPREAD_MS = 300;
const SHORT_SPREAD_MS = 10_000;
/** Calls of the fleet that come when the open time is over. One of them is the trial; the other may have ended meanwhile. */
const FIRST_IN_LINE = 2;
/** That come while another call is tried: that one may hang. */
const FIRST_WHILE_TRIED = 1;
/** The wait of the others, doubled with every rejection; at most that of Temporal's own backoff. */
const BACKOFF_MS = 5_000;
const LONGEST_BACKOFF_MS = 100_000;
/** Held letters are released one after the other, this time apart for each worker of the fleet. */
const RELEASE_INTERVAL_MS = 200;
const MAX_RELEASE_MS = 10 * 60_000;

export interface RejectedCall {
  readonly rejections: number;
  /** It is woken when the breaker lets calls pass again. */
  readonly isWoken: boolean;
  /** Of the fleet. */
  readonly workers: number;
}

/**
 * When calls that one breaker rejects come back, in milliseconds from now. The first ones come when the open time is
 * over, since one of them is the trial. The others come later, as by a backoff of their own: they are woken when the
 * breaker closes, and each time that they come costs requests.
 */
export class ComeBack {
  private epoch = 0;
  private inThisEpoch = 0;
  private nextRelease: number | undefined;

  constructor(private readonly random: () => number = Math.random) {}

  /** A call that has failed before. It takes a place in the line of this epoch. */
  inLine(epoch: number, { state, until }: Rejection, call: RejectedCall, now: number): number {
    this.enter(epoch);
    this.inThisEpoch++;
    const first = state === 'HALF_OPEN' ? FIRST_WHILE_TRIED : FIRST_IN_LINE;
    const isFirst = this.inThisEpoch <= first && this.random() * call.workers < first;
    const soonest = this.soonest(until, now);
    if (isFirst || !call.isWoken) return Math.min(soonest, LONGEST_BACKOFF_MS);
    const backoff = Math.min(BACKOFF_MS * 2 ** call.rejections, LONGEST_BACKOFF_MS);
    return Math.min(Math.max(soonest, backoff * (0.75 + this.random() / 4)), LONGEST_BACKOFF_MS);
  }

  /** When the open time is over, spread a little. */
  soonest(until: number | undefined, now: number): number {
    const remaining = remainingMs(until, now);
    const spread = Math.min(LEAST_SPREAD_MS + remaining / 5, SHORT_SPREAD_MS);
    return remaining + MARGIN_MS + this.random() * spread;
  }

  /** Opened by a person. */
  forced(until: number | undefined, now: number): number {
    const remaining = Math.min(until === undefined ? FORCED_WAIT_MS : until - now, FORCED_WAIT_MS);
    return remaining + this.random() * Math.min(1_000 + remaining / 5, SHORT_SPREAD_MS);
  }

  /**
   * A call that has not failed yet. Those that came last come back first: of many that wait, the others may be the ones
   * that would fail.
   */
  fresh(until: number | undefined, rejections: number, now: number): number {
    const wait = FRESH_WAIT_MS * 2 ** Math.min(rejections, MAX_DOUBLINGS) * (0.5 + this.random());
    return Math.min(wait, this.soonest(until, now));
  }

  /** A letter that is held: a thousand of them must not be the next outage of a service that has just come back. */
  held(epoch: number, { state, until }: Rejection, workers: number, now: number): number {
    this.enter(epoch);
    // Half-open ends with the trial under way, long before the lease of that would.
    const first = now + remainingMs(state === 'HALF_OPEN' ? undefined : until, now);
    const interval = RELEASE_INTERVAL_MS * workers;
    // The workers take turns: their first letters do not come at the same moment.
    const next = this.nextRelease ?? first + this.random() * interval;
    const turn = Math.min(Math.max(next, first), first + MAX_RELEASE_MS);
    this.nextRelease = turn + interval;
    return turn - now;
  }

  /** Each state of the breaker has its own line. */
  private enter(epoch: number): void {
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.inThisEpoch = 0;
    this.nextRelease = undefined;
  }
}

function remainingMs(until: number | undefined, now: number): number {
  return until === undefined ? SHORT_WAIT_MS : Math.max(0, until - now);
}
