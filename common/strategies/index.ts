export * from './decide.js';
export * from './defaults.js';
export { findOperation, findOperations, namesOfCall } from './operation-pattern.js';
export type * from './options.js';
export { defaultPatience, speaksOfService, whenUsedUp } from './patience.js';
export * from './plan.js';
export { InvalidRecoveryError, join, Problems } from './problems.js';
export {
  RECOVERY_OPTION_NAMES,
  readObject,
  readRules,
  readStrategies,
} from './read.js';
export * from './resolve.js';
export * from './rulebook.js';
export * from './rules.js';
export * from './strategy.js';
export { toRetryPolicy } from './to-retry-policy.js';
