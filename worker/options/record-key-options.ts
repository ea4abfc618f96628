import type { RecordKeyOf } from '../../activities/settings.js';
import { show } from '../../common/text/show.js';
import { type CallFunction, readCallFunctions } from './call-function.js';

/**
 * Which record a call works on, such as `order-17`; `undefined` for one that has none. Calls of an operation with the same
 * key share one open letter. Called once for each letter, by the worker of the workflow. Only a hash of it is kept.
 */
export type RecordKey = CallFunction<string | undefined>;

const MAX_KEY = 1_000;

/** Reads the options `operations.*.recordKey`; what is wrong goes to `problems`. */
export function readRecordKeys(operations: ReadonlyMap<string, unknown>, problems: string[]): RecordKeyOf {
  const expected = 'a function (activityType, args) that gives a key or undefined';
  const find = readCallFunctions<RecordKey>('recordKey', undefined, operations, { expected }, problems);
  return (call, args) => {
    const choose = find(call);
    return choose && checkedKey(choose(call.activityType, args()));
  };
}

/** @throws TypeError for what a function of the user's must not give */
function checkedKey(key: unknown): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= MAX_KEY) return key;
  throw new TypeError(
    `recordKey: expected a key of 1 to ${MAX_KEY} characters or undefined, got ${show(key)}`,
  );
}
