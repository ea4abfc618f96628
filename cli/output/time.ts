const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `3h`, `12m`: the largest unit that fits, rounded down. */
function shortDuration(ms: number): string {
  for (const [unit, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return '0s';
}

/** How long ago. */
export function age(time: Date | string, now = Date.now()): string {
  return shortDuration(Math.max(0, now - new Date(time).getTime()));
}

/** When it will be: `in 3h`, or `now`. */
export function fromNow(time: Date | string, now = Date.now()): string {
  const ms = new Date(time).getTime() - now;
  return ms < 1_000 ? 'now' : `in ${shortDuration(ms)}`;
}

/** `1h 05m`, `2m 10s`, `7s`. */
export function longDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  if (h > 0) return `${h}h ${two(m)}m`;
  return m > 0 ? `${m}m ${two(s)}s` : `${s}s`;
}

/** Seconds are enough for people. */
export function moment(time: Date | string | number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
