/**
 * Writing JSON recurses, and a workflow's stack holds some thousand levels: what is nested deeper than this is refused
 * where it comes in, since it could not be written again.
 */
export const MAX_JSON_DEPTH = 1_000;

/** Whether a value read from JSON is nested deeper than `MAX_JSON_DEPTH`. Does not recurse. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return true;
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      for (const inner of Object.values(each))
        if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  return false;
}
