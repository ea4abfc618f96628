const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;
/** Minutes that are compared with those before. */
const LATELY = 5;
const MIN_LETTERS = 20;
const TIMES = 5;
/** A younger group is new, and has no usual rate. */
const MIN_AGE_MS = 15 * MINUTE_MS;

type Recent = readonly (readonly [minute: number, letters: number])[];

export function withRecent(recent: Recent, letters: number, now: number): Recent {
  const minute = Math.floor(now / MINUTE_MS);
  const kept = recent.filter(([each]) => each > minute - KEPT_MINUTES && each <= minute);
  const last = kept.at(-1);
  if (last?.[0] !== minute) return [...kept, [minute, letters]];
  return [...kept.slice(0, -1), [minute, last[1] + letters]];
}

/** Letters of the last five minutes. */
export function lettersLately(recent: Recent, now: number): number {
  const from = Math.floor(now / MINUTE_MS) - LATELY;
  return recent.reduce((sum, [minute, letters]) => (minute > from ? sum + letters : sum), 0);
}

/** Whether the last five minutes have many more letters than five minutes of the hour before: at most once an hour. */
export function isSpike(
  {
    recent,
    firstSeen,
    spikeAt,
  }: { readonly recent: Recent; readonly firstSeen: number; readonly spikeAt?: number },
  now: number,
): boolean {
  if (spikeAt !== undefined && now - spikeAt < KEPT_MINUTES * MINUTE_MS) return false;
  if (now - firstSeen < MIN_AGE_MS) return false;
  const lately = lettersLately(recent, now);
  if (lately < MIN_LETTERS) return false;
  const all = recent.reduce((sum, [, letters]) => sum + letters, 0);
  const minutes = Math.min(KEPT_MINUTES, (now - firstSeen) / MINUTE_MS) - LATELY;
  return lately > ((all - lately) / minutes) * LATELY * TIMES;
}
