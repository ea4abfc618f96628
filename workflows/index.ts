/**
 * `temporal-recovery/workflow`: safe in workflow code.
 * @module
 */
export { ErrorCategory } from '../common/errors/category.js';
export type * from '../common/strategies/options.js';
export { InvalidRecoveryError } from '../common/strategies/problems.js';
export { Jitter, OnExhausted, RecoveryStrategy } from '../common/strategies/strategy.js';
export { toRetryPolicy } from '../common/strategies/to-retry-policy.js';
export type { CallRecoveryOptions, Fallback } from './failing-call/call-recovery-options.js';
export {
  type ClosedLetter,
  deadLetterDiscarded,
  deadLetterExpired,
} from './failing-call/dead-letter-errors.js';
export { deadLetterId } from './failing-call/rebuild-failure.js';
export {
  proxyRecoverableActivities,
  proxyRecoverableLocalActivities,
  type RecoverableActivityOptions,
  type RecoverableLocalActivityOptions,
} from './failing-call/recoverable-activities.js';
