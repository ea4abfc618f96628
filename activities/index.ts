/**
 * `temporal-recovery/activity`: for the code of your activities.
 * @module
 */

export { ApiRequestError, type ApiRequestFailure } from './api-request/error.js';
export { type ApiRequestActivity, apiRequest, createApiRequest, fetchJson } from './api-request/index.js';
export type {
  ApiRequest,
  ApiRequestOptions,
  ApiResponse,
  HeaderSource,
  Method,
  Schemas,
  StatusPattern,
  Time,
} from './api-request/types.js';
export { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
export { idempotencyKey, type OriginInfo, originInfo } from './origin.js';
