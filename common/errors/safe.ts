/** Reads of foreign objects: getters may throw, proxies may lie, and nothing of that may fail a classification. */

export function get(object: unknown, key: string | symbol): unknown {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return undefined;
  try {
    return (object as Record<string | symbol, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** The first of these properties that is a string with something in it. */
export function getString(object: unknown, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = get(object, key);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** The first elements of an array; of anything else, a revoked proxy included, nothing. */
export function items(value: unknown, limit: number): unknown[] {
  try {
    return Array.isArray(value) ? Array.prototype.slice.call(value, 0, limit) : [];
  } catch {
    return [];
  }
}

export function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

/** The text of anything, whatever it does when asked. */
export function textOf(value: unknown): string {
  try {
    return typeof value === 'string' ? value : String(value);
  } catch {
    return 'an error that cannot be shown';
  }
}
