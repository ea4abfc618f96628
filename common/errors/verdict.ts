import { ErrorCategory } from './category.js';
import { categoryOfLabel, categoryOfLabelWords } from './labels.js';
import { categoryOfText, categoryOfTimeoutText } from './plain-words.js';
import { asksToComeBack, isAllowanceUsedUp, saysQuota } from './quota.js';
import { get, getString } from './safe.js';
import { categoryOfAws, isAwsServerFault } from './sources/aws.js';
import { categoryOfAxios } from './sources/axios.js';
import { categoryOfDatabase } from './sources/database-codes.js';
import { categoryOfStatus, statusInMessage, statusOf } from './sources/http-status.js';
import { categoryOfKafka } from './sources/kafka-codes.js';
import { likelyName, sureName, tellingName } from './sources/names.js';
import { categoryOfNodeCode, categoryOfNodeMessage } from './sources/node-codes.js';
import { categoryOfReply } from './sources/protocol-replies.js';
import { categoryOfRpc, categoryOfRpcMessage } from './sources/rpc.js';
import { categoryOfSaidCode } from './sources/said-codes.js';
import { categoryOfSoap } from './sources/soap.js';
import { applicationType, categoryOfTemporal } from './sources/temporal.js';
import { categoryOfUndiciCode, isFetchFailure } from './sources/undici.js';
import { isBrokenJson, isValidation } from './sources/validation.js';
import { categoryOfGraphql, vendorVerdict } from './sources/vendor.js';
import { nodesOf } from './walk.js';

/** What one error of a chain says, without its causes. */
export interface Verdict {
  readonly category: ErrorCategory;
  /** Its cause, if it says anything, knows better. */
  readonly weak?: boolean;
}

/** The most precise source comes first: a protocol's own codes, then the status of HTTP, then codes, names and words. */
export function verdictOf(link: unknown): Verdict | undefined {
  const names = namesOf(link);
  const sure =
    categoryOfTemporal(link) ??
    rpcCategory(link) ??
    categoryOfDatabase(link) ??
    categoryOfReply(link) ??
    categoryOfKafka(link) ??
    categoryOfAws(link) ??
    categoryOfSoap(link) ??
    categoryOfGraphql(link) ??
    byName(names, tellingName) ??
    (isValidation(link) ? ErrorCategory.VALIDATION : undefined) ??
    byStatus(link);
  return sure === undefined ? byCode(link, names) : { category: sure };
}

/** Also of what an answer says: JSON-RPC keeps the error in the body, tRPC names its codes in `data`. */
function rpcCategory(link: unknown): ErrorCategory | undefined {
  const own = categoryOfRpc(link);
  const isJsonRpc = (value: unknown) => Number(get(value, 'code')) <= -32_000;
  if (own !== undefined && !isJsonRpc(link)) return own;
  const nodes = nodesOf(link).filter(({ value }) => isJsonRpc(value));
  if (nodes.length === 0) return own;
  // tRPC's numbers mean something else than JSON-RPC's; its names say what.
  const named = nodes
    .map(({ value }) => get(value, 'data'))
    .find((data) => get(data, 'httpStatus') !== undefined);
  if (named !== undefined) return undefined;
  return own ?? categoryOfRpc(nodes[0]?.value);
}

