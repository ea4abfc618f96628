/**
 * `temporal-recovery/activity`: for the code of your activities.
 * @module
 */

export {
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type RetryItemResult,
} from '../client/dead-letters/dead-letter-queue.js';
export type * from '../common/analytics/error-analytics.js';
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
export { ErrorAnalytics } from './error-analytics.js';
export {
  createErrorHandler,
  type ErrorHandler,
  type ErrorHandlerOptions,
} from './error-recovery-manager/create-error-handler.js';
export { ErrorRecoveryManager } from './error-recovery-manager/error-recovery-manager.js';
export type * from './error-recovery-manager/types.js';
export { idempotencyKey, type OriginInfo, originInfo } from './origin.js';
