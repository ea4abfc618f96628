import type { WorkerBreakers } from './circuit-breaker/guard.js';
import type { WorkerTelemetry } from './telemetry.js';

/** What the workers of a plugin know and report, for the test kit of this package. */
export interface PluginInside {
  /** By namespace, of workers that run. */
  readonly guards: ReadonlyMap<string, WorkerBreakers>;
  /** Used by all workers of the plugin; its functions may be replaced. */
  readonly telemetry: WorkerTelemetry;
}

const insides = new WeakMap<object, PluginInside>();

export function showInside(plugin: object, inside: PluginInside): void {
  insides.set(plugin, inside);
}

export function insideOf(plugin: object): PluginInside | undefined {
  return insides.get(plugin);
}
