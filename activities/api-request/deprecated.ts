/** The names of `temporal-recovery/http` where they were before. The HTTP client is loaded by the first call. */
import * as errors from './error.js';
import { withBreakerPerHost } from './host.js';
import type * as api from './index.js';
import type * as types from './types.js';

const load = () => require('./index.js') as typeof api;

/** @deprecated Import it from `temporal-recovery/http`. */
export const createApiRequest: typeof api.createApiRequest = (options) => load().createApiRequest(options);

/** @deprecated Import it from `temporal-recovery/http`. */
export const apiRequest: api.ApiRequestActivity = withBreakerPerHost((async (
  request: types.ApiRequest | string,
) => load().apiRequest(request)) as api.ApiRequestActivity);

/** @deprecated Import it from `temporal-recovery/http`. */
export const fetchJson: typeof api.fetchJson = (...args: Parameters<typeof api.fetchJson>) =>
  load().fetchJson(...args);

/** @deprecated Import it from `temporal-recovery/http`. */
export const ApiRequestError = errors.ApiRequestError;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiRequestError = errors.ApiRequestError;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiRequestFailure = errors.ApiRequestFailure;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiRequestActivity<S extends types.Schemas = Record<never, never>> = api.ApiRequestActivity<S>;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiRequest = types.ApiRequest;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiRequestOptions = types.ApiRequestOptions;
/** @deprecated Import it from `temporal-recovery/http`. */
export type ApiResponse<Body = unknown> = types.ApiResponse<Body>;
/** @deprecated Import it from `temporal-recovery/http`. */
export type HeaderSource = types.HeaderSource;
/** @deprecated Import it from `temporal-recovery/http`. */
export type Method = types.Method;
/** @deprecated Import it from `temporal-recovery/http`. */
export type Schemas = types.Schemas;
/** @deprecated Import it from `temporal-recovery/http`. */
export type StatusPattern = types.StatusPattern;
/** @deprecated Import it from `temporal-recovery/http`. */
export type Time = types.Time;
