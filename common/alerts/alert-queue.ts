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
import { ALERT_KINDS, type AlertEvent, alertProblem } from './alert-event.js';
import { describeAlert } from './describe.js';
import type { AlertDelivery, AnnouncedHooks, Looked } from './messages.js';

/** As it goes into the next run. */
export interface AlertQueueJson {
  readonly hooks?: AnnouncedHooks;
  readonly looked: Looked;
  readonly pending: readonly AlertEvent[];
  /** A delivery that was under way. */
  readonly batch?: { readonly id: string; readonly size: number };
  readonly recent: readonly (readonly [idHash: string, at: number])[];
  readonly shown: readonly ShownAlert[];
  readonly dropped: number;
}

/** An event as the page shows it. */
export interface ShownAlert {
  readonly at: string;
  readonly line: string;
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

/** Events on their way to the hooks: each once, in bounded memory. */
export class AlertQueue {
  hooks: AnnouncedHooks | undefined;
  looked: Looked;
  /** Events that were not delivered and never will be. */
  dropped: number;
  /** The last ones, oldest first. */
  shown: readonly ShownAlert[];
  private waiting: readonly AlertEvent[];
  private batch: { readonly id: string; readonly size: number } | undefined;
  /** When an event arrived, by the hash of its id. */
  private readonly recent: Map<string, number>;
  /** As JSON. */
  private readonly sizes = new WeakMap<AlertEvent, number>();

  constructor(json?: AlertQueueJson) {
    this.hooks = json?.hooks;
    this.looked = json?.looked ?? { throttled: [], above: [] };
    this.waiting = json?.pending ?? [];
    this.batch = json?.batch;
    this.recent = new Map(json?.recent);
    this.shown = json?.shown ?? [];
    this.dropped = json?.dropped ?? 0;
  }

  /** Events for which there is a hook. */
  get pending(): number {
    return this.hooks === undefined ? 0 : this.waiting.length;
  }

  add(events: readonly AlertEvent[], now: number): void {
    this.forget(now);
    for (const event of events) {
      const key = hash52(event.id);
      if (this.recent.has(key)) continue;
      this.recent.set(key, now);
      const line = beginning(describeAlert(event), MAX_LINE);
      this.shown = [...this.shown, { at: event.at, line }].slice(-SHOWN);
      if (this.hooks === undefined || this.hooks.kinds.includes(event.kind))
        this.waiting = [...this.waiting, event];
    }
    const excess = this.excess();
    if (excess <= 0) return;
    // Those that are under way stay.
    const sent = this.batch?.size ?? 0;
    this.waiting = [...this.waiting.slice(0, sent), ...this.waiting.slice(sent + excess)];
    this.dropped += excess;
  }

  private excess(): number {
    const sent = this.batch?.size ?? 0;
    const sizes = this.waiting.map((event) => this.sizeOf(event));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let excess = 0;
    while (this.waiting.length - excess > MAX_PENDING || bytes > MAX_PENDING_BYTES) {
      bytes -= sizes[sent + excess] ?? bytes;
      excess++;
    }
    return excess;
  }

  private sizeOf(event: AlertEvent): number {
    const size = this.sizes.get(event) ?? jsonLength(event);
    this.sizes.set(event, size);
    return size;
  }

  serve(hooks: AnnouncedHooks, now: number): void {
    this.hooks = hooks;
    // A batch that is under way keeps its size.
    const sent = this.batch?.size ?? 0;
    const arrived = ({ id }: AlertEvent) => this.recent.get(hash52(id)) ?? Number.NEGATIVE_INFINITY;
    this.waiting = this.waiting.filter(
      (event, at) =>
        at < sent || (hooks.kinds.includes(event.kind) && now - arrived(event) < WITHOUT_HOOKS_MS),
    );
  }

  /** The recovery workers have no hooks any more. */
  stop(): void {
    this.hooks = undefined;
  }

  /** The oldest events, in the same batch until it has ended. @param newId is called for a new batch */
  next(newId: () => string): AlertDelivery | undefined {
    if (this.pending === 0) return undefined;
    this.batch ??= { id: newId(), size: Math.min(this.waiting.length, MAX_BATCH) };
    return { v: 1, batch: this.batch.id, events: this.waiting.slice(0, this.batch.size) };
  }

  /** The batch was delivered, or was given up. */
  ended(isDelivered: boolean): void {
    const { size = 0 } = this.batch ?? {};
    this.waiting = this.waiting.slice(size);
    this.batch = undefined;
    if (!isDelivered) this.dropped += size;
  }

  json(): AlertQueueJson {
    const { hooks, looked, waiting, batch, recent, shown, dropped } = this;
    return {
      ...(hooks === undefined ? {} : { hooks }),
      ...(batch === undefined ? {} : { batch }),
      ...{ looked, pending: waiting, recent: [...recent], shown, dropped },
    };
  }

  private forget(now: number): void {
    for (const [id, at] of this.recent) {
      if (this.recent.size <= MAX_REMEMBERED && now - at < REMEMBERED_MS) break;
      this.recent.delete(id);
    }
  }
}

const event: Shape = (value) => {
  const problem = alertProblem(value);
  return problem === undefined ? undefined : { path: '', expected: `an event (${problem})`, got: value };
};
const names = listOf(text(1_000));

/** What an earlier run hands on. It may have been written by hand. */
export const alertQueueShape: Shape = fields({
  hooks: optional(
    fields({
      v: oneOf([1]),
      kinds: listOf(oneOf(ALERT_KINDS)),
      everyMs: range(1, Number.MAX_SAFE_INTEGER),
      configuredAt: iso,
    }),
  ),
  looked: fields({ at: optional(time), throttled: names, above: names }),
  pending: listOf(event),
  batch: optional(fields({ id: name(200), size: integer })),
  recent: listOf(tuple(text(), time)),
  shown: listOf(fields({ at: iso, line: text(MAX_LINE) })),
  dropped: range(0, Number.MAX_SAFE_INTEGER),
});
