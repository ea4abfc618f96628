import type { RecoveryPluginOptions } from '../../worker/options/options.js';

/**
 * Options for `RecoveryPlugin` from an APILinker configuration: the whole file, or its section `error_handling` alone,
 * with or without that key around it. They keep what APILinker does: its strategies, 3 retries, 1 s, times 2. A file
 * without the section means these defaults; an empty text gives no options at all. A circuit breaker is used by the
 * calls whose operation or activity type has its name. Aliases and merge keys of YAML are resolved.
 * @throws InvalidOptionsError with path and line of every problem
 */
export function fromApiLinkerConfig(yamlText: string): RecoveryPluginOptions {
  // Loaded when called: most who import the plugin have no such file, and the parser of YAML takes time to load.
  const { readConfig } = require('./read-config.js') as typeof import('./read-config.js');
  return readConfig(yamlText);
}
