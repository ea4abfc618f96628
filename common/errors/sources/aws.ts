import { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';

const { AUTHENTICATION, RATE_LIMIT, TIMEOUT, VALIDATION, SERVER } = ErrorCategory;

/** AWS answers most of these with 400, so that the name says more than the status. */
const NAMES: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/^(?:RequestLimitExceeded|BandwidthLimitExceeded|LimitExceededException)$/, RATE_LIMIT],
  [
    /^(?:AccessDenied|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId)/,
    AUTHENTICATION,
  ],
  [
    /^(?:SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken)/,
    AUTHENTICATION,
  ],
  [/^(?:RequestTimeout|RequestExpired$)/, TIMEOUT],
  [/^(?:Validation|InvalidParameter|SerializationException|MissingParameter)/, VALIDATION],
  [/^(?:Internal(?:Failure|Error|ServerError)|ServiceUnavailable|TransactionConflict)/, SERVER],
];

export function categoryOfAws(link: unknown): ErrorCategory | undefined {
  if (get(get(link, '$retryable'), 'throttling') === true) return RATE_LIMIT;
  const isAws = ['$metadata', '$response', '$fault', '__type'].some((key) => get(link, key) !== undefined);
  if (!isAws) return undefined;
  for (const key of ['name', 'Code', 'code', '__type']) {
    const name = getString(link, key)?.replace(/^.*#/, '');
    const category = name === undefined ? undefined : NAMES.find(([pattern]) => pattern.test(name))?.[1];
    if (category !== undefined) return category;
  }
  return undefined;
}

/** Whose fault AWS says it is, when nothing else is known. */
export function isAwsServerFault(link: unknown): boolean {
  return get(link, '$fault') === 'server';
}
