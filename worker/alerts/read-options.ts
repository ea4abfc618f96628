import type { AlertHook, HooksHere, NamedHook, QueueLimits } from '../../activities/alerts/hooks.js';
import type { AlertKind, BreakerAlert, GroupAlert, QueueAlert } from '../../common/alerts/alert-event.js';
import {
  type AnnouncedHooks,
  LEAST_EVERY_MS,
  MAX_HOOK_NAME,
  MAX_HOOKS,
} from '../../common/alerts/messages.js';
import type { QueueBook } from '../../common/dead-letter/queue-settings.js';
import { isPlain } from '../../common/shape.js';
import { type Duration, readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';
import { beginning } from '../../common/text/text.js';

/** Who is notified of what. Each hook is a function, or a list of functions; `webhook()` makes one. */
export interface AlertOptions {
  /** A cause of dead letters is new, is back after it was resolved, or has many letters at once. */
  onGroup?: AlertHook<GroupAlert> | readonly AlertHook<GroupAlert>[];
  /** A circuit breaker has opened or closed, was set by hand, or waits for a quota. */
  onBreaker?: AlertHook<BreakerAlert> | readonly AlertHook<BreakerAlert>[];
  /** A dead-letter queue has more or older open letters than its limits, or is within them again. */
  onQueue?: AlertHook<QueueAlert> | readonly AlertHook<QueueAlert>[];
  /** The least time between two calls of a hook: what happens meanwhile comes together. @default '1 minute' */
  every?: Duration;
  /** More open letters of a queue than this are an alert; `maxLetters` of the queue comes first. @default 100 */
  maxLetters?: number | false;
  /** An open letter that is older than this is an alert. @default '1 day' */
  maxAge?: Duration | false;
}

/** The option `alerts` as it is used. */
export interface ParsedAlerts extends HooksHere {
  readonly announced: Omit<AnnouncedHooks, 'hooks'>;
}

const HOOKS: Readonly<Record<'onGroup' | 'onBreaker' | 'onQueue', AlertKind>> = {
  onGroup: 'group',
  onBreaker: 'breaker',
  onQueue: 'queue',
};
const OPTIONS = [...Object.keys(HOOKS), 'every', 'maxLetters', 'maxAge'];
/** Of several plugins some hooks get a number, too. */
const MAX_NAME = MAX_HOOK_NAME - 10;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DEFAULT_MAX_LETTERS = 100;

/** Reads the option `alerts`; what is wrong goes to `problems`. */
export function readAlertOptions(
  { alerts, runRecoveryWorker }: { readonly alerts?: unknown; readonly runRecoveryWorker?: unknown },
  queues: QueueBook,
  problems: string[],
): ParsedAlerts | undefined {
  if (!isPlain(alerts)) {
    problems.push(`alerts: expected an object such as { onBreaker: webhook({ url }) }, got ${show(alerts)}`);
    return undefined;
  }
  const before = problems.length;
  for (const name of Object.keys(alerts)) {
    if (!OPTIONS.includes(name))
      problems.push(`alerts.${name}: unknown option; known here are ${OPTIONS.join(', ')}`);
  }
  const hooks = readHooks(alerts, problems);
  if (hooks.length === 0 && problems.length === before)
    problems.push(`alerts: expected at least one of ${Object.keys(HOOKS).join(', ')}, got none`);
  if (hooks.length > MAX_HOOKS)
    problems.push(`alerts: expected at most ${MAX_HOOKS} hooks, got ${hooks.length}`);
  if (runRecoveryWorker === false)
    problems.push(
      'alerts: the recovery worker calls the hooks, and runRecoveryWorker is false. Give the hooks to the process that runs it: temporal-recovery worker --alerts <module>',
    );
  const everyMs = readTime(alerts.every, 'alerts.every', MINUTE_MS, false, problems);
  const maxAgeMs = readTime(alerts.maxAge, 'alerts.maxAge', DAY_MS, true, problems);
  const maxLetters = readLimit(alerts.maxLetters, problems);
  if (problems.length > before) return undefined;
  return {
    hooks,
    limitsOf: (queue): QueueLimits => ({ maxLetters: queues.of(queue).maxLetters ?? maxLetters, maxAgeMs }),
    announced: { v: 1, everyMs, configuredAt: new Date().toISOString() },
  };
}

/** A function that stands at several places is called once, with all events. */
function readHooks(alerts: Record<string, unknown>, problems: string[]): NamedHook[] {
  const found = new Map<AlertHook, { names: string[]; kinds: AlertKind[] }>();
  for (const [option, kind] of Object.entries(HOOKS)) {
    const given = alerts[option];
    if (given === undefined) continue;
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    for (const [at, hook] of list.entries()) {
      const name = Array.isArray(given) ? `${option}[${at}]` : option;
      if (typeof hook !== 'function') {
        // It may be the address of a webhook, which is a secret.
        problems.push(
          `alerts.${name}: expected a function such as webhook({ url }), got ${typeof hook === 'string' ? 'a string' : show(hook)}`,
        );
        continue;
      }
      const known = found.get(hook as AlertHook) ?? { names: [], kinds: [] };
      found.set(hook as AlertHook, { names: [...known.names, name], kinds: [...known.kinds, kind] });
    }
  }
  return [...found].map(([hook, { names, kinds }]) => ({
    hook,
    kinds,
    name: beginning(names.join(', '), MAX_NAME),
  }));
}

function readTime(
  value: unknown,
  path: string,
  otherwise: number,
  mayBeOff: boolean,
  problems: string[],
): number {
  if (value === undefined) return otherwise;
  if (mayBeOff && value === false) return Number.POSITIVE_INFINITY;
  const ms = readDuration(value);
  if (ms !== undefined && ms >= LEAST_EVERY_MS && ms <= 365 * DAY_MS) return ms;
  problems.push(
    `${path}: expected a duration from 1 second, in milliseconds or as a string such as "5 minutes"${mayBeOff ? ', or false' : ''}; got ${show(value)}`,
  );
  return otherwise;
}

function readLimit(value: unknown, problems: string[]): number {
  if (value === undefined) return DEFAULT_MAX_LETTERS;
  if (value === false) return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  problems.push(`alerts.maxLetters: expected a whole number, 0 or more, or false; got ${show(value)}`);
  return DEFAULT_MAX_LETTERS;
}
