/**
 * `temporal-recovery/activity`: for the code of your activities.
 * @module
 */

export { CircuitBreaker, type CircuitBreakerOptions } from '../apilinker/circuit-breaker.js';
export {
  createErrorHandler,
  type ErrorHandler,
  type ErrorHandlerOptions,
} from '../apilinker/create-error-handler.js';
export {
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type RetryItemResult,
} from '../apilinker/dead-letter-queue.js';
export { ErrorRecoveryManager } from '../apilinker/error-recovery-manager.js';
export type * from '../apilinker/types.js';
export type {
  ErrorAnalyticsOptions,
  ErrorSummary,
  RecordedError,
  TopError,
} from '../common/error-analytics/error-analytics.js';
export { ErrorAnalytics } from '../worker/error-analytics/error-analytics.js';
export * from './api-request/deprecated.js';
export { idempotencyKey, type OriginInfo, originInfo } from './failing-call/origin.js';
