/**
 * `temporal-recovery/apilinker`: the names that users of the Python package APILinker know, for code outside workflows.
 * @module
 */

export { CircuitBreakerState } from '../common/circuit-breaker/state-name.js';
export type {
  ErrorAnalyticsOptions,
  ErrorSummary,
  RecordedError,
  TopError,
} from '../common/error-analytics/error-analytics.js';
export { ApiLinkerError, ErrorCategory } from '../common/errors/index.js';
export { RecoveryStrategy } from '../common/strategies/strategy.js';
export { ErrorAnalytics } from '../worker/error-analytics/error-analytics.js';
export { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
export type { ExecuteOptions } from './circuit-breaker-base.js';
export { fromApiLinkerConfig } from './config/from-api-linker-config.js';
export {
  createErrorHandler,
  type ErrorHandler,
  type ErrorHandlerOptions,
} from './create-error-handler.js';
export {
  type AddItemOptions,
  type DeadLetterItem,
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type GetItemsOptions,
  type RetryItemResult,
} from './dead-letter-queue.js';
export { ErrorRecoveryManager } from './error-recovery-manager.js';
export type * from './types.js';
