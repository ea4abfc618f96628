import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { beginning } from '../../common/text/text.js';
import { invalidRequest } from './error.js';
import type { Headers } from './headers.js';
import { problems } from './input.js';
import type { Settings } from './options.js';
import { headersSchema, LIMITS } from './shared-fields.js';
import { METHODS, type Method } from './types.js';
import { resolveUrl, UrlProblem } from './url.js';

const STATUS = 'expected a status such as 404 (100 to 599) or a range such as "2xx"';
const QUERY_VALUE = 'expected a string, number or boolean, or an array of them';

const status = z.union(
  [z.int(STATUS).min(100, STATUS).max(599, STATUS), z.string().regex(/^[1-5]xx$/i, STATUS)],
  {
    error: STATUS,
  },
);
const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: QUERY_VALUE,
});

const schema = z
  .strictObject({
    method: z.enum(METHODS).default('GET'),
    url: z.string().min(1),
    query: z.record(z.string(), z.union([scalar, z.array(scalar)], { error: QUERY_VALUE })).optional(),
    headers: headersSchema.optional(),
    json: z.unknown().optional(),
    body: z.string().optional(),
    expectedStatus: z.union([status, z.array(status).min(1)], { error: STATUS }).optional(),
    ...LIMITS,
    redirect: z.enum(['follow', 'error', 'manual']).default('follow'),
    maxRedirects: z.int().min(0).max(20).default(5),
    idempotencyKey: z
      .union([z.literal(false), z.string().regex(/^[\x21-\x7e]{1,255}$/)], {
        error: 'expected false or a string of 1 to 255 visible ASCII characters',
      })
      .optional(),
    schema: z.string().optional(),
  })
  .superRefine(({ method, json, body }, context) => {
    const field = json !== undefined ? 'json' : 'body';
    const problem = (message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (json !== undefined && body !== undefined) problem('expected either json or body');
    if ((json !== undefined || body !== undefined) && (method === 'GET' || method === 'HEAD')) {
      problem(`a ${method} request has no body: use query, or another method`);
    }
  });

const KNOWN = Object.keys(schema.shape);

/** A request that can be sent. Times in milliseconds. */
export interface Call {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string;
  readonly contentType?: string;
  readonly expectedStatus: readonly (number | string)[];
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly redirect: 'follow' | 'error' | 'manual';
  readonly maxRedirects: number;
  readonly idempotencyKey?: string | false;
  readonly schema?: StandardSchemaV1;
}

/**
 * Checks what was given, before anything is sent. A string is the URL.
 * @throws ApplicationFailure, not retryable, with every problem, path and value
 */
export function parseRequest(given: unknown, settings: Settings): Call {
  const input = typeof given === 'string' ? { url: given } : given;
  const parsed = schema.safeParse(input);
  if (!parsed.success)
    throw invalidRequest(`Invalid request: ${problems(parsed.error.issues, input, KNOWN)}`);
  const { data } = parsed;
  const invalid = (message: string) => invalidRequest(`Invalid request: ${message}`, data.method);
  return {
    method: data.method,
    url: urlOf(data, settings, invalid),
    headers: (data.headers ?? {}) as Headers,
    ...bodyOf(data, invalid),
    expectedStatus: [data.expectedStatus ?? (data.redirect === 'manual' ? ['2xx', '3xx'] : '2xx')].flat(),
    timeoutMs: data.timeout ?? settings.timeoutMs,
    connectTimeoutMs: data.connectTimeout ?? settings.connectTimeoutMs,
    maxResponseBytes: data.maxResponseBytes ?? settings.maxResponseBytes,
    redirect: data.redirect,
    maxRedirects: data.maxRedirects,
    idempotencyKey: data.idempotencyKey,
    schema: schemaOf(data.schema, settings, invalid),
  };
}

type Parsed = z.output<typeof schema>;
type Invalid = (message: string) => Error;

function urlOf({ url, query }: Parsed, { baseUrl }: Settings, invalid: Invalid): URL {
  try {
    return resolveUrl(url, baseUrl, query);
  } catch (error) {
    if (error instanceof UrlProblem)
      throw invalid(`url: ${error.message}, got ${JSON.stringify(beginning(url, 200))}`);
    throw error;
  }
}

function bodyOf({ json, body }: Parsed, invalid: Invalid): Pick<Call, 'body' | 'contentType'> {
  if (body !== undefined) return { body, contentType: 'text/plain;charset=UTF-8' };
  if (json === undefined) return {};
  try {
    const text = JSON.stringify(json);
    if (text !== undefined) return { body: text, contentType: 'application/json' };
  } catch {
    // said below
  }
  throw invalid('json: expected a value that JSON can express');
}

function schemaOf(name: string | undefined, { schemas, schema }: Settings, invalid: Invalid) {
  if (name === undefined) return schema;
  if (Object.hasOwn(schemas, name)) return schemas[name];
  const known = Object.keys(schemas);
  const allowed =
    known.length > 0 ? `expected one of ${known.join(', ')}` : 'createApiRequest was given no schemas';
  throw invalid(`schema: ${allowed}, got ${JSON.stringify(beginning(name, 100))}`);
}
