import { validateHeaderName, validateHeaderValue } from 'node:http';
import { secretNames } from '../../common/errors/redaction/secret-names.js';

export type Headers = Readonly<Record<string, string>>;

const { isSecret } = secretNames([]);
/** Names of credentials that are no usual ones. Dropping one too many is the lesser harm. */
const LIKELY_SECRET = /auth|token|secret|cookie|session|credential|signature|password|(?<!idempotency-)key$/;

/** Made by the connection itself. */
const RESERVED = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'proxy-connection',
]);

/** What is wrong with a header, without its value; undefined if nothing is. */
export function headerProblem(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'expected a string';
  if (RESERVED.has(name.toLowerCase())) return 'is set by the connection and cannot be given';
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return 'expected a name and value that HTTP allows: no spaces in the name, no line breaks or control characters';
  }
}

/** Later sources go before earlier ones, whatever the case of names. */
export function mergeHeaders(...sources: readonly (Headers | undefined)[]): Record<string, string> {
  return Object.fromEntries(
    sources.flatMap((source) =>
      Object.entries(source ?? {}).map(([name, value]): [string, string] => [name.toLowerCase(), value]),
    ),
  );
}

export function withoutCredentials(headers: Headers): Headers {
  return withoutHeaders(headers, (name) => isSecret(name) || LIKELY_SECRET.test(name));
}

export function withoutHeaders(headers: Headers, drop: (name: string) => boolean): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name)));
}

/** Headers of an answer: several of one name are joined; cookies are secrets and have no use in a history. */
export function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => value !== undefined && name !== 'set-cookie')
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
