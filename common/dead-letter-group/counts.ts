/** Letters by key: a host, a version, an activity type. */
export interface KeyCounts {
  readonly keys: Readonly<Record<string, KeyCount>>;
  /** Letters whose key is no longer kept. */
  readonly others: number;
}

/** Times in milliseconds since the epoch. */
export interface KeyCount {
  readonly letters: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Of more keys, those that were seen last are kept. */
export const MAX_KEYS = 20;

export function withCounts(
  counts: KeyCounts,
  added: Readonly<Record<string, number>>,
  firstSeen: number,
  lastSeen: number,
): KeyCounts {
  const keys = new Map(Object.entries(counts.keys));
  for (const [key, letters] of Object.entries(added)) {
    const known = keys.get(key);
    keys.set(key, {
      letters: (known?.letters ?? 0) + letters,
      firstSeen: known?.firstSeen ?? firstSeen,
      lastSeen: Math.max(known?.lastSeen ?? 0, lastSeen),
    });
  }
  const bySeen = [...keys].sort(([, a], [, b]) => b.lastSeen - a.lastSeen || b.letters - a.letters);
  const dropped = bySeen.slice(MAX_KEYS).reduce((sum, [, { letters }]) => sum + letters, 0);
  return { keys: Object.fromEntries(bySeen.slice(0, MAX_KEYS)), others: counts.others + dropped };
}

/** The keys with the most letters first. */
export function largest({ keys }: KeyCounts, most = MAX_KEYS): [key: string, count: KeyCount][] {
  return Object.entries(keys)
    .sort(([, a], [, b]) => b.letters - a.letters)
    .slice(0, most);
}
