import { ErrorCategory } from '../category.js';

const { AUTHENTICATION, CLIENT, NETWORK, RATE_LIMIT, SERVER, TIMEOUT, VALIDATION } = ErrorCategory;

/** Words of unlisted codes and labels, in the order of the checks. */
const WORDS: readonly (readonly [RegExp, ErrorCategory])[] = [
  // Quotas that no wait fills up.
  [
    /(?:^|_)(?:storage|disk|seats?|licen[cs]es?|mailbox)_(?:\w{1,20}_)?(?:limit|quota)?_?(?:exceeded|reached|full)(?:_|$)/,
    CLIENT,
  ],
  [
    /(?:^|_)(?:throttl\w*|rate_?limit\w*|too_many_(?:\w{1,20}_)?(?:requests|calls|queries)|(?:request|call|api|daily|hourly|rate|usage|query)s?_(?:limit|quota)_(?:exceeded|reached)|(?:quota|rate)_(?:exceeded|exhausted)|resources?_exhausted|throughput_exceeded|\w{0,20}invocations?_limit_exceeded|over_(?:qps|rate|limit)|exceeded_quota|(?:over|out_of)_quota|over_query_limit|concurrency_limit_exceeded|slow_down|enhance_your_calm)(?:_|$)/,
    RATE_LIMIT,
  ],
  [
    /(?:^|_)(?:unauthenticated|unauthori[sz]ed|not_(?:authenticated|authed|authori[sz]ed)|(?:auth|authentication|authori[sz]ation|log_?(?:in|on)|sign_?in)_(?:failed|failure|error|required|denied|expired|invalid)|(?:access|permission)s?_(?:denied|required)|forbidden|insufficient_(?:access|permissions?|privileges?|scopes?|rights)|(?:invalid|expired|revoked|missing|bad|wrong|unknown)_(?:\w{1,20}_)?(?:session|token|api_?key|access_key|credentials?|password|login|auth|authentication|authorization|grant|client|signature|jwt)(?:_id)?|(?:token|session|credentials?|api_?key|password|jwt)_(?:has_)?(?:expired|revoked|invalid|missing|required|inactive|disabled)|account_(?:locked|disabled|suspended|inactive)|login_failed)(?:_|$)/,
    AUTHENTICATION,
  ],
  [/(?:^|_)(?:time_?out|timed_?out|deadline_exceeded|took_too_long)(?:_|$)/, TIMEOUT],
  [
    /(?:^|_)(?:conn(?:ection)?_(?:refused|reset|closed|lost|loss|failed|failure|error|aborted|terminated)|network_(?:\w{1,20}_)?(?:error|failure|failed|unreachable)|host_unreachable|host_not_found|dns_(?:error|failure)|socket_(?:closed|error|hang_up)|name_resolution)(?:_|$)/,
    NETWORK,
  ],
  [
    /(?:^|_)(?:internal_(?:server_)?(?:error|failure|exception)|server_(?:error|busy|unavailable|overloaded|failure)|service_(?:unavailable|busy|error|down)|temporar\w*_(?:unavailable|error|failure)|(?:system|backend|upstream)_(?:error|failure|unavailable|busy)|overload(?:ed)?|unavailable|maintenance|try_again(?:_later)?|retry_later|dead_?lock\w*|lock_(?:wait_)?(?:timeout|conflict|not_available)|(?:row|record|resource|table)_(?:is_)?(?:locked|busy|in_use)|unable_to_lock\w*|serialization_failure|write_conflict|too_many_connections|transient\w*)(?:_|$)/,
    SERVER,
  ],
  [
    /(?:^|_)(?:validation(?:_\w{1,20})?|invalid_(?:argument|arguments|input|request|field|fields|parameter|parameters|param|params|value|values|format|data|json|payload|body|type|email|date|id|amount|currency|address|phone|country)|(?:missing|required|mandatory)_(?:field|fields|parameter|parameters|param|params|value|argument|property)|(?:field|parameter|param|value|property|argument)_(?:is_)?(?:required|missing|invalid|too_long|too_short)|required_\w{1,30}_missing|malformed\w*|unprocessable\w*|bad_(?:user_)?(?:input|request|data)|constraint_violat\w*|(?:string|value|text|field)_too_(?:long|large|short)|out_of_range|schema_violation|parse_error)(?:_|$)/,
    VALIDATION,
  ],
  [
    /(?:^|_)(?:not_found|no_such_\w{1,30}|does_not_exist|doesnt_exist|unknown_(?:\w{1,20}_)?(?:method|endpoint|resource|object|operation|entity)|already_exists?|duplicate\w*|conflict|unsupported\w*|not_(?:supported|implemented|allowed)|method_not_allowed|is_deleted|gone|archived|too_large|payment_required)(?:_|$)/,
    CLIENT,
  ],
];

const MAX_CODE = 80;

/** By the words in a code or label such as `QuotaExceeded`, `api/limit-exceeded` or `connection reset`. */
export function categoryOfWords(code: string): ErrorCategory | undefined {
  if (code.length > MAX_CODE || !/^[\w .:/-]+$/.test(code)) return undefined;
  const words = code
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return WORDS.find(([pattern]) => pattern.test(words))?.[1];
}

const PASSING: readonly ErrorCategory[] = [RATE_LIMIT, TIMEOUT, NETWORK, SERVER];

/**
 * The same for names of classes and types of an `ApplicationFailure`, which people choose for their own errors: only what
 * is retried anyway. Code that throws a `CustomerNotFoundError` may rely on the next attempt, and has `nonRetryable`.
 */
export function categoryOfNameWords(name: string): ErrorCategory | undefined {
  const category = categoryOfWords(name);
  return category !== undefined && PASSING.includes(category) ? category : undefined;
}
