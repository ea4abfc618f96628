import { REDACTED } from '../errors/index.js';

/**
 * Whether a text is a JSON Pointer (RFC 6901) into the arguments of an activity, in which a part `*` is any key or
 * index: its first part says which argument.
 */
export function isArgumentPath(path: unknown): path is string {
  return typeof path === 'string' && /^\/(?:0|[1-9]\d*|\*)(?:\/(?:[^~]|~[01])*)?$/s.test(path);
}

/** A copy of the arguments without what the paths name. */
export function hidePaths(args: readonly unknown[], paths: readonly string[]): unknown[] {
  const pointers = paths.map((path) => path.slice(1).split('/').map(literal));
  return args.map((arg, index) => hide(arg, below(pointers, String(index))));
}

type Pointers = readonly (readonly string[])[];

/** What is left of the pointers behind a key; a pointer that ends there is left with nothing. */
function below(pointers: Pointers, key: string): Pointers {
  return pointers.filter(([part]) => part === '*' || part === key).map(([, ...rest]) => rest);
}

function hide(value: unknown, pointers: Pointers): unknown {
  if (pointers.length === 0) return value;
  if (pointers.some((rest) => rest.length === 0)) return REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => hide(item, below(pointers, String(index))));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, hide(item, below(pointers, key))]),
  );
}

function literal(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
