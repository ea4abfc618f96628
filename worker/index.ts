/**
 * `temporal-recovery`: the plugin and the types everybody needs.
 * @module
 */
export {
  DEFAULT_QUEUE,
  DEFAULT_TASK_QUEUE,
  SEARCH_ATTRIBUTES,
  searchAttributeCommand,
} from '../common/contract.js';
export * from '../common/dead-letter/record.js';
export * from '../common/errors/index.js';
export { InvalidOptionsError, type RecoveryPluginOptions } from './options.js';
export { RecoveryPlugin } from './recovery-plugin.js';
