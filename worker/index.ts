/**
 * `temporal-recovery`: the plugin and the types everybody needs.
 * @module
 */
export * from '../common/index.js';
export { InvalidOptionsError, type RecoveryPluginOptions } from './options.js';
export { RecoveryPlugin } from './recovery-plugin.js';
