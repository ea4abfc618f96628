import {
  fields,
  integer,
  iso,
  listOf,
  name,
  oneOf,
  optional,
  range,
  type Shape,
  text,
  time,
  tuple,
} from '../shape.js';
import { beginning, hash52, jsonLength } from '../text/text.js';
import { ALERT_KINDS, type AlertEvent, type AlertKind, alertProblem } from './alert-event.js';
import { describeAlert } from './describe.js';
import { type AlertDelivery, type AnnouncedHooks, announcedShape, type Looked } from './messages.js';

/** As it goes into the next run. */
export interface AlertQueueJson {
  /** Absent where none are served at the moment. */
  readonly hooks?: AnnouncedHooks;
  readonly progress: readonly HookProgress[];
  readonly looked: Looked;
  readonly pending: readonly (readonly [number: number, at: number, event: AlertEvent])[];
  readonly count: number;
  readonly recent: readonly (readonly [idHash: string, at: number])[];
  readonly shown: readonly ShownAlert[];
  readonly dropped: number;
}

/** How far a hook is. */
interface HookProgress {
  readonly name: string;
  readonly kinds: readonly AlertKind[];
  /** Number of the first event that it has not received. */
  readonly next: number;
  /** The delivery that has begun: the same events, until it has ended. */
  readonly batch?: HookBatch;
}

interface HookBatch {
  readonly id: string;
  /** Number after its last event. */
  readonly end: number;
  /** When it was begun; milliseconds since the epoch. */
  readonly since: number;
}

/** A delivery to one hook. */
export interface HookDelivery extends AlertDelivery {
  /** When it was begun, maybe in an earlier run; milliseconds since the epoch. */
  readonly since: number;
}

/** An event as the page shows it. */
export interface ShownAlert {
  readonly at: string;
  readonly line: string;
  /** The page that it is about. */
  readonly workflowId?: string;
}

interface Entry {
  /** Events are numbered as they arrive. */
  readonly number: number;
  /** When it arrived. */
  readonly at: number;
  readonly event: AlertEvent;
  /** As JSON. */
  readonly bytes: number;
}

/** Events of one delivery. */
const MAX_BATCH = 100;
/** Events that wait, should no delivery succeed. The oldest are dropped. */
const MAX_PENDING = 500;
/** As JSON: all of it goes into the input of the next run. */
const MAX_PENDING_BYTES = 500_000;
/** For this time an event that arrives again is ignored. */
const REMEMBERED_MS = 3_600_000;
const MAX_REMEMBERED = 2_000;
/** Without hooks an event waits for them this long: they may be configured by a worker that starts right now. */
const WITHOUT_HOOKS_MS = 3_600_000;
const SHOWN = 20;
const MAX_LINE = 300;

/** Events on their way to the hooks, in bounded memory: to each hook once, and none waits for another one. */
export class AlertQueue {
  hooks: AnnouncedHooks | undefined;
  looked: Looked;
  /** Events that a hook has not received and never will. */
  dropped: number;
  /** The last ones, oldest first. */
  shown: readonly ShownAlert[];
  /** Of hooks that are served, or were until there were none. */
  private progress: readonly HookProgress[];
  private waiting: readonly Entry[];
  /** Events so far. */
  private count: number;
  /** When an event arrived, by the hash of its id. */
  private readonly recent: Map<string, number>;

  constructor(json?: AlertQueueJson) {
    this.hooks = json?.hooks;
    this.progress = json?.progress ?? [];
    this.looked = json?.looked ?? { throttled: [], above: [] };
    this.waiting = (json?.pending ?? []).map(([number, at, event]) => entryOf(number, at, event));
    this.count = json?.count ?? 0;
    this.recent = new Map(json?.recent);
    this.shown = json?.shown ?? [];
    this.dropped = json?.dropped ?? 0;
  }

  /** Events that a hook is still to receive. */
  get pending(): number {
    return this.hooks === undefined ? 0 : this.waiting.length;
  }

  /** Names of the hooks that are still to receive events. */
  get behind(): string[] {
    if (this.hooks === undefined) return [];
    const isBehind = (hook: HookProgress) => this.waiting.some((entry) => isFor(hook, entry));
    return this.progress.filter(isBehind).map(({ name }) => name);
  }

  add(events: readonly AlertEvent[], now: number): void {
    this.forget(now);
    for (const event of events) {
      const key = hash52(event.id);
      if (this.recent.has(key)) continue;
      this.recent.set(key, now);
      const line = beginning(describeAlert(event), MAX_LINE);
      const { at, workflowId } = event;
      const about = workflowId === undefined ? {} : { workflowId };
      this.shown = [...this.shown, { at, line, ...about }].slice(-SHOWN);
      this.waiting = [...this.waiting, entryOf(this.count++, now, event)];
    }
    this.trim();
    this.limit();
  }

  serve(hooks: AnnouncedHooks, now: number): void {
    // Those that arrived while none were served may be too old by now.
    if (this.hooks === undefined) this.drop(({ at }) => now - at >= WITHOUT_HOOKS_MS);
    const before = this.progress;
    const isServed = ({ name }: HookProgress) => hooks.hooks.some((hook) => hook.name === name);
    const gone = before.filter((hook) => !isServed(hook));
    // Of another name it may be the same hook: it goes on where that was.
    const begin = Math.min(before.length === 0 ? 0 : this.count, ...gone.map(({ next }) => next));
    this.progress = hooks.hooks.map(({ name, kinds }) => {
      const known = before.find((hook) => hook.name === name);
      if (known === undefined) return { name, kinds, next: begin };
      return kinds.join() === known.kinds.join() ? known : { name, kinds, next: known.next };
    });
    this.hooks = hooks;
    this.trim();
  }

