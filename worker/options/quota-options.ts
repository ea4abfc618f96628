import type { QuotaOf } from '../../activities/settings.js';
import { show } from '../../common/text/show.js';
import { type CallFunction, readCallFunctions } from './call-function.js';

/**
 * Whose quota of the service a call uses, such as a tenant or an account of the API; `undefined` for one that is not
 * known. Shown in clear: no secret.
 */
export type QuotaKey = CallFunction<string | undefined>;

const MAX_KEY = 200;

/** Reads the options `quotaKey` and `operations.*.quotaKey`; what is wrong goes to `problems`. */
export function readQuotaKeys(
  quotaKey: unknown,
  operations: ReadonlyMap<string, unknown>,
  problems: string[],
): QuotaOf {
  const expected = 'a function (activityType, args) that gives a key or undefined';
  const find = readCallFunctions<QuotaKey>('quotaKey', quotaKey, operations, { expected }, problems);
  return (call, args) => {
    const choose = find(call);
    return choose && checkedKey(choose(call.activityType, args));
  };
}

/** @throws TypeError for what a function of the user's must not give */
function checkedKey(key: unknown): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= MAX_KEY) return key;
  throw new TypeError(
    `quotaKey: expected a key of 1 to ${MAX_KEY} characters or undefined, got ${show(key)}`,
  );
}
