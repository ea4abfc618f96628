import { fields, iso, listOf, name, oneOf, problemOf, range } from '../shape.js';
import { ALERT_KINDS, type AlertEvent, type AlertKind } from './alert-event.js';

/** A hook, as the fleet knows it. */
export interface AnnouncedHook {
  /** The option that it stands at, such as `onGroup[0]`. */
  readonly name: string;
  /** Kinds of the events that it receives. */
  readonly kinds: readonly AlertKind[];
}

/** Input of the signal `watch`: a recovery worker has hooks. */
export interface AnnouncedHooks {
  readonly v: 1;
  readonly hooks: readonly AnnouncedHook[];
  /** Between two deliveries. */
  readonly everyMs: number;
  /** The settings that were configured last are used. */
  readonly configuredAt: string;
}

/** What the last look at breakers and queues has seen. */
export interface Looked {
  /** When it began, milliseconds since the epoch; absent before the first look. */
  readonly at?: number;
  /** Circuit breakers whose quota was used up. */
  readonly throttled: readonly string[];
  /** Dead-letter queues above their limits. */
  readonly above: readonly string[];
}

/** Result of the activity that looks. */
export interface LookResult extends Looked {
  readonly events: readonly AlertEvent[];
}

/** Input of the activity that delivers. */
export interface AlertDelivery {
  readonly v: 1;
  /** Name of the hook. */
  readonly hook: string;
  /** The same in each attempt. */
  readonly batch: string;
  readonly events: readonly AlertEvent[];
}

/** Type of the failure of an activity on a recovery worker without the hooks. */
export const NO_HOOKS_HERE = 'NoHooksHere';

const MAX_EVERY_MS = 24 * 3_600_000;
export const LEAST_EVERY_MS = 1_000;

/** Hooks of one process. */
export const MAX_HOOKS = 50;
export const MAX_HOOK_NAME = 100;

export const announcedShape = fields({
  v: oneOf([1]),
  hooks: listOf(fields({ name: name(MAX_HOOK_NAME), kinds: listOf(oneOf(ALERT_KINDS)) })),
  everyMs: range(LEAST_EVERY_MS, MAX_EVERY_MS),
  configuredAt: iso,
});

/** The hooks that a recovery worker announces, or what is wrong with them, as a sentence. */
export function readAnnounced(value: unknown): { hooks: AnnouncedHooks } | { problem: string } {
  const problem = problemOf(announcedShape, value, 'watch');
  if (problem !== undefined) return { problem };
  const { v, hooks, everyMs, configuredAt } = value as AnnouncedHooks;
  const kindsByName = new Map(hooks.slice(0, MAX_HOOKS).map(({ name, kinds }) => [name, kinds]));
  const known = [...kindsByName].map(([name, kinds]) => ({
    name,
    kinds: ALERT_KINDS.filter((kind) => kinds.includes(kind)),
  }));
  return { hooks: { v, hooks: known, everyMs, configuredAt } };
}

/** Kinds of events that have a hook. */
export function kindsOf({ hooks }: Pick<AnnouncedHooks, 'hooks'>): AlertKind[] {
  return ALERT_KINDS.filter((kind) => hooks.some(({ kinds }) => kinds.includes(kind)));
}

/** Whether a recovery worker with these hooks has something to say to one that serves others. */
export function isNews(own: AnnouncedHooks, served: AnnouncedHooks | undefined): boolean {
  if (served === undefined) return true;
  const settings = ({ hooks, everyMs }: AnnouncedHooks) =>
    JSON.stringify([hooks.map(({ name, kinds }) => [name, ...kinds]).sort(), everyMs]);
  return settings(own) !== settings(served) && Date.parse(own.configuredAt) > Date.parse(served.configuredAt);
}
