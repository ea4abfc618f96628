import type { QuotaOf } from '../../activities/settings.js';
import { findOperation } from '../../common/strategies/index.js';
import { show } from '../../common/text/show.js';

/**
 * Whose quota of the service a call uses, such as a tenant or an account of the API; `undefined` for one that is not
 * known. Shown in clear: no secret.
 */
export type QuotaKey = (
  activityType: string,
  // biome-ignore lint/suspicious/noExplicitAny: arguments are whatever the activity takes
  args: readonly any[],
) => string | undefined;

const MAX_KEY = 200;

/** Reads the options `quotaKey` and `operations.*.quotaKey`; what is wrong goes to `problems`. */
export function readQuotaKeys(
  quotaKey: unknown,
  operations: ReadonlyMap<string, unknown>,
  problems: string[],
): QuotaOf {
  checkFunction(quotaKey, 'quotaKey', problems);
  for (const [pattern, each] of operations) checkFunction(each, `operations.${pattern}.quotaKey`, problems);
  const chosen = new Map([...operations].filter(([, each]) => each !== undefined)) as Map<string, QuotaKey>;
  return ({ operation, activityType }, args) => {
    const names = operation === undefined ? [activityType] : [operation, activityType];
    const choose = findOperation(chosen, names) ?? (quotaKey as QuotaKey | undefined);
    return choose && checkedKey(choose(activityType, args));
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

function checkFunction(value: unknown, path: string, problems: string[]): void {
  if (value === undefined || typeof value === 'function') return;
  problems.push(
    `${path}: expected a function (activityType, args) that gives a key or undefined, got ${show(value)}`,
  );
}
