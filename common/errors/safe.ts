/** Reads of foreign objects: getters may throw, proxies may lie, and nothing of that may fail a classification. */

export function get(object: unknown, key: string): unknown {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return undefined;
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

export function getString(object: unknown, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = get(object, key);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** An error and its causes, outermost first; cycles and long chains end. */
export function causeChain(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && chain.length < 10; at = get(at, 'cause')) {
    if (chain.includes(at)) break;
    chain.push(at);
  }
  return chain;
}

/** The text of anything, whatever it does when asked. */
export function textOf(value: unknown): string {
  try {
    return typeof value === 'string' ? value : String(value);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** Headers wherever clients keep them: fetch `Headers`, plain objects in any case, axios, pairs. */
export function header(headers: unknown, name: string): string | undefined {
  if (headers === undefined || headers === null) return undefined;
  const getter = get(headers, 'get');
  if (typeof getter === 'function') {
    try {
      const value: unknown = getter.call(headers, name);
      const first = Array.isArray(value) ? value[0] : value;
      if (typeof first === 'string' || typeof first === 'number') return String(first);
    } catch {
      // not a Headers object after all
    }
  }
  try {
    const entries: [unknown, unknown][] = Array.isArray(headers) ? headers : Object.entries(headers);
    for (const entry of entries.slice(0, 200)) {
      if (!Array.isArray(entry) || String(entry[0]).toLowerCase() !== name) continue;
      const value = Array.isArray(entry[1]) ? entry[1][0] : entry[1];
      if (typeof value === 'string' || typeof value === 'number') return String(value);
    }
  } catch {
    // unreadable headers are no headers
  }
  return undefined;
}

/** The same header from an error, its response or any of its causes. */
export function headerOfError(error: unknown, ...names: string[]): string | undefined {
  for (const at of causeChain(error)) {
    for (const headers of [
      get(get(at, 'response'), 'headers'),
      get(get(at, '$response'), 'headers'),
      get(at, 'headers'),
    ]) {
      for (const name of names) {
        const value = header(headers, name);
        if (value !== undefined) return value;
      }
    }
  }
  return undefined;
}
