import { ErrorCategory } from '../category.js';
import { headerEntries, headersOf } from '../headers.js';
import { get, getString, isObject, items } from '../safe.js';
import { answersOf, nodesOf } from '../walk.js';
import { categoryOfNodeCode, categoryOfNodeMessage } from './node-codes.js';
import { isReply } from './protocol-replies.js';
import { applicationDetails } from './temporal.js';
import { categoryOfUndiciCode, isFetchFailure } from './undici.js';

/** Names under which clients and answers keep a status, and nothing else. */
const NAMES: readonly string[] = [
  ...[
    'statusCode',
    'status_code',
    'status',
    'httpStatusCode',
    'http_status_code',
    'httpStatus',
    'http_status',
  ],
  ...[
    'responseStatusCode',
    'response_status_code',
    'responseStatus',
    'httpCode',
    'http_code',
    'responseCode',
  ],
];

/** How the messages of clients of several languages begin or tell a status. */
const IN_MESSAGE = [
  /^Request failed with status code (\d{3})\b/,
  /^Response code (\d{3})\b/,
  /^(?:Client|Server|Redirect) error '(\d{3}) /,
  /^(\d{3}) (?:Client|Server) Error: /,
  /^HTTP Error (\d{3}): /,
  /^(\d{3}), message=/,
  /^googleapi: (?:Error|got HTTP response code) (\d{3})\b/,
  /^Response status code does not indicate success: (\d{3})\b/,
  /^GraphQL Error \(Code: (\d{3})\)/,
  /^Unexpected server response: (\d{3})\b/,
  /^(?:Unexpected|Received) (?:HTTP )?(?:response )?status(?: code)?:? (\d{3})\b/i,
  // OpenAI of Python, HubSpot, Kubernetes, AWS of Java and Go, Faraday, Google of Python.
  /^Error code: (\d{3}) - /,
  /^HTTP[- ]Code: (\d{3})\b/,
  /^\((\d{3})\)\s{1,3}Reason: /,
  /\bStatus ?Code: (\d{3})\b/,
  /\b(?:responded|answered|replied|failed|returned) (?:with |a |an ){0,2}(?:HTTP )?status(?: code)?:? (\d{3})\b/i,
  /^(\d{3}) (?:GET|POST|PUT|PATCH|DELETE|HEAD) https?:/,
  // A number with its own phrase: Spring, Guzzle, Feign, reqwest. "Order 404 not found" is none: as services write it.
  /\b(400 Bad Request|401 Unauthorized|402 Payment Required|403 Forbidden|404 Not Found|405 Method Not Allowed|408 Request Time-?out|409 Conflict|410 Gone|412 Precondition Failed|413 (?:Payload|Content|Request Entity) Too Large|415 Unsupported Media Type|422 Unprocessable|423 Locked|429 Too Many Requests|500 Internal Server Error|501 Not Implemented|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable|504 Gateway Time-?out)/,
];

/** The status an error keeps itself. A numeric string is a number; anything else is no status. */
export function statusOf(link: unknown): number | undefined {
  return statusOfAnswer(link) ?? statusInCode(link) ?? statusInDetails(link) ?? statusInContent(link);
}

function statusOfAnswer(link: unknown): number | undefined {
  if (isReply(link)) return undefined;
  for (const answer of answersOf(link)) {
    for (const name of NAMES) {
      const status = asStatus(get(answer, name));
      if (status === undefined) continue;
      if (answer === link && isMadeUp(link, status)) return undefined;
      return status;
    }
  }
  return undefined;
}

/** Without an answer some clients say 500 (Octokit) or 400 (Mailgun): its surroundings show that no server answered. */
function isMadeUp(link: unknown, status: number): boolean {
  const answered =
    ['response', 'rawResponse', '$response'].some((name) => isObject(get(link, name))) ||
    headersOf(link).some((headers) => headerEntries(headers).length > 0);
  if (answered) return false;
  // Other statuses below 500 come from a service, whose own codes may look like Node's: 404 with `ENOTFOUND`.
  if (status === 400) return categoryOfNodeCode(getString(link, 'message') ?? '') !== undefined;
  if (status < 500) return false;
  let at = link;
  for (let depth = 0; depth < 4 && isObject(at); depth++) {
    if (saysNoAnswer(at)) return true;
    at = get(at, 'cause');
  }
  return false;
}

function saysNoAnswer(link: unknown): boolean {
  const name = getString(link, 'name');
  if (name === 'AbortError' || name === 'TimeoutError' || isFetchFailure(link, name)) return true;
  const code = getString(link, 'code') ?? '';
  if ((categoryOfNodeCode(code) ?? categoryOfUndiciCode(code)) !== undefined) return true;
  const message = getString(link, 'message')?.slice(0, 200) ?? '';
  return (
    categoryOfNodeMessage(message) !== undefined || message === 'The operation was aborted due to timeout'
  );
}

