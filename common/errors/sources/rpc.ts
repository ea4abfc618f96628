import { ErrorCategory } from '../category.js';
import { categoryOfTimeoutText } from '../plain-words.js';
import { get, getString } from '../safe.js';

const { AUTHENTICATION, CLIENT, NETWORK, RATE_LIMIT, SERVER, TIMEOUT, UNKNOWN, VALIDATION } = ErrorCategory;

/** gRPC status codes in their order, from 0. ABORTED is a conflict that a retry resolves. */
const CODES: readonly (readonly [name: string, category: ErrorCategory])[] = [
  ['OK', UNKNOWN],
  ['CANCELLED', UNKNOWN],
  ['UNKNOWN', SERVER],
  ['INVALID_ARGUMENT', VALIDATION],
  ['DEADLINE_EXCEEDED', TIMEOUT],
  ['NOT_FOUND', CLIENT],
  ['ALREADY_EXISTS', CLIENT],
  ['PERMISSION_DENIED', AUTHENTICATION],
  ['RESOURCE_EXHAUSTED', RATE_LIMIT],
  ['FAILED_PRECONDITION', CLIENT],
  ['ABORTED', SERVER],
  ['OUT_OF_RANGE', VALIDATION],
  ['UNIMPLEMENTED', CLIENT],
  ['INTERNAL', SERVER],
  ['UNAVAILABLE', NETWORK],
  ['DATA_LOSS', SERVER],
  ['UNAUTHENTICATED', AUTHENTICATION],
];
const BY_NAME = new Map([...CODES, ['CANCELED', UNKNOWN] as const]);
/** Twirp has three of its own. */
const TWIRP = new Map<string, ErrorCategory>([
  ['MALFORMED', VALIDATION],
  ['BAD_ROUTE', CLIENT],
  ['DATALOSS', SERVER],
]);

/** Codes of JSON-RPC 2.0, of the Ethereum and MCP profiles, and those tRPC adds. Others of -32000 to -32099 are SERVER. */
const JSON_RPC: Readonly<Record<number, ErrorCategory>> = {
  [-32700]: VALIDATION,
  [-32600]: VALIDATION,
  [-32601]: CLIENT,
  [-32602]: VALIDATION,
  [-32603]: SERVER,
  [-32005]: RATE_LIMIT,
  [-32003]: AUTHENTICATION,
  [-32004]: CLIENT,
  [-32008]: TIMEOUT,
  [-32009]: CLIENT,
  [-32012]: CLIENT,
  [-32013]: CLIENT,
  [-32015]: CLIENT,
  [-32022]: VALIDATION,
  [-32029]: RATE_LIMIT,
};

/** Names of errors that a client of gRPC and its relatives makes. */
const CLASS =
  /^(?:ConnectError|RpcError|RPCError|GrpcError|GRPCError|TwirpError(?:Response)?|StatusError|ServiceError)$/;
/** What such an error has beside its code, under whatever name. */
const SIGNS = ['metadata', 'rawMessage', 'trailers', 'meta', 'methodName', 'method', 'path'];

/** Enough beside a number, which anything may have; others need `details` too. */
const NUMBERED = SIGNS.slice(0, 3);

/** By the code of gRPC, Connect, gRPC-web, Twirp or JSON-RPC, of any client. */
export function categoryOfRpc(link: unknown): ErrorCategory | undefined {
  const code = get(link, 'code');
  if (typeof code === 'number') {
    if (code < 0) return categoryOfJsonRpc(code, link);
    return CODES[code] !== undefined && isRpc(link, NUMBERED) ? CODES[code]?.[1] : undefined;
  }
  if (typeof code !== 'string' || !isRpc(link, SIGNS.slice(0, 5))) return undefined;
  return categoryOfRpcName(code) ?? TWIRP.get(upper(code));
}

function categoryOfJsonRpc(code: number, link: unknown): ErrorCategory | undefined {
  if (Object.hasOwn(JSON_RPC, code)) return JSON_RPC[code];
  if (code < -32_099 || code > -32_000) return undefined;
  return categoryOfTimeoutText(getString(link, 'message') ?? '') ?? SERVER;
}

function isRpc(link: unknown, enough: readonly string[]): boolean {
  if (CLASS.test(getString(link, 'name') ?? '')) return true;
  if (CLASS.test(getString(get(link, 'constructor'), 'name') ?? '')) return true;
  const described = typeof get(link, 'details') === 'string' || Array.isArray(get(link, 'details'));
  return (
    SIGNS.some((sign) => get(link, sign) !== undefined) &&
    (described || enough.some((sign) => get(link, sign) !== undefined))
  );
}

/** `RESOURCE_EXHAUSTED`, `resource_exhausted`, `resource-exhausted`, `StatusCode.RESOURCE_EXHAUSTED`, `functions/…`. */
export function categoryOfRpcName(code: string): ErrorCategory | undefined {
  return BY_NAME.get(upper(code));
}

function upper(code: string): string {
  return code
    .slice(0, 60)
    .replace(/^.*[./]/, '')
    .replace(/-/g, '_')
    .toUpperCase();
}

/** How the libraries of several languages write a code into a message. */
const IN_MESSAGE: readonly RegExp[] = [
  /^\d{1,2} ([A-Z_]{2,20}): /, // grpc-js
  /^\[([a-z_]{2,20})\] /, // Connect
  /^\/[\w.]{1,120}\/\w{1,80} ([A-Z_]{2,20}): /, // nice-grpc
  /\bStatusCode\.([A-Z_]{2,20})\b/, // Python
  /\brpc error: code = (\w{2,20}) desc = /, // Go
  /^(?:io\.grpc\.\w{1,40}: )?(DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|UNAVAILABLE|UNAUTHENTICATED|PERMISSION_DENIED|INVALID_ARGUMENT|FAILED_PRECONDITION|UNIMPLEMENTED|NOT_FOUND|ALREADY_EXISTS|INTERNAL|ABORTED|DATA_LOSS|OUT_OF_RANGE)(?:: |$)/, // Java
];

/** Of a message such as `14 UNAVAILABLE: No connection established`, when the code did not come through. */
export function categoryOfRpcMessage(message: string): ErrorCategory | undefined {
  for (const pattern of IN_MESSAGE) {
    const name = pattern.exec(message.slice(0, 300))?.[1]?.replace(/([a-z])([A-Z])/g, '$1_$2');
    const category = name === undefined ? undefined : categoryOfRpcName(name);
    if (category !== undefined) return category;
  }
  return undefined;
}
