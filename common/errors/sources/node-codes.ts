import { ErrorCategory } from '../category.js';

const { NETWORK, TIMEOUT, CLIENT } = ErrorCategory;

/** `error.code` of node's net, dns, tls, http, http2 and streams. */
const CODES: Readonly<Record<string, ErrorCategory>> = {
  ETIMEDOUT: TIMEOUT,
  ESOCKETTIMEDOUT: TIMEOUT,
  ETIMEOUT: TIMEOUT,
  ERR_SOCKET_CONNECTION_TIMEOUT: TIMEOUT,
  ERR_HTTP_REQUEST_TIMEOUT: TIMEOUT,
  ERR_TLS_HANDSHAKE_TIMEOUT: TIMEOUT,
  ECONNREFUSED: NETWORK,
  ECONNRESET: NETWORK,
  ECONNABORTED: NETWORK,
  EPIPE: NETWORK,
  ESOCKET: NETWORK,
  EPROTO: NETWORK,
  EHOSTUNREACH: NETWORK,
  EHOSTDOWN: NETWORK,
  ENETUNREACH: NETWORK,
  ENETDOWN: NETWORK,
  ENETRESET: NETWORK,
  ENOTCONN: NETWORK,
  EADDRNOTAVAIL: NETWORK,
  ENOTFOUND: NETWORK,
  ENODATA: NETWORK,
  ESERVFAIL: NETWORK,
  EREFUSED: NETWORK,
  EBADRESP: NETWORK,
  ERR_STREAM_PREMATURE_CLOSE: NETWORK,
  ERR_SOCKET_CLOSED: NETWORK,
  ERR_SSL_WRONG_VERSION_NUMBER: NETWORK,
  DEPTH_ZERO_SELF_SIGNED_CERT: NETWORK,
  SELF_SIGNED_CERT_IN_CHAIN: NETWORK,
  HOSTNAME_MISMATCH: NETWORK,
  INVALID_CA: NETWORK,
  INVALID_PURPOSE: NETWORK,
  PATH_LENGTH_EXCEEDED: NETWORK,
  ERR_INVALID_URL: CLIENT,
  ERR_INVALID_PROTOCOL: CLIENT,
  ERR_UNESCAPED_CHARACTERS: CLIENT,
  ERR_INVALID_CHAR: CLIENT,
  ERR_HTTP_INVALID_HEADER_VALUE: CLIENT,
  ERR_INVALID_HTTP_TOKEN: CLIENT,
};

/** X.509, as OpenSSL names it. */
const X509 = new Set(
  (
    'UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_GET_CRL UNABLE_TO_GET_CRL_ISSUER ' +
    'UNABLE_TO_DECRYPT_CERT_SIGNATURE UNABLE_TO_DECRYPT_CRL_SIGNATURE UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY ' +
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_SIGNATURE_FAILURE CERT_NOT_YET_VALID CERT_HAS_EXPIRED CERT_REVOKED ' +
    'CERT_UNTRUSTED CERT_REJECTED CERT_CHAIN_TOO_LONG CRL_SIGNATURE_FAILURE CRL_NOT_YET_VALID CRL_HAS_EXPIRED ' +
    'ERROR_IN_CERT_NOT_BEFORE_FIELD ERROR_IN_CERT_NOT_AFTER_FIELD ERROR_IN_CRL_LAST_UPDATE_FIELD ' +
    'ERROR_IN_CRL_NEXT_UPDATE_FIELD ERR_TLS_CERT_ALTNAME_INVALID'
  ).split(' '),
);

/** Families of codes of node alone: resolver, TLS, HTTP parser, HTTP/2. */
const NETWORK_FAMILY = /^(?:EAI_[A-Z]{3,12}|ERR_TLS_\w+|ERR_SSL_\w+|HPE_[A-Z_]+|ERR_HTTP2_\w+)$/;

export function categoryOfNodeCode(code: string): ErrorCategory | undefined {
  if (Object.hasOwn(CODES, code)) return CODES[code];
  return code.length < 100 && (X509.has(code) || NETWORK_FAMILY.test(code)) ? NETWORK : undefined;
}

/** Of messages such as `connect ECONNREFUSED 127.0.0.1:80` or `ECONNRESET`, when the code did not come through. */
export function categoryOfNodeMessage(message: string): ErrorCategory | undefined {
  if (/^E[A-Z_]{3,20}$/.test(message)) return categoryOfNodeCode(message);
  const code = /^(?:connect|read|write|getaddrinfo|query\w{1,8}|socket) (E[A-Z_]{3,20})\b/.exec(message)?.[1];
  if (code !== undefined) return categoryOfNodeCode(code);
  if (/^(?:socket hang up|other side closed|Premature close|Connection terminated)/.test(message))
    return NETWORK;
  if (/^Client network socket disconnected before secure TLS/.test(message)) return NETWORK;
  return undefined;
}
