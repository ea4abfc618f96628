// Values that do not fit, and copies of valid ones in which something is wrong: the same for the same seed.

/** mulberry32 */
export function generator(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return { next, pick };
}

/** `INPUT_SEED=7 node dist/test/run.js input/` runs what a failure names; `INPUT_COUNT` makes it longer. */
export const SEED = Number(process.env.INPUT_SEED ?? 20_260);
export const COUNT = Number(process.env.INPUT_COUNT ?? 120);

const SCALARS = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e300, -1e300, 2 ** 53, 2 ** 31, '', 'x', ' ', '\u0000', '`*_[]('],
  ...[
    '__proto__',
    'constructor',
    '\ud83d\ude00',
    '/0/a',
    'y'.repeat(5_000),
    '10000000 days',
    '2026-01-01T00:00:00Z',
  ],
];

export interface Arbitrary {
  next(): number;
  pick<T>(list: readonly T[]): T;
  /** Any JSON value. */
  anything(): unknown;
  /** A copy in which a few things are other ones, are gone, or came new. */
  mutated(value: unknown, share?: number): unknown;
}

export function arbitrary(seed: number): Arbitrary {
  const { next, pick } = generator(seed);
  const anything = (depth = 0): unknown => {
    const kind = next();
    if (depth > 4 || kind < 0.6) return pick(SCALARS);
    const length = Math.floor(next() * 4);
    if (kind < 0.8) return Array.from({ length }, () => anything(depth + 1));
    return Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, anything(depth + 1)]));
  };
  const mutated = (value: unknown, share = 0.15): unknown => {
    if (next() < share) return anything();
    if (Array.isArray(value)) return value.map((item) => mutated(item, share));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(() => next() > share / 3);
    if (next() < share / 2) entries.push([pick(['extra', 'v', 'args', 'by']), anything()]);
    return Object.fromEntries(entries.map(([key, item]) => [key, mutated(item, share)]));
  };
  return { next, pick, anything: () => anything(), mutated };
}
