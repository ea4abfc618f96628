/** One workflow takes about five signals a second without delay: the interval between two reports of a fleet. */
const TURN_MS = 200;
/** News that opens nothing yet can wait a moment, for more of it to go with it. */
const LEAST_INTERVAL_MS = 1_000;
/** In this time one of many reporters has been heard by all, so that the rest have nothing left to say. */
const SUPPRESSION_MS = 250;

/** How urgent a report is. `soon`: with the next report; `alarm`: many workers may send it at once; `now`. */
export type Urgency = 'soon' | 'alarm' | 'now';

/**
 * Milliseconds until a report goes out, one of `reporters` who may all have the same to say.
 *
 * Ordinary news takes turns: five reports a second, however many report. An alarm must not take turns: it waits a part
 * of a second, spread exponentially, so that of many a few are early and their news silences the others, while a single
 * one is not slow (J. Nonnenmacher, E. W. Biersack, "Optimal multicast feedback", INFOCOM 1998).
 * @param random from 0 to 1
 */
export function reportDelayMs(urgency: Urgency, reporters: number, random: number): number {
  if (urgency === 'now' || reporters <= 1) return urgency === 'soon' ? LEAST_INTERVAL_MS : 0;
  // Spread, since what one of them sees, all may see at the same moment.
  if (urgency === 'soon') return Math.max(LEAST_INTERVAL_MS, reporters * TURN_MS * (0.5 + random));
  const lambda = Math.log(reporters) + 1;
  return (SUPPRESSION_MS * Math.log1p(random * Math.expm1(lambda))) / lambda;
}
