import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { AddressGuard } from './addresses.js';
import { type Connections, connectionsFor } from './agents.js';
import { problems } from './input.js';
import { headersSchema, LIMITS } from './shared-fields.js';
import type { ApiRequestOptions, HeaderSource, Schemas } from './types.js';
import { resolveUrl, UrlProblem } from './url.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RESPONSE_BYTES = 5_000_000;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const standardSchema = z.custom<StandardSchemaV1>(
  (value) => isFunction((value as Partial<StandardSchemaV1> | null | undefined)?.['~standard']?.validate),
  'expected a Standard Schema (zod, valibot, arktype …)',
);

const schema = z.strictObject({
  baseUrl: z.string().superRefine(checkBaseUrl).optional(),
  headers: z
    .union([z.custom<() => never>(isFunction), headersSchema], {
      error: 'expected an object of strings, or a function that returns one',
    })
    .optional(),
  schemas: z.record(z.string(), standardSchema).optional(),
  schema: standardSchema.optional(),
  allowAddresses: z.array(z.string().superRefine(checkAddress)).optional(),
  lookup: z.custom<never>(isFunction, 'expected a function such as dns.lookup').optional(),
  dispatcher: z
    .custom<never>(
      (value) => isFunction((value as { dispatch?: unknown } | null)?.dispatch),
      'expected a Dispatcher of undici',
    )
    .optional(),
  ...LIMITS,
});

const KNOWN = Object.keys(schema.shape);

/** Options with defaults, checked. Times in milliseconds. */
export interface Settings extends Connections {
  readonly baseUrl?: string;
  readonly headers?: HeaderSource;
  readonly schemas: Schemas;
  readonly schema?: StandardSchemaV1;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/** @throws TypeError with every problem, path and value */
export function parseOptions(
  caller: string,
  options: ApiRequestOptions & { schemas?: Schemas; schema?: StandardSchemaV1 },
): Settings {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new TypeError(`${caller}: ${problems(parsed.error.issues, options, KNOWN)}`);
  return {
    ...connectionsFor(options),
    baseUrl: options.baseUrl,
    headers: options.headers,
    schemas: options.schemas ?? {},
    schema: options.schema,
    timeoutMs: parsed.data.timeout ?? DEFAULT_TIMEOUT_MS,
    connectTimeoutMs: parsed.data.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT_MS,
    maxResponseBytes: parsed.data.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
  };
}

function checkBaseUrl(value: string, context: z.RefinementCtx): void {
  try {
    const { search, href } = resolveUrl(value);
    if (search === '' && !href.includes('?')) return;
    context.addIssue({ code: 'custom', message: 'expected a URL without a query' });
  } catch (error) {
    if (!(error instanceof UrlProblem)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

function checkAddress(value: string, context: z.RefinementCtx): void {
  try {
    new AddressGuard([value]);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}
