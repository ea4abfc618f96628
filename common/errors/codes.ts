import { ErrorCategory } from './category.js';
import { causeChain, get, getString } from './safe.js';

const { NETWORK, TIMEOUT, AUTHENTICATION, RATE_LIMIT, SERVER, CLIENT, VALIDATION, MAPPING, PLUGIN } =
  ErrorCategory;

/** Codes and names that say what happened, of node, undici, axios, AWS and APILinker. */
const EXACT: Readonly<Record<string, ErrorCategory>> = {
  ETIMEDOUT: TIMEOUT,
  ESOCKETTIMEDOUT: TIMEOUT,
  ECONNABORTED: TIMEOUT,
  TimeoutError: TIMEOUT,
  TimeoutFailure: TIMEOUT,
  RequestTimeout: TIMEOUT,
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: TIMEOUT,
  UND_ERR_BODY_TIMEOUT: TIMEOUT,
  ConnectTimeoutError: TIMEOUT,
  HeadersTimeoutError: TIMEOUT,
  BodyTimeoutError: TIMEOUT,
  ECONNREFUSED: NETWORK,
  ECONNRESET: NETWORK,
  EPIPE: NETWORK,
  EPROTO: NETWORK,
  EHOSTUNREACH: NETWORK,
  EHOSTDOWN: NETWORK,
  ENETUNREACH: NETWORK,
  ENETDOWN: NETWORK,
  EADDRNOTAVAIL: NETWORK,
  ENOTFOUND: NETWORK,
  EAI_AGAIN: NETWORK,
  EAI_FAIL: NETWORK,
  ENODATA: NETWORK,
  ERR_NETWORK: NETWORK,
  UND_ERR_SOCKET: NETWORK,
  UND_ERR_CLOSED: NETWORK,
  UND_ERR_DESTROYED: NETWORK,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: NETWORK,
  UND_ERR_PRX_TLS: NETWORK,
  SocketError: NETWORK,
  HTTPParserError: NETWORK,
  ProxyError: NETWORK,
  DEPTH_ZERO_SELF_SIGNED_CERT: NETWORK,
  SELF_SIGNED_CERT_IN_CHAIN: NETWORK,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NETWORK,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NETWORK,
  UND_ERR_INVALID_ARG: CLIENT,
  ERR_INVALID_URL: CLIENT,
  ZodError: VALIDATION,
  ValidationError: VALIDATION,
  TooManyRequestsException: RATE_LIMIT,
  ProvisionedThroughputExceededException: RATE_LIMIT,
  RequestLimitExceeded: RATE_LIMIT,
  SlowDown: RATE_LIMIT,
  MappingError: MAPPING,
  PluginError: PLUGIN,
  PluginNotFoundError: PLUGIN,
  PluginValidationError: PLUGIN,
};

const PATTERNS: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/^(?:CERT_|ERR_TLS_|ERR_SSL_|HPE_)/, NETWORK],
  [/Throttl/, RATE_LIMIT],
];

/** gRPC status codes that tell something; the others say nothing about what to do. */
const GRPC: Readonly<Record<number, ErrorCategory>> = {
  2: SERVER,
  3: VALIDATION,
  4: TIMEOUT,
  5: CLIENT,
  6: CLIENT,
  7: AUTHENTICATION,
  8: RATE_LIMIT,
  9: CLIENT,
  10: SERVER,
  11: VALIDATION,
  12: CLIENT,
  13: SERVER,
  14: NETWORK,
  15: SERVER,
  16: AUTHENTICATION,
};

/** By code, name or type, from the outside in: the innermost says it best, so the last hit counts. */
export function categoryOfCode(error: unknown): ErrorCategory | undefined {
  let found: ErrorCategory | undefined;
  for (const at of causeChain(error)) {
    found = ofCodes(at) ?? ofGrpc(at) ?? ofShape(at) ?? found;
  }
  return found;
}

function ofCodes(at: unknown): ErrorCategory | undefined {
  for (const key of ['code', 'name', 'type', '__type']) {
    const value = getString(at, key);
    if (value === undefined) continue;
    const exact = Object.hasOwn(EXACT, value) ? EXACT[value] : undefined;
    const category = exact ?? PATTERNS.find(([pattern]) => pattern.test(value))?.[1];
    if (category !== undefined) return category;
  }
  return undefined;
}

function ofGrpc(at: unknown): ErrorCategory | undefined {
  const code = get(at, 'code');
  const isGrpc = typeof get(at, 'details') === 'string' && get(at, 'metadata') !== undefined;
  return isGrpc && typeof code === 'number' ? GRPC[code] : undefined;
}

function ofShape(at: unknown): ErrorCategory | undefined {
  const message = getString(at, 'message') ?? '';
  const name = getString(at, 'type') ?? getString(at, 'name');
  if (name === 'SyntaxError' && /JSON/.test(message)) return SERVER;
  if (name === 'TypeError' && message === 'fetch failed') return NETWORK;
  if (name === 'TypeError' && message === 'terminated') return NETWORK;
  const issues = get(at, 'issues') ?? get(at, 'errors');
  if (Array.isArray(issues) && issues.length > 0) {
    const first: unknown = issues[0];
    if (Array.isArray(get(first, 'path')) || getString(first, 'keyword') !== undefined) return VALIDATION;
  }
  return undefined;
}
