import { fields, iso, listOf, oneOf, problemOf, range } from '../shape.js';
import { ALERT_KINDS, type AlertEvent, type AlertKind } from './alert-event.js';

/** Input of the signal `watch`: a recovery worker has hooks. */
export interface AnnouncedHooks {
  readonly v: 1;
  /** Kinds of events that have a hook. */
  readonly kinds: readonly AlertKind[];
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
  /** The same in each attempt. */
  readonly batch: string;
  readonly events: readonly AlertEvent[];
}

const MAX_EVERY_MS = 24 * 3_600_000;
export const LEAST_EVERY_MS = 1_000;

const announced = fields({
  v: oneOf([1]),
  kinds: listOf(oneOf(ALERT_KINDS)),
  everyMs: range(LEAST_EVERY_MS, MAX_EVERY_MS),
  configuredAt: iso,
});

/** The hooks that a recovery worker announces, or what is wrong with them, as a sentence. */
export function readAnnounced(value: unknown): { hooks: AnnouncedHooks } | { problem: string } {
  const problem = problemOf(announced, value, 'watch');
  if (problem !== undefined) return { problem };
  const { v, kinds, everyMs, configuredAt } = value as AnnouncedHooks;
  return { hooks: { v, kinds: ALERT_KINDS.filter((kind) => kinds.includes(kind)), everyMs, configuredAt } };
}

/** Whether a recovery worker with these hooks has something to say to one that serves others. */
export function isNews(own: AnnouncedHooks, served: AnnouncedHooks | undefined): boolean {
  if (served === undefined) return true;
  const settings = ({ kinds, everyMs }: AnnouncedHooks) => JSON.stringify([[...kinds].sort(), everyMs]);
  return settings(own) !== settings(served) && Date.parse(own.configuredAt) > Date.parse(served.configuredAt);
}
