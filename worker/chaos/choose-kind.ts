import { seededShare } from '../../activities/injected-failures/seeded-share.js';
import type { ChaosKind, ParsedChaos } from './kinds.js';

/**
 * What is injected into an attempt; undefined for most. Bad input stays bad: `invalid` is drawn once for each call, the
 * others once for each attempt.
 */
export function chooseKind(
  { rate, kinds, seed }: Pick<ParsedChaos, 'rate' | 'kinds' | 'seed'>,
  call: string,
  attempt: string,
): ChaosKind | undefined {
  const share = rate / kinds.length;
  if (kinds.includes('invalid') && seededShare(seed, call) < share) return 'invalid';
  const passing = kinds.filter((kind) => kind !== 'invalid');
  return passing[Math.floor(seededShare(seed, call, attempt) / share)];
}
