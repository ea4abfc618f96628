/**
 * `temporal-recovery`: the plugin and the types everybody needs.
 * @module
 */

export { CircuitBreaker, type CircuitBreakerOptions } from '../activities/circuit-breaker.js';
export { ErrorAnalytics } from '../activities/error-analytics.js';
export {
  createErrorHandler,
  type ErrorHandler,
  type ErrorHandlerOptions,
} from '../activities/error-recovery-manager/create-error-handler.js';
export { ErrorRecoveryManager } from '../activities/error-recovery-manager/error-recovery-manager.js';
export type * from '../activities/error-recovery-manager/types.js';
export type { Classify, ClassifyContext } from '../activities/settings.js';
export {
  type AddItemOptions,
  type DeadLetterItem,
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type GetItemsOptions,
  type RetryItemResult,
} from '../client/dead-letters/dead-letter-queue.js';
export type * from '../common/analytics/error-analytics.js';
export {
  type BreakerConfig,
  BreakerConfigError,
  type BreakerConfigInput,
  type BreakerState,
  CircuitBreakerState,
  type ExecuteOptions,
  type OverrideRequest,
  type Transition,
} from '../common/breaker/index.js';
export {
  DEFAULT_QUEUE,
  DEFAULT_TASK_QUEUE,
  SEARCH_ATTRIBUTES,
  searchAttributeCommand,
} from '../common/contract.js';
export type {
  AutoReplayOptions,
  OnDeadLetterOptions,
  QueueOptions,
} from '../common/dead-letter/queue-options.js';
export * from '../common/dead-letter/record.js';
export * from '../common/errors/index.js';
export {
  InvalidRecoveryError,
  Jitter,
  OnExhausted,
  RecoveryStrategy,
  toRetryPolicy,
} from '../common/strategies/index.js';
export type * from '../common/strategies/options.js';
export { fromApiLinkerConfig } from './api-linker-config/from-api-linker-config.js';
export type { BreakerChoice, BreakerSettings } from './breaker-options.js';
export { InvalidOptionsError, type OperationOptions, type RecoveryPluginOptions } from './options.js';
export { RecoveryPlugin } from './recovery-plugin.js';
export { type TwoCopies, TwoSdkCopiesError } from './sdk-copies.js';
