import { type Limit, readLimit, type Share } from './limit.js';

/**
 * A limit that is also within what the service states. Undefined where the limit is already: what a person has configured lower
 * than the service allows stays.
 * @param stated windows of the service's policies
 */
export function withinStated(limit: Limit, stated: readonly Share[]): Limit | undefined {
  const windows = new Map(limit.windows.map(({ calls, perMs }) => [perMs, calls]));
  let isLower = false;
  for (const { calls, perMs } of stated) {
    if (mostIn([...windows], perMs) <= calls) continue;
    windows.set(perMs, calls);
    isLower = true;
  }
  if (!isLower) return undefined;
  const all = [...windows].map(([perMs, calls]) => ({ calls, per: perMs }));
  // A window that another one implies needs no place.
  const needed = all.filter(
    ({ calls, per }) =>
      mostIn(
        [...windows].filter(([perMs]) => perMs !== per),
        per,
      ) > calls,
  );
  const { concurrency } = limit;
  return readLimit({ windows: needed, ...(concurrency === undefined ? {} : { concurrency }) }, 'stated', []);
}

/** Windows of the service's policies that are lower than a limit; empty where it is within all. */
export function lowerWindows(limit: Limit, stated: readonly Share[]): readonly Share[] {
  const lower = withinStated(limit, stated)?.windows ?? [];
  return lower.filter(
    ({ calls, perMs }) => !limit.windows.some((each) => each.calls === calls && each.perMs === perMs),
  );
}

/** Calls that windows allow in a time: each of them as often as it begins in it. */
function mostIn(windows: readonly (readonly [perMs: number, calls: number])[], timeMs: number): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...windows.map(([perMs, calls]) => calls * Math.ceil(timeMs / perMs)),
  );
}