  /** The recovery workers have no hooks any more. Those that come back soon go on where they were. */
  stop(): void {
    this.hooks = undefined;
  }

  /** The oldest events that a hook is to receive, in the same batch until it has ended. @param newId is called for a new batch */
  next(name: string, newId: () => string, now: number): HookDelivery | undefined {
    const hook = this.progress.find((each) => each.name === name);
    if (hook === undefined || this.hooks === undefined) return undefined;
    const due = this.waiting.filter((entry) => isFor(hook, entry));
    const batch = hook.batch ?? newBatch(due.slice(0, MAX_BATCH), newId, now);
    if (batch === undefined) return undefined;
    this.put({ ...hook, batch });
    const events = due.filter(({ number }) => number < batch.end).map(({ event }) => event);
    return { v: 1, hook: name, batch: batch.id, since: batch.since, events };
  }

  /** The batch was delivered, or was given up. */
  ended({ hook: name, batch }: Pick<AlertDelivery, 'hook' | 'batch'>, isDelivered: boolean): void {
    const hook = this.progress.find((each) => each.name === name);
    if (hook?.batch === undefined || hook.batch.id !== batch) return;
    const { end } = hook.batch;
    if (!isDelivered)
      this.dropped += this.waiting.filter((entry) => entry.number < end && isFor(hook, entry)).length;
    this.put({ name, kinds: hook.kinds, next: end });
    this.trim();
  }

  json(): AlertQueueJson {
    const { hooks, progress, looked, waiting, count, recent, shown, dropped } = this;
    const pending = waiting.map(({ number, at, event }) => [number, at, event] as const);
    return {
      ...(hooks === undefined ? {} : { hooks }),
      ...{ progress, looked, pending, count, recent: [...recent], shown, dropped },
    };
  }

  private put(changed: HookProgress): void {
    this.progress = this.progress.map((hook) => (hook.name === changed.name ? changed : hook));
  }

  /** Takes out what no hook is to receive any more. Without hooks all of them wait. */
  private trim(): void {
    if (this.hooks === undefined) return;
    const { progress } = this;
    this.waiting = this.waiting.filter((entry) => progress.some((hook) => isFor(hook, entry)));
  }

  /** The oldest make room for the youngest. Those of a delivery that has begun stay as long as there are others. */
  private limit(): void {
    let bytes = this.waiting.reduce((sum, entry) => sum + entry.bytes, 0);
    let excess = this.waiting.length - MAX_PENDING;
    const out = new Set<Entry>();
    const begun = ({ number }: Entry) =>
      this.progress.some(({ next, batch }) => batch !== undefined && number >= next && number < batch.end);
    const oldest = [
      ...this.waiting.filter((entry) => !begun(entry)),
      ...this.waiting.filter(begun).reverse(),
    ];
    for (const entry of oldest) {
      if (excess <= 0 && bytes <= MAX_PENDING_BYTES) break;
      out.add(entry);
      excess--;
      bytes -= entry.bytes;
    }
    if (out.size > 0) this.drop((entry) => out.has(entry));
  }

  /** Takes out events, and counts those that a hook was to receive. */
  private drop(isOut: (entry: Entry) => boolean): void {
    const { progress } = this;
    const out = this.waiting.filter(isOut);
    this.dropped += out.filter((entry) => progress.some((hook) => isFor(hook, entry))).length;
    this.waiting = this.waiting.filter((entry) => !isOut(entry));
  }

  private forget(now: number): void {
    for (const [id, at] of this.recent) {
      if (this.recent.size <= MAX_REMEMBERED && now - at < REMEMBERED_MS) break;
      this.recent.delete(id);
    }
  }
}

function entryOf(number: number, at: number, event: AlertEvent): Entry {
  return { number, at, event, bytes: jsonLength(event) };
}

function isFor({ kinds, next }: HookProgress, { number, event }: Entry): boolean {
  return number >= next && kinds.includes(event.kind);
}

function newBatch(entries: readonly Entry[], newId: () => string, since: number): HookBatch | undefined {
  const last = entries.at(-1);
  return last === undefined ? undefined : { id: newId(), end: last.number + 1, since };
}

const event: Shape = (value) => {
  const problem = alertProblem(value);
  return problem === undefined ? undefined : { path: '', expected: `an event (${problem})`, got: value };
};
const names = listOf(text(1_000));

/** What an earlier run hands on. It may have been written by hand. */
export const alertQueueShape: Shape = fields({
  hooks: optional(announcedShape),
  progress: listOf(
    fields({
      name: name(MAX_LINE),
      kinds: listOf(oneOf(ALERT_KINDS)),
      next: integer,
      batch: optional(fields({ id: name(200), end: integer, since: time })),
    }),
  ),
  looked: fields({ at: optional(time), throttled: names, above: names }),
  pending: listOf(tuple(integer, time, event)),
  count: integer,
  recent: listOf(tuple(text(), time)),
  shown: listOf(fields({ at: iso, line: text(MAX_LINE), workflowId: optional(text(1_000)) })),
  dropped: range(0, Number.MAX_SAFE_INTEGER),
});
