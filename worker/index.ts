/**
 * `temporal-recovery`: the plugin and the types everybody needs.
 * @module
 */

export type { AlertContext, AlertHook } from '../activities/alerts/hooks.js';
export type { Classify, ClassifyContext } from '../activities/settings.js';
export { CircuitBreaker, type CircuitBreakerOptions } from '../apilinker/circuit-breaker.js';
export type { ExecuteOptions, OverrideRequest } from '../apilinker/circuit-breaker-base.js';
export { fromApiLinkerConfig } from '../apilinker/config/from-api-linker-config.js';
export {
  createErrorHandler,
  type ErrorHandler,
  type ErrorHandlerOptions,
} from '../apilinker/create-error-handler.js';
export {
  type AddItemOptions,
  type DeadLetterItem,
  DeadLetterQueue,
  type DeadLetterQueueOptions,
  type GetItemsOptions,
  type RetryItemResult,
} from '../apilinker/dead-letter-queue.js';
export { ErrorRecoveryManager } from '../apilinker/error-recovery-manager.js';
export type * from '../apilinker/types.js';
export type { AlertEvent, BreakerAlert, GroupAlert, QueueAlert } from '../common/alerts/alert-event.js';
export {
  type BreakerConfig,
  BreakerConfigError,
  type BreakerConfigInput,
  type BreakerState,
  CircuitBreakerState,
  type Transition,
} from '../common/circuit-breaker/index.js';
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
export type {
  ErrorAnalyticsOptions,
  ErrorSummary,
  RecordedError,
  TopError,
} from '../common/error-analytics/error-analytics.js';
export * from '../common/errors/index.js';
export type { LimitInput, LimitSettings, LimitWindow } from '../common/limit/limit.js';
export {
  InvalidRecoveryError,
  Jitter,
  OnExhausted,
  RecoveryStrategy,
  toRetryPolicy,
} from '../common/strategies/index.js';
export type * from '../common/strategies/options.js';
export type { AlertOptions } from './alerts/read-options.js';
export { type WebhookOptions, webhook } from './alerts/webhook/webhook.js';
export type { ChaosKind, ChaosOptions } from './chaos/kinds.js';
export { ErrorAnalytics } from './error-analytics/error-analytics.js';
export type { BreakerChoice, BreakerSettings } from './options/breaker-options.js';
export type { FloodOptions } from './options/flood-options.js';
export { InvalidOptionsError, type OperationOptions, type RecoveryPluginOptions } from './options/options.js';
export type { QuotaKey } from './options/quota-options.js';
export type { RecordKey } from './options/record-key-options.js';
export type { Tags } from './options/tag-options.js';
export { RecoveryPlugin } from './recovery-plugin.js';
export { UnsupportedSdkError } from './sdk/check-sdk.js';
export { type TwoCopies, TwoSdkCopiesError } from './sdk-copies.js';