/** The status of a failure of which nothing but the message came through. */
export function statusInMessage(link: unknown): number | undefined {
  const message = (typeof link === 'string' ? link : getString(link, 'message'))?.slice(0, 200);
  if (message === undefined) return undefined;
  for (const pattern of IN_MESSAGE) {
    const status = asStatus(pattern.exec(message)?.[1]?.slice(0, 3));
    if (status !== undefined) return status;
  }
  return undefined;
}

/** Google's clients say `code: 503`; so do FTP, SMTP, AMQP and databases, and mean something else. */
function statusInCode(link: unknown): number | undefined {
  const named = /^(?:ERROR_|E_|ERR_)?HTTP_(?:STATUS_|ERROR_)?(\d{3})$/.exec(
    getString(link, 'errorCode', 'code', 'name') ?? '',
  );
  if (named !== null) return asStatus(named[1]);
  // Telegram's, beside its `description`.
  const telegram = getString(link, 'description') === undefined ? undefined : get(link, 'error_code');
  if (telegram !== undefined) return asStatus(telegram);
  const status = asStatus(get(link, 'code'));
  const isStatus = status !== undefined && status >= 400 && !isReply(link) && isHttp(link, status);
  return isStatus && !isMadeUp(link, status) ? status : undefined;
}

/** Properties that only clients of HTTP have. */
const SIGNS: readonly string[] = [
  ...[
    'response',
    'request',
    'config',
    'headers',
    'responseHeaders',
    'requestUrl',
    'rawResponse',
    'statusText',
  ],
  ...['url', 'uri', 'req', 'res', 'endpoint', 'statusMessage', 'className'],
];
const CLASS = /http|gaxios|api(?:error|exception)|^fetch|restexception|resterror|^(?:request|response)error/i;
const PHRASE =
  /\b(?:bad request|unauthorized|forbidden|not found|conflict|unprocessable|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out|http)\b/i;

function isHttp(link: unknown, status: number): boolean {
  if (SIGNS.some((sign) => get(link, sign) !== undefined && get(link, sign) !== null)) return true;
  if (CLASS.test(getString(link, 'name') ?? '')) return true;
  if (CLASS.test(getString(get(link, 'constructor'), 'name') ?? '')) return true;
  // Google: `errors: [{ domain, reason }]`, and a status that is the name of a code.
  const first = items(get(link, 'errors'), 1)[0];
  if (getString(first, 'reason', 'domain') !== undefined) return true;
  if (/^[A-Z_]{5,30}$/.test(getString(link, 'status') ?? '')) return true;
  const message = getString(link, 'message')?.slice(0, 200) ?? '';
  return PHRASE.test(message) || (message.includes(String(status)) && /status|HTTP/i.test(message));
}

/**
 * `ApplicationError("HTTP 404", {"status": 404})` of Python, Go, Java and .NET. Statuses below 400 are more likely those of a
 * record, and a `code` is none in a failure that speaks of mail or files.
 */
function statusInDetails(link: unknown): number | undefined {
  const isOther = OTHER_PROTOCOL.test(
    `${getString(link, 'type')} ${getString(link, 'message')?.slice(0, 200)}`,
  );
  for (const detail of applicationDetails(link)) {
    if (isReply(detail)) continue;
    for (const name of isOther ? NAMES : [...NAMES, 'code']) {
      const status = asStatus(get(detail, name));
      if (status !== undefined && status >= 400) return status;
    }
  }
  return undefined;
}

const OTHER_PROTOCOL = /smtp|mail|ftp/i;

/** What the answer says of itself: problem details (RFC 9457), tRPC, Google. Only beside something that is an error. */
function statusInContent(link: unknown): number | undefined {
  for (const { value, isContent } of nodesOf(link)) {
    if (value === link) continue;
    const isError =
      !isContent ||
      ['title', 'message', 'error', 'errors', 'code', 'errorCode', 'path'].some(
        (sign) => get(value, sign) !== undefined,
      );
    if (!isError) continue;
    for (const name of [...NAMES, 'code']) {
      const status = asStatus(get(value, name));
      if (status === undefined || status < 400) continue;
      if (name !== 'code' || isHttp(value, status)) return status;
    }
  }
  return undefined;
}

function asStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\s*\d{3}\s*$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : undefined;
}

/** Statuses below 300 say nothing about an error. */
export function categoryOfStatus(status: number): ErrorCategory | undefined {
  if (status === 401 || status === 403) return ErrorCategory.AUTHENTICATION;
  if (status === 408) return ErrorCategory.TIMEOUT;
  if (status === 422) return ErrorCategory.VALIDATION;
  // 420 is Twitter's of old, 430 Shopify's.
  if (status === 429 || status === 420 || status === 430) return ErrorCategory.RATE_LIMIT;
  if (status >= 500) return ErrorCategory.SERVER;
  if (status >= 300) return ErrorCategory.CLIENT;
  return undefined;
}
