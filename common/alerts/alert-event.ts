import { fields, iso, isPlain, name, oneOf, optional, problemOf, range, type Shape, text } from '../shape.js';
import { beginning } from '../text/text.js';

/** What every alert says. */
interface AlertFacts {
  /**
   * Names what happened: the same for one that arrives twice, another for the next one. At most 500 characters, such as
   * `group/3f2a…/regressed/1795658253000`.
   */
  readonly id: string;
  /** When it happened; ISO 8601. */
  readonly at: string;
  /** Id of the workflow whose page in the Temporal UI says more. */
  readonly workflowId?: string;
}

/** What became of the letters of one cause. */
export const GROUP_CHANGES = ['new', 'regressed', 'spike'] as const;
/**
 * What became of a circuit breaker. `forced`: a person has opened, closed or disabled it. `throttled`: calls wait for a quota;
 * `unthrottled`: no longer.
 */
export const BREAKER_CHANGES = ['opened', 'closed', 'forced', 'throttled', 'unthrottled'] as const;
/** What became of a dead-letter queue. `above`: more or older letters than its limits; `below`: no longer. */
export const QUEUE_CHANGES = ['above', 'below'] as const;

/** A cause of dead letters is new, has come back after it was resolved, or has many more letters than before. */
export interface GroupAlert extends AlertFacts {
  /** What the event is about. */
  readonly kind: 'group';
  /** What has changed. */
  readonly change: (typeof GROUP_CHANGES)[number];
  /** As in search attribute `RecoveryGroup`. */
  readonly fingerprint: string;
  /** Name of the dead-letter queue of its newest letter. */
  readonly queue?: string;
  /** Operation of the calls. */
  readonly operation?: string;
  /** Category of the error. */
  readonly category?: string;
  /** HTTP status of the error, where it had one. */
  readonly statusCode?: number;
  /** Of the newest letter, free of secrets. */
  readonly message?: string;
  /** Letters so far; with `spike`, those of the last minutes. */
  readonly letters?: number;
  /** Who looks after it. */
  readonly owner?: string;
}

/** A circuit breaker has changed. */
export interface BreakerAlert extends AlertFacts {
  /** What the event is about. */
  readonly kind: 'breaker';
  /** What has changed. */
  readonly change: (typeof BREAKER_CHANGES)[number];
  /** Name of the circuit breaker. */
  readonly breaker: string;
  /** The state it has now. */
  readonly status: string;
  /** In one line; absent where it is not known. */
  readonly why?: string;
}

/** A dead-letter queue has more or older open letters than its limits, or has not any more. */
export interface QueueAlert extends AlertFacts {
  /** What the event is about. */
  readonly kind: 'queue';
  /** What has changed. */
  readonly change: (typeof QUEUE_CHANGES)[number];
  /** Name of the dead-letter queue. */
  readonly queue: string;
  /** Open letters. */
  readonly letters: number;
  /** Age of the oldest open letter; absent without letters. */
  readonly oldestSeconds?: number;
  /** Limit of letters; absent without one. */
  readonly maxLetters?: number;
  /** Limit of the age; absent without one. */
  readonly maxAgeSeconds?: number;
}

/** Something that people want to know of. */
export type AlertEvent = GroupAlert | BreakerAlert | QueueAlert;
export type AlertKind = AlertEvent['kind'];

export const ALERT_KINDS: readonly AlertKind[] = ['group', 'breaker', 'queue'];

/** Input of the signal `alert` of the workflow `errorAnalytics`. */
export interface AlertReport {
  readonly v: 1;
  readonly events: readonly AlertEvent[];
}

const amount = range(0, Number.MAX_SAFE_INTEGER);
const facts = { id: name(500), at: iso, workflowId: optional(text(1_000)) };
/** Texts without a limit are cut. */
const MEMBERS: Readonly<Record<AlertKind, Readonly<Record<string, Shape>>>> = {
  group: {
    ...facts,
    change: oneOf(GROUP_CHANGES),
    fingerprint: name(200),
    queue: optional(text(1_000)),
    operation: optional(text()),
    category: optional(text()),
    statusCode: optional(range(0, 1_000_000)),
    message: optional(text()),
    letters: optional(amount),
    owner: optional(text()),
  },
  breaker: {
    ...facts,
    change: oneOf(BREAKER_CHANGES),
    breaker: name(1_000),
    status: name(100),
    why: optional(text()),
  },
  queue: {
    ...facts,
    change: oneOf(QUEUE_CHANGES),
    queue: name(1_000),
    letters: amount,
    oldestSeconds: optional(amount),
    maxLetters: optional(amount),
    maxAgeSeconds: optional(amount),
  },
};
const CUT: readonly string[] = ['operation', 'category', 'message', 'owner', 'why'];
const MAX_TEXT = 300;

/** What is wrong with an event, as a sentence; undefined where nothing is. */
export function alertProblem(value: unknown, called = 'event'): string | undefined {
  const kind = problemOf(fields({ kind: oneOf(ALERT_KINDS) }), value, called);
  if (kind !== undefined) return kind;
  return problemOf(fields(MEMBERS[(value as AlertEvent).kind]), value, called);
}

/** An event of its known members only, with short texts: senders may be of any version, or people. */
export function boundedAlert<E extends AlertEvent>(event: E): E {
  const given = event as unknown as Readonly<Record<string, unknown>>;
  const members = ['kind', ...Object.keys(MEMBERS[event.kind])].flatMap((key): [string, unknown][] => {
    const value = given[key] ?? undefined;
    if (value === undefined) return [];
    return [[key, typeof value === 'string' && CUT.includes(key) ? beginning(value, MAX_TEXT) : value]];
  });
  return Object.fromEntries(members) as unknown as E;
}

const MAX_EVENTS = 1_000;

/** The events that can be used of what a signal brought, and what is wrong with the others. */
export function readAlerts(value: unknown): { events: AlertEvent[]; problems: string[] } {
  if (!isPlain(value) || value.v !== 1 || !Array.isArray(value.events))
    return { events: [], problems: [problemOf(REPORT, value, 'alert') ?? 'alert.events must be a list'] };
  const events: AlertEvent[] = [];
  const problems: string[] = [];
  for (const [at, each] of value.events.slice(0, MAX_EVENTS).entries()) {
    const problem = alertProblem(each, `alert.events[${at}]`);
    if (problem === undefined) events.push(boundedAlert(each as AlertEvent));
    else problems.push(problem);
  }
  return { events, problems };
}

const REPORT = fields({
  v: oneOf([1]),
  events: (got) => (Array.isArray(got) ? undefined : { path: '', expected: 'a list', got }),
});
