/** The names of `temporal-recovery/http` where they were before. The HTTP client is loaded by the first call. */
import * as errors from './error.js';
import { withBreakerPerHost } from './host.js';
import type * as api from './index.js';
import type * as types from './types.js';

const load = () => require('./index.js') as typeof api;

/**
 * Makes an activity that sends one HTTP request.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export const createApiRequest: typeof api.createApiRequest = (options) => load().createApiRequest(options);

/**
 * An activity for one HTTP request, with the defaults of `createApiRequest`.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export const apiRequest: api.ApiRequestActivity = withBreakerPerHost((async (
  request: types.ApiRequest | string,
) => load().apiRequest(request)) as api.ApiRequestActivity);

/**
 * One HTTP request within an activity of your own.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export const fetchJson: typeof api.fetchJson = (...args: Parameters<typeof api.fetchJson>) =>
  load().fetchJson(...args);

/**
 * A request that failed.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export const ApiRequestError = errors.ApiRequestError;
/**
 * A request that failed.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiRequestError = errors.ApiRequestError;
/**
 * What went wrong with a request, beside the category.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiRequestFailure = errors.ApiRequestFailure;
/**
 * An activity that makes one request.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiRequestActivity<S extends types.Schemas = Record<never, never>> = api.ApiRequestActivity<S>;
/**
 * One request, as plain JSON.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiRequest = types.ApiRequest;
/**
 * What all requests have in common.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiRequestOptions = types.ApiRequestOptions;
/**
 * The answer to a request, with a status that was expected.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type ApiResponse<Body = unknown> = types.ApiResponse<Body>;
/**
 * Headers for all requests, or a function that returns them.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type HeaderSource = types.HeaderSource;
/**
 * HTTP methods that a request may have.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type Method = types.Method;
/**
 * Schemas by the names that requests use.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type Schemas = types.Schemas;
/**
 * A status such as 404, or a range such as `'2xx'`.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type StatusPattern = types.StatusPattern;
/**
 * Milliseconds, or a string such as `'10s'` or `'5 minutes'`.
 * @deprecated Import it from `temporal-recovery/http`.
 */
export type Time = types.Time;
