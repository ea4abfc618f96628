import { ErrorCategory } from '../category.js';
import { getString } from '../safe.js';

const { NETWORK, TIMEOUT, CLIENT, SERVER } = ErrorCategory;

/** `error.code` of undici, which is also behind node's own `fetch`. Aborts say nothing about the service. */
const CODES: Readonly<Record<string, ErrorCategory>> = {
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: TIMEOUT,
  UND_ERR_BODY_TIMEOUT: TIMEOUT,
  UND_ERR_SOCKET: NETWORK,
  UND_ERR_CLOSED: NETWORK,
  UND_ERR_DESTROYED: NETWORK,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: NETWORK,
  UND_ERR_PRX_TLS: NETWORK,
  UND_ERR_BPL_MISSING_UPSTREAM: NETWORK,
  UND_ERR_HEADERS_OVERFLOW: SERVER,
  UND_ERR_RESPONSE: SERVER,
  UND_ERR_REQ_RETRY: SERVER,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: CLIENT,
  UND_ERR_INVALID_ARG: CLIENT,
  UND_ERR_INVALID_RETURN_VALUE: CLIENT,
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: CLIENT,
  UND_ERR_NOT_SUPPORTED: CLIENT,
  UND_ERR_MAX_ORIGINS_REACHED: CLIENT,
  UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: CLIENT,
};

export function categoryOfUndiciCode(code: string): ErrorCategory | undefined {
  if (Object.hasOwn(CODES, code)) return CODES[code];
  return /^UND_ERR_SOCKS5/.test(code) ? NETWORK : undefined;
}

/** `TypeError: fetch failed` and `terminated` say no more than that; causes say why. */
export function isFetchFailure(link: unknown, name: string | undefined): boolean {
  if (name !== 'TypeError' && name !== 'FetchError') return false;
  return /^(?:fetch failed$|terminated$|Failed to fetch|request to \S+ failed)/.test(
    getString(link, 'message') ?? '',
  );
}
