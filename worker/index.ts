/**
 * `temporal-recovery`: the plugin and the types everybody needs.
 * @module
 */

export { CircuitBreaker, type CircuitBreakerOptions } from '../activities/circuit-breaker.js';
export type { Classify, ClassifyContext } from '../activities/settings.js';
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
export { InvalidOptionsError, type OperationOptions, type RecoveryPluginOptions } from './options.js';
export { RecoveryPlugin } from './recovery-plugin.js';
