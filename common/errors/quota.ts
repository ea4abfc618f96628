import { allowancesOf } from './allowances.js';
import { headerIn, headerOf, headersOf } from './headers.js';
import { getString } from './safe.js';
import { isWait, RETRY_AFTER_HEADERS } from './waits.js';
import { nodesOf } from './walk.js';

/** A 4xx with a wait is no refusal but "come back" (RFC 9110 §10.2.3; 403 at GitHub, 413, 423, 425, 409). */
export function asksToComeBack(link: unknown): boolean {
  const places = headersOf(link);
  return RETRY_AFTER_HEADERS.some((name) => isWait(headerIn(places, name)));
}

/** An empty allowance in the headers of the answer. */
export function isAllowanceUsedUp(link: unknown): boolean {
  const remaining = headerOf(
    [link],
    'x-ratelimit-remaining',
    'ratelimit-remaining',
    'x-rate-limit-remaining',
  );
  if (remaining !== undefined) return /^\s*0+(?:\.0+)?\s*$/.test(remaining);
  return allowancesOf(headerOf([link], 'ratelimit')).some((allowance) => allowance.remaining === 0);
}

/** Texts of quotas: GitHub's secondary limits, Google's, Cloudflare's 1015. Not those that merely mention one. */
const TEXTS: readonly RegExp[] = [
  /\brate[- ]?limit(?:s|ed|ing)?\b[^.]{0,40}\b(?:exceeded|reached|hit|exhausted)\b/i,
  /\b(?:exceed(?:ed|s|ing)?|reached|hit|over|triggered)\b[^.]{0,60}\b(?:rate[- ]?limits?|quotas?|abuse detection)\b/i,
  /\b(?:being|been|are|was|is|were|request) (?:\w{1,12} )?(?:rate[- ]?limited|throttled)\b/i,
  /^(?:rate[- ]?limited|throttled)\b/i,
  /\bexceed(?:ed|s|ing)?\b[^.]{0,30}\b(?:calls|requests|queries|messages) per\b/i,
  /\bout of (?:\w{1,12} ){0,3}quota\b|\bthrottled out\b/i,
  /\b(?:blocked|canceled|cancelled|delayed) due to exceeding usage\b/i,
  /\b(?:requests?|calls|user) (?:is |are )?over the limit\b/i,
  /\b(?:request|api|call|daily|hourly|usage|quota|user)s? (?:rate |call |request )?limits? (?:has been |was |is )?(?:exceeded|reached)\b/i,
  /\bquotas? (?:has been |was |is |limit )?(?:exceeded|exhausted|used up|reached)\b/i,
  /\btoo many (?:\w{1,12} )?(?:requests|calls)\b|\b(?:abuse detection mechanism|secondary rate limit|slow down|enhance your calm)\b/i,
];
/** Quotas that no wait fills up. */
const NOT_OF_TIME = /\b(?:storage|disk|seats?|licen[cs]es?|mailbox)\b/i;

export function saysQuota(link: unknown): boolean {
  if (typeof link === 'string') return isQuotaText(link);
  return nodesOf(link).some(({ value }) =>
    [
      'message',
      'error',
      'detail',
      'title',
      'error_description',
      'errorMessage',
      'description',
      'data',
      'body',
    ].some((key) => isQuotaText(getString(value, key))),
  );
}

function isQuotaText(text: string | undefined): boolean {
  const beginning = text?.slice(0, 1_000) ?? '';
  return beginning !== '' && !NOT_OF_TIME.test(beginning) && TEXTS.some((pattern) => pattern.test(beginning));
}
