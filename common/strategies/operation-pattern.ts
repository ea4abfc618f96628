/** Whether a name matches a pattern, in which `*` stands for any text. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/**
 * The entry for an operation: its own name first, then the pattern with the most text that is not `*`, of equal ones
 * the first. Names are tried in the order given (operation, then activity type).
 */
export function findOperation<T>(entries: ReadonlyMap<string, T>, names: readonly string[]): T | undefined {
  for (const name of names) {
    const exact = entries.get(name);
    if (exact !== undefined) return exact;
  }
  return findOperations(entries, names)[0];
}

/** The names that a call is found by. */
export function namesOfCall(call: {
  readonly operation?: string | undefined;
  readonly activityType: string;
}): string[] {
  const { operation, activityType } = call;
  return operation === undefined ? [activityType] : [operation, activityType];
}

/** All entries for an operation, the most specific first. */
export function findOperations<T>(entries: ReadonlyMap<string, T>, names: readonly string[]): T[] {
  const exact = names.filter((name) => entries.has(name));
  const patterns = [...entries.keys()]
    .filter((pattern) => pattern.includes('*') && !exact.includes(pattern))
    .filter((pattern) => names.some((name) => matches(pattern, name)))
    .sort((a, b) => literal(b) - literal(a));
  return [...exact, ...patterns].map((key) => entries.get(key) as T);
}

function literal(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}
