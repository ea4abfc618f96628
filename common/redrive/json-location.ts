/** A place in a JSON document: the array or object it is in, and the index or name there. */
export interface Location {
  readonly parent: unknown[] | Record<string, unknown>;
  readonly key: string;
}

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * The place a JSON Pointer (RFC 6901) names; only own members and real indexes are followed, so that no pointer reaches
 * `length` or a prototype. Undefined where the way there does not exist; the place itself may be empty.
 */
export function locate(document: readonly unknown[], pointer: string): Location | undefined {
  const tokens = pointer.split('/').slice(1).map(literal);
  const key = tokens.pop();
  if (key === undefined) return undefined;
  let at: unknown = document;
  for (const token of tokens) at = member(at, token);
  if (typeof at !== 'object' || at === null) return undefined;
  return { parent: at as Location['parent'], key };
}

/** What is there; undefined where nothing is. */
export function valueAt({ parent, key }: Location): unknown {
  return member(parent, key);
}

/** Puts a value there, in an array before what is there. @returns whether that place can be */
export function insert({ parent, key }: Location, value: unknown): boolean {
  if (!Array.isArray(parent)) {
    define(parent, key, value);
    return true;
  }
  const index = key === '-' ? parent.length : INDEX.test(key) ? Number(key) : Number.POSITIVE_INFINITY;
  if (index > parent.length) return false;
  parent.splice(index, 0, value);
  return true;
}

/** Puts a value in the place of one that is there. */
export function overwrite({ parent, key }: Location, value: unknown): void {
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else define(parent, key, value);
}

/** Takes away what is there. */
export function take({ parent, key }: Location): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function member(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return INDEX.test(token) ? value[Number(token)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
  return (value as Record<string, unknown>)[token];
}

/** As JSON.parse does it: an assignment to `__proto__` would not make a member. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function literal(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
