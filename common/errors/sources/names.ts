import { ErrorCategory } from '../category.js';

const { AUTHENTICATION, CLIENT, MAPPING, NETWORK, PLUGIN, RATE_LIMIT, SERVER, TIMEOUT, VALIDATION } =
  ErrorCategory;

type Rule = readonly [RegExp, ErrorCategory];

/** Names that say more than a status beside them. */
const TELLING: readonly Rule[] = [
  [
    /Throttl|TooManyRequests|ProvisionedThroughputExceeded|^SlowDown$|RateLimit(?:ed|Exceeded|Error)/,
    RATE_LIMIT,
  ],
  [/^(?:APILimitExceeded|QuotaExceeded|TooManyRequests)(?:Error|Exception)$/, RATE_LIMIT],
  [/Mapping(?:Error|Exception)$/, MAPPING],
  [/^Plugin\w{0,40}(?:Error|Exception)$/, PLUGIN],
];

/** Names after which no cause needs to be asked. */
const SURE: readonly Rule[] = [
  [/^(?:TimeoutError|TimeoutFailure|asyncio\.TimeoutError|DeadlineExceeded(?:Error|Exception)?)$/, TIMEOUT],
  [/^(?:Headers|Body|Connect)TimeoutError$/, TIMEOUT],
];

/**
 * Names of exceptions as workers in other languages send them (httpx, requests, aiohttp, java.net, Go), and habits of
 * JavaScript clients. What caused such an error may know better.
 */
const LIKELY: readonly Rule[] = [
  [/Time(?:d)?[oO]ut(?:Error|Exception|Expired)?$/, TIMEOUT],
  [/JSONDecodeError$|^JsonProcessingException$|^ParseError$/, SERVER],
  [
    /^(?:Unauthorized|Unauthenticated|Authentication|Authorization|Auth|Forbidden|PermissionDenied)(?:Error|Exception)$/,
    AUTHENTICATION,
  ],
  [/Authenticat(?:ion|ed)(?:Failed|Required)?(?:Error|Exception)$/, AUTHENTICATION],
  [/^(?:TokenExpiredError|JsonWebTokenError|CredentialsProviderError)$/, AUTHENTICATION],
  [
    /^(?:Connect|Connection|Network|Socket|Read|Write|Close|Proxy|RemoteProtocol|SSL|TLS|Transport|BrokenPipe)(?:Error|Exception)$/,
    NETWORK,
  ],
  [/^(?:Connection|Client)(?:Refused|Reset|Aborted|Connector|OS|Payload)Error$/, NETWORK],
  [
    /(?:APIConnection|NewConnection|MaxRetry|MaxRetriesPerRequest|NameResolution|ServerDisconnected|ChunkedEncoding)(?:Error)?$/,
    NETWORK,
  ],
  [/(?:^|\.)(?:UnknownHost|NoRouteToHost|SSL|SSLHandshake|NoHttpResponse)Exception$/, NETWORK],
  // Databases, as drivers and object mappers of several languages name their classes.
  [
    /Deadlock|LockTimeout|LockNotAvailable|LockWaitTimeout|SerializationFailure|OptimisticLock|TooManyConnections/,
    SERVER,
  ],
  // Circuit breakers of other languages' workers: that of the wire protocol, pybreaker, resilience4j, Polly, cockatiel.
  [
    /^(?:CircuitOpen|CircuitBreakerError|CallNotPermittedException|BrokenCircuit(?:Error|Exception))$/,
    SERVER,
  ],
  [
    /AccessDenied|AccessRefused|NoCredentials|InvalidPassword|InvalidAuthorization|InvalidCredentials|AuthenticationFailed|SMTPAuthentication/,
    AUTHENTICATION,
  ],
  [
    /(?:UniqueViolation|UniqueConstraint|ForeignKeyConstraint|NotNullViolation|CheckViolation|DuplicateKey|IntegrityConstraintViolation)/,
    VALIDATION,
  ],
  [
    /^(?:\w{1,40}\.){0,5}(?:IntegrityError|DataError|DataIntegrityViolationException|NotNullConstraintViolationException)$/,
    VALIDATION,
  ],
  [
    /^(?:\w{1,40}\.){0,5}(?:ProgrammingError|BadSqlGrammarException|SQLSyntaxErrorException|InvalidFieldNameException)$/,
    CLIENT,
  ],
  [
    /(?:TransientConnection|RecoverableException|CannotGetJdbcConnection|Communications?(?:Error|Exception)$|NoHostAvailable|NoLivingConnections|BrokerNotFound|ConnectionRefused|HostNotFound|HostNotReachable|InvalidConnection|SequelizeConnection)/,
    NETWORK,
  ],
  [/^(?:HTTPParserError|OpError|DNSError)$/, NETWORK],
  [/(?:^|\.)(?:Connect|Socket)Exception$/, NETWORK],
  [
    /^(?:TooManyRedirects|InvalidURL|UnsupportedProtocol|MaxRedirectsError|UnsupportedProtocolError)$/,
    CLIENT,
  ],
];

/** Only where nothing came over the wire: an HTTP status says more than these. */
const VALIDATING =
  /^(?:\$?Zod(?:Real)?Error|ValiError|(?:\w{1,40}\.)?(?:Schema|Ajv|PrismaClient|Sequelize|Mongoose|Joi|Yup)?Validation(?:Error|Exception))$/;

export function tellingName(name: string): ErrorCategory | undefined {
  return find(TELLING, name) ?? (VALIDATING.test(name) ? VALIDATION : undefined);
}

export function sureName(name: string): ErrorCategory | undefined {
  return find(SURE, name);
}

export function likelyName(name: string): ErrorCategory | undefined {
  return find(LIKELY, name);
}

function find(rules: readonly Rule[], name: string): ErrorCategory | undefined {
  return name.length > 200 ? undefined : rules.find(([pattern]) => pattern.test(name))?.[1];
}