/** Name, class, type of an `ApplicationFailure`, and codes that are names. */
function namesOf(link: unknown): string[] {
  const given = [
    applicationType(link),
    getString(link, 'name'),
    getString(link, 'type'),
    getString(link, 'code'),
    getString(get(link, 'constructor'), 'name'),
    getString(link, 'errno'),
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
  const category = categoryOfStatus(status);
  return status >= 400 && status < 500 ? (refined(link, status) ?? category) : category;
}

/** Statuses that say "not now" where a wait comes with them; others keep their category and are still retried. */
const PASSING: readonly number[] = [402, 403, 409, 413, 418, 423, 425];
/** Statuses with which services refuse a caller that exceeds its quota: most use 403, Binance 418. */
const REFUSING: readonly number[] = [400, 403, 418];

/**
 * What says more than a 4xx: a wait, an empty allowance, a quota by code or words, and codes after which it is handled
 * otherwise (`invalid_grant` and `UNABLE_TO_LOCK_ROW` come with 400).
 */
function refined(link: unknown, status: number): ErrorCategory | undefined {
  if (status === 408 || status === 429) return undefined;
  if (PASSING.includes(status) && asksToComeBack(link)) return ErrorCategory.RATE_LIMIT;
  if (status === 403 && isAllowanceUsedUp(link)) return ErrorCategory.RATE_LIMIT;
  if (REFUSING.includes(status) && saysQuota(link)) return ErrorCategory.RATE_LIMIT;
  const said = vendorVerdict(link);
  if (said === undefined || status === 401) return status === 400 ? passingInMessage(link) : undefined;
  const { category, isListed } = said;
  if (category === ErrorCategory.RATE_LIMIT) return category;
  const isOther =
    category === ErrorCategory.AUTHENTICATION ||
    category === ErrorCategory.TIMEOUT ||
    category === ErrorCategory.SERVER;
  return isListed && isOther && status === 400 ? category : undefined;
}

/** Databases behind HTTP answer 400 to everything and repeat what the database said. */
function passingInMessage(link: unknown): ErrorCategory | undefined {
  const message = getString(link, 'message')?.slice(0, 300) ?? '';
  const said = categoryOfSaidCode(message) ?? categoryOfRpcMessage(message);
  return said === ErrorCategory.SERVER || said === ErrorCategory.RATE_LIMIT ? said : undefined;
}

/** Codes that say more than the name of the class beside them. */
const BROKEN: readonly string[] = ['ECONNRESET', 'EPIPE', 'ECONNREFUSED'];

function byCode(link: unknown, names: readonly string[]): Verdict | undefined {
  // What superagent calls ECONNABORTED was a time-out, as its `errno` says.
  const label = categoryOfLabel(link);
  if (label === ErrorCategory.TIMEOUT) return { category: label };
  // So was an ECONNABORTED whose message speaks of one, also where it is not known to be axios'.
  const said = [getString(link, 'message'), getString(link, 'details')].map((text) => text ?? '');
  const isCutOff = names.includes('ECONNABORTED') || said[0] === 'ECONNABORTED';
  if (isCutOff && said.some((text) => categoryOfTimeoutText(text) !== undefined)) {
    return { category: ErrorCategory.TIMEOUT };
  }
  const axios = categoryOfAxios(link);
  if (axios !== undefined) return axios;
  const sure =
    byName(names, categoryOfUndiciCode) ??
    // AWS names a connection that broke `TimeoutError`.
    (names.some((name) => BROKEN.includes(name)) ? ErrorCategory.NETWORK : undefined) ??
    byName(names, sureName) ??
    byName(names, categoryOfNodeCode) ??
    (names.some((name) => isBrokenJson(link, name)) ? ErrorCategory.SERVER : undefined) ??
    label;
  if (sure !== undefined) return { category: sure };
  const vendor = isAborted(link) ? undefined : vendorVerdict(link);
  if (vendor?.isListed) return { category: vendor.category };
  const likely = byHearsay(link, names) ?? vendor?.category;
  return likely === undefined ? undefined : { category: likely, weak: true };
}

/** The caller ended the call: nothing is known of the service. */
function isAborted(link: unknown): boolean {
  return /^(?:AbortError|CanceledError|CancelError|CancelledFailure)$/.test(getString(link, 'name') ?? '');
}

function byHearsay(link: unknown, names: readonly string[]): ErrorCategory | undefined {
  const status = statusInMessage(link);
  const message = (typeof link === 'string' ? link : getString(link, 'message'))?.slice(0, 300) ?? '';
  return (
    // AWS says 400 and, beside it, that it throttles.
    categoryOfSaidCode(message) ??
    (status === undefined ? undefined : categoryOfStatus(status)) ??
    categoryOfRpcMessage(message) ??
    categoryOfNodeMessage(message) ??
    (isAborted(link) ? undefined : categoryOfTimeoutText(message)) ??
    byName(names, likelyName) ??
    (names.some((name) => isFetchFailure(link, name)) ? ErrorCategory.NETWORK : undefined) ??
    (isAwsServerFault(link) ? ErrorCategory.SERVER : undefined) ??
    (isAborted(link) ? undefined : (categoryOfLabelWords(link) ?? quotaSaid(link) ?? categoryOfText(message)))
  );
}

function quotaSaid(link: unknown): ErrorCategory | undefined {
  return saysQuota(link) ? ErrorCategory.RATE_LIMIT : undefined;
}

/** The first error that is sure; otherwise the innermost that says anything. */
export function verdictOfChain(links: readonly unknown[]): Verdict | undefined {
  let weak: Verdict | undefined;
  for (const [at, link] of links.entries()) {
    const verdict = verdictOf(link);
    if (verdict === undefined) continue;
    if (verdict.weak !== true) return quotaWithin(link, links.slice(at + 1)) ?? verdict;
    weak = verdict;
  }
  return weak;
}

/** Some clients repeat the status and leave the headers, and with them the wait, on the error inside (Linear). */
function quotaWithin(link: unknown, causes: readonly unknown[]): Verdict | undefined {
  if (causes.length === 0) return undefined;
  const status = statusOf(link);
  if (status === undefined || !PASSING.includes(status)) return undefined;
  const same = causes.find((cause) => statusOf(cause) === status);
  const inner = same === undefined ? undefined : verdictOf(same);
  return inner?.category === ErrorCategory.RATE_LIMIT ? inner : undefined;
}
