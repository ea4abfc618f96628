import type { StandardSchemaV1 } from '@standard-schema/spec';
import { withBreakerPerHost } from './host.js';
import { parseOptions } from './options.js';
import { run } from './run.js';
import type { ApiRequest, ApiRequestOptions, ApiResponse, Schemas } from './types.js';

/** An activity that makes one request. With the name of a schema, the body has the schema's type. */
export interface ApiRequestActivity<S extends Schemas = Record<never, never>> {
  /** The body of the answer is checked by the schema of that name and has its type. @throws as without a schema */
  <Name extends keyof S & string>(
    request: ApiRequest & { schema: Name },
  ): Promise<ApiResponse<StandardSchemaV1.InferOutput<S[Name]>>>;
  /** Sends the request; a string is the URL of a GET. @throws ApiRequestError, ApplicationFailure, CancelledFailure */
  (request: ApiRequest | string): Promise<ApiResponse>;
}

/**
 * Makes an activity that sends one HTTP request, to be registered under a name of your choice.
 *
 * The activity throws `ApiRequestError`s, classified for the recovery; a request that cannot be used is an
 * `ApplicationFailure` that is not retryable; a cancelled activity ends with a `CancelledFailure`.
 * @throws TypeError for options that cannot be used, with path and value
 */
export function createApiRequest<S extends Schemas = Record<never, never>>(
  options: ApiRequestOptions & { schemas?: S } = {},
): ApiRequestActivity<S> {
  const settings = parseOptions('createApiRequest', options);
  const apiRequest = async (request: ApiRequest | string) => run(request, settings, 'activity');
  return withBreakerPerHost(apiRequest as ApiRequestActivity<S>, options.baseUrl);
}

/** A ready activity for one HTTP request, with the defaults of `createApiRequest`. */
export const apiRequest: ApiRequestActivity = createApiRequest();

/**
 * One HTTP request within an activity of your own, with everything `apiRequest` does: time-outs, limits, heartbeats,
 * cancellation, classified errors. Its `Idempotency-Key` is `idempotencyKey()` and a fingerprint of the request, so
 * several requests of one activity have different ones. Outside of an activity it works without the key.
 * @throws as `createApiRequest`; TypeError for options that cannot be used
 */
export function fetchJson<Schema extends StandardSchemaV1>(
  request: Omit<ApiRequest, 'schema'> | string,
  options: ApiRequestOptions & { schema: Schema },
): Promise<ApiResponse<StandardSchemaV1.InferOutput<Schema>>>;
/** As with a schema, but the body of the answer is not checked. */
export function fetchJson(
  request: Omit<ApiRequest, 'schema'> | string,
  options?: ApiRequestOptions,
): Promise<ApiResponse>;
export async function fetchJson(
  request: Omit<ApiRequest, 'schema'> | string,
  options: ApiRequestOptions & { schema?: StandardSchemaV1 } = {},
): Promise<ApiResponse> {
  return run(request, parseOptions('fetchJson', options), 'request');
}
