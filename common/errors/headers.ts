import { get, isObject, items } from './safe.js';
import { applicationDetails } from './sources/temporal.js';
import { answersOf } from './walk.js';

const MAX_HEADERS = 200;

/** One header, wherever and however clients keep them: fetch `Headers`, gRPC metadata, objects in any case, pairs. */
function header(headers: unknown, name: string): string | undefined {
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

/** All headers as pairs, as far as they can be listed. */
export function headerEntries(headers: object): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const [name, raw] of [...iterated(headers), ...entriesOf(headers)]) {
    const value = single(raw);
    if (typeof name === 'string' && value !== undefined) pairs.push([name.toLowerCase(), value]);
  }
  return pairs;
}

/** Of fetch `Headers` and maps. */
function iterated(headers: object): [unknown, unknown][] {
  const entries = get(headers, 'entries');
  if (typeof entries !== 'function' || Array.isArray(headers)) return [];
  const pairs: [unknown, unknown][] = [];
  try {
    for (const pair of entries.call(headers) as Iterable<unknown>) {
      if (pairs.length >= MAX_HEADERS) break;
      pairs.push([get(pair, '0'), get(pair, '1')]);
    }
  } catch {
    // not a list of headers after all
  }
  return pairs;
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

/** Names under which an error or an answer keeps its headers. */
const NAMES: readonly string[] = [
  'headers',
  'responseHeaders',
  'rawHeaders',
  'header',
  '_headers',
  'trailers',
  'metadata',
];
/** Where an error keeps what had been sent. */
const SENT: readonly (readonly string[])[] = [
  ['config', 'headers'],
  ['request', 'headers'],
  ['options', 'headers'],
];

/** The first of these headers in the answers that a chain of errors carries. */
export function headerOf(links: readonly unknown[], ...names: readonly string[]): string | undefined {
  return headerIn(links.flatMap(headersOf), ...names);
}

/** The same in headers that were found before: to find them takes longer than to look. */
export function headerIn(places: readonly unknown[], ...names: readonly string[]): string | undefined {
  for (const headers of places) {
    for (const name of names) {
      const value = header(headers, name);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** Everything that an error, its details and its answers keep as headers, those of the answers first. */
export function headersOf(link: unknown): object[] {
  const [own, ...answers] = answersOf(link);
  const details = applicationDetails(link).flatMap(answersOf);
  return [...answers, ...details, ...(own === undefined ? [] : [own])].flatMap((holder) =>
    NAMES.map((name) => get(holder, name)).filter(isObject),
  );
}

/** The same for what had been sent. */
export function sentHeaderOf(links: readonly unknown[], ...names: readonly string[]): string | undefined {
  return headerIn(
    links.flatMap((link) => SENT.map((place) => place.reduce<unknown>(get, link))),
    ...names,
  );
}
