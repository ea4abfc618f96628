import { ErrorCategory } from './category.js';
import { get, getString } from './safe.js';

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

/** Recognises `@grpc/grpc-js`: a numeric code beside details and metadata. */
export function categoryOfGrpc(link: unknown): ErrorCategory | undefined {
  const code = get(link, 'code');
  if (typeof code !== 'number' || typeof get(link, 'details') !== 'string') return undefined;
  return get(link, 'metadata') === undefined ? undefined : CODES[code]?.[1];
}

/** Of a message such as `14 UNAVAILABLE: No connection established`, when the code did not come through. */
export function categoryOfGrpcMessage(link: unknown): ErrorCategory | undefined {
  const match = /^(\d{1,2}) ([A-Z_]{2,20}): /.exec(getString(link, 'message')?.slice(0, 40) ?? '');
  const known = match === null ? undefined : CODES[Number(match[1])];
  return known?.[0] === match?.[2] ? known?.[1] : undefined;
}
