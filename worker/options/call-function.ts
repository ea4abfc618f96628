import { notAsync } from '../../common/not-async.js';
import { findOperation, namesOfCall, type RecoverableCall } from '../../common/strategies/index.js';
import { show } from '../../common/text/show.js';

/** A function of activity type and arguments that the user gives for all calls, or for those of an operation. */
// biome-ignore lint/suspicious/noExplicitAny: arguments are whatever the activity takes
export type CallFunction<T> = (activityType: string, args: readonly any[]) => T;

/** What an option may be beside a function, and how a problem names what is expected. */
interface Allowed<V> {
  readonly expected: string;
  readonly isValue?: (value: unknown) => value is V;
}

/**
 * Reads an option that is a function, and the same option of operations; what is wrong goes to `problems`.
 * @returns what holds for a call: that of its operation, else the plugin's. A function throws a TypeError if it is async
 */
export function readCallFunctions<F, V = never>(
  name: string,
  own: unknown,
  operations: ReadonlyMap<string, unknown>,
  { expected, isValue }: Allowed<V>,
  problems: string[],
): (call: RecoverableCall) => F | V | undefined {
  const check = (value: unknown, path: string) => {
    if (value === undefined || typeof value === 'function' || isValue?.(value)) return;
    problems.push(`${path}: expected ${expected}, got ${show(value)}`);
  };
  check(own, name);
  for (const [pattern, each] of operations) check(each, `operations.${pattern}.${name}`);
  const mustNotBeAsync = (value: unknown) =>
    (typeof value === 'function' ? (...input: unknown[]) => notAsync(name, value(...input)) : value) as F | V;
  const given = [...operations].filter(([, each]) => each !== undefined);
  const chosen = new Map(given.map(([pattern, each]) => [pattern, mustNotBeAsync(each)]));
  const ofAll = own === undefined ? undefined : mustNotBeAsync(own);
  return (call) => findOperation(chosen, namesOfCall(call)) ?? ofAll;
}
