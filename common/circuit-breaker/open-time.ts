import type { OpenTime } from './config.js';

/**
 * How long to stay open after this many failed half-opens, in milliseconds. Jitter as in "Exponential Backoff And
 * Jitter" (AWS Architecture Blog).
 * @param random from 0 to below 1
 */
export function openTimeOf(config: OpenTime, failedHalfOpens: number, random: number): number {
  const { initialInterval, backoffCoefficient, maximumInterval, jitter } = config;
  const grown = initialInterval === 0 ? 0 : initialInterval * backoffCoefficient ** failedHalfOpens;
  const full = Math.min(grown, maximumInterval);
  if (jitter === 'full') return Math.round(full * random);
  if (jitter === 'equal') return Math.round(full / 2 + (full / 2) * random);
  return full;
}
