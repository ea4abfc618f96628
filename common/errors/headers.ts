import { get, isObject, items } from './safe.js';

const MAX_HEADERS = 200;

/** One header, wherever and however clients keep them: fetch `Headers`, gRPC metadata, objects in any case, pairs. */
export function header(headers: unknown, name: string): string | undefined {
  if (!isObject(headers)) return undefined;
  return byGetter(headers, name) ?? byEntries(headers, name);
}

function byGetter(headers: object, name: string): string | undefined {
  const getter = get(headers, 'get');
  if (typeof getter !== 'function') return undefined;
  try {
    return single(getter.call(headers, name));
  } catch {
    return undefined; // not a Headers object after all
  }
}

function byEntries(headers: object, name: string): string | undefined {
  for (const [key, value] of entriesOf(headers)) {
    if (typeof key === 'string' && key.toLowerCase() === name) return single(value);
  }
  return undefined;
}

function entriesOf(headers: object): [unknown, unknown][] {
  const list = items(headers, 2 * MAX_HEADERS);
  if (list.length > 0) {
    // Pairs, or names and values in turn as in node's rawHeaders.
    return typeof list[0] === 'string'
      ? list.flatMap((key, i): [unknown, unknown][] => (i % 2 === 0 ? [[key, list[i + 1]]] : []))
      : list.map((pair) => [get(pair, '0'), get(pair, '1')]);
  }
  try {
    return Object.keys(headers)
      .slice(0, MAX_HEADERS)
      .map((key) => [key, get(headers, key)]);
  } catch {
    return [];
  }
}

function single(value: unknown): string | undefined {
  const first = isObject(value) ? get(value, '0') : value;
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined;
}

/** Where an error, its response or its request keeps headers; those of the answer come first. */
const PLACES: readonly (readonly string[])[] = [
  ['response', 'headers'],
  ['$response', 'headers'],
  ['headers'],
  ['responseHeaders'],
  ['metadata'],
];
const SENT: readonly (readonly string[])[] = [
  ['config', 'headers'],
  ['request', 'headers'],
  ['options', 'headers'],
];

/** The first of these headers in the answers that a chain of errors carries. */
export function headerOf(links: readonly unknown[], ...names: readonly string[]): string | undefined {
  return find(links, PLACES, names);
}

/** The same for what had been sent. */
export function sentHeaderOf(links: readonly unknown[], ...names: readonly string[]): string | undefined {
  return find(links, SENT, names);
}

function find(links: readonly unknown[], places: readonly (readonly string[])[], names: readonly string[]) {
  for (const link of links) {
    for (const place of places) {
      const headers = place.reduce<unknown>(get, link);
      for (const name of names) {
        const value = header(headers, name);
        if (value !== undefined) return value;
      }
    }
  }
  return undefined;
}
