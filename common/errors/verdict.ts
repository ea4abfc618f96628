import { categoryOfAws, isAwsServerFault } from './aws.js';
import { categoryOfAxios } from './axios.js';
import { ErrorCategory } from './category.js';
import { categoryOfGrpc, categoryOfGrpcMessage } from './grpc.js';
import { categoryOfStatus, isUsedUpAllowance, statusInMessage, statusOf } from './http-status.js';
import { likelyName, sureName, tellingName } from './names.js';
import { categoryOfNodeCode, categoryOfNodeMessage } from './node-codes.js';
import { getString } from './safe.js';
import { applicationType, categoryOfTemporal } from './temporal.js';
import { categoryOfUndiciCode, isFetchFailure } from './undici.js';
import { isBrokenJson, isValidation } from './validation.js';

/** What one error of a chain says, without its causes. */
export interface Verdict {
  readonly category: ErrorCategory;
  /** Its cause, if it says anything, knows better. */
  readonly weak?: boolean;
}

export function verdictOf(link: unknown): Verdict | undefined {
  const names = namesOf(link);
  const sure =
    categoryOfTemporal(link) ??
    categoryOfGrpc(link) ??
    categoryOfAws(link) ??
    byName(names, tellingName) ??
    (isValidation(link) ? ErrorCategory.VALIDATION : undefined) ??
    byStatus(link);
  return sure === undefined ? byCode(link, names) : { category: sure };
}

/** Name, type of an `ApplicationFailure`, and codes that are names. */
function namesOf(link: unknown): string[] {
  const given = [
    applicationType(link),
    getString(link, 'name'),
    getString(link, 'type'),
    getString(link, 'code'),
  ];
  return given.filter((name) => name !== undefined);
}

function byName(names: readonly string[], rule: (name: string) => ErrorCategory | undefined) {
  for (const name of names) {
    const category = rule(name);
    if (category !== undefined) return category;
  }
  return undefined;
}

function byStatus(link: unknown): ErrorCategory | undefined {
  const status = statusOf(link);
  if (status === undefined) return undefined;
  return isUsedUpAllowance(link, status) ? ErrorCategory.RATE_LIMIT : categoryOfStatus(status);
}

function byCode(link: unknown, names: readonly string[]): Verdict | undefined {
  const axios = categoryOfAxios(link);
  if (axios !== undefined) return axios;
  const sure =
    byName(names, categoryOfUndiciCode) ??
    byName(names, sureName) ??
    byName(names, categoryOfNodeCode) ??
    (names.some((name) => isBrokenJson(link, name)) ? ErrorCategory.SERVER : undefined);
  if (sure !== undefined) return { category: sure };
  const likely = byHearsay(link, names);
  return likely === undefined ? undefined : { category: likely, weak: true };
}

function byHearsay(link: unknown, names: readonly string[]): ErrorCategory | undefined {
  const status = statusInMessage(link);
  const message = (typeof link === 'string' ? link : getString(link, 'message'))?.slice(0, 200) ?? '';
  return (
    (status === undefined ? undefined : categoryOfStatus(status)) ??
    categoryOfGrpcMessage(link) ??
    categoryOfNodeMessage(message) ??
    (/aborted due to timeout|^timeout of \d+ ?ms exceeded/i.test(message)
      ? ErrorCategory.TIMEOUT
      : undefined) ??
    byName(names, likelyName) ??
    (names.some((name) => isFetchFailure(link, name)) ? ErrorCategory.NETWORK : undefined) ??
    (isAwsServerFault(link) ? ErrorCategory.SERVER : undefined)
  );
}

/** The first error that is sure; otherwise the innermost that says anything. */
export function verdictOfChain(links: readonly unknown[]): Verdict | undefined {
  let weak: Verdict | undefined;
  for (const link of links) {
    const verdict = verdictOf(link);
    if (verdict === undefined) continue;
    if (verdict.weak !== true) return verdict;
    weak = verdict;
  }
  return weak;
}
