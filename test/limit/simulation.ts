// Workers, the entity of a limit and a service with virtual time: the code of the worker and of the entity is the real one.
import assert from 'node:assert/strict';
import { LimitBook } from '../../common/limit/book.js';
import type { Limit } from '../../common/limit/limit.js';
import type { LeaseAnswer, LeaseRequest } from '../../common/limit/messages.js';
import { LimitRules } from '../../common/limit/rules.js';
import {
  asLimitInput,
  type LimitWorkflowInput,
  limitInputProblem,
} from '../../common/limit/workflow-input.js';
import { LimitedName } from '../../worker/limit/limited-name.js';
import type { Timers } from '../../worker/limit/timers.js';

export interface Settings {
  readonly limit: Limit;
  readonly workers: number;
  /** Of each worker's clock: a fixed difference and a rate. */
  readonly clock?: (worker: number) => { offset: number; rate: number };
  /** Milliseconds one way. */
  readonly latency?: () => number;
  /** The share of requests whose answer is lost. */
  readonly lost?: number;
  readonly callMs?: () => number;
  readonly holdMs?: number;
  /** The entity continues as new this often, with its state as JSON. */
  readonly runMs?: number;
  /** Of that state. */
  readonly bytes?: number;
  readonly random: () => number;
}

interface SimulatedWorker {
  readonly name: LimitedName;
  isAlive: boolean;
}

export interface Begun {
  readonly at: number;
  readonly worker: number;
  readonly key: string;
  endedAt?: number;
}

export class Simulation {
  now = 0;
  readonly begun: Begun[] = [];
  requests: number[] = [];
  faults = 0;
  rejections = 0;
  entityIsDown = false;
  readonly workers: SimulatedWorker[] = [];
  rules: LimitRules;
  private book: LimitBook;
  private readonly events: { at: number; order: number; run: () => void }[] = [];
  private order = 0;
  private readonly answers = new Map<string, string>();
  private readonly waiting = new Set<{ at: number; key: string; until: number; comesBack: () => void }>();

  constructor(private readonly settings: Settings) {
    const { limit, workers, runMs } = settings;
    this.rules = new LimitRules({ limit, configuredAt: '2026-01-01T00:00:00.000Z' });
    this.book = new LimitBook(this.rules);
    for (let at = 0; at < workers; at++) this.addWorker();
    if (runMs !== undefined) this.every(runMs, () => this.continueAsNew());
  }

  addWorker(): number {
    const at = this.workers.length;
    const { offset, rate } = this.settings.clock?.(at) ?? { offset: 0, rate: 1 };
    const worker: SimulatedWorker = {
      isAlive: true,
      name: new LimitedName({
        ...{ limit: this.settings.limit, configuredAt: '2026-01-01T00:00:00.000Z', worker: `w${at}` },
        timers: this.timersOf(() => worker.isAlive, offset, rate),
        ask: (request, id) => this.ask(JSON.parse(JSON.stringify(request)), id),
        fault: () => this.faults++,
        workers: () => this.workers.length,
        wake: (key, calls) => this.wake(at, key, calls),
      }),
    };
    this.workers.push(worker);
    return at;
  }

  /** A call comes to a worker, or to any of those that live; rejected, it comes back. */
  call(key = '', worker?: number, rejections = 0): void {
    const alive = this.workers.flatMap((each, at) => (each.isAlive ? [at] : []));
    const at = worker ?? alive[Math.floor(this.settings.random() * alive.length)];
    const { name, isAlive } = this.workers[at ?? 0] as SimulatedWorker;
    if (at === undefined || !isAlive) return;
    const limited = name.key(key);
    name.use(key);
    const answer = limited.admit({ holdMs: this.settings.holdMs ?? 1_000, rejections });
    const settle = (wait: number | undefined) => {
      if (wait === undefined) {
        const begun: Begun = { at: this.now, worker: at, key };
        this.begun.push(begun);
        const tookMs = this.settings.callMs?.() ?? 5;
        this.at(this.now + tookMs, () => {
          begun.endedAt = this.now;
          limited.end(tookMs);
        });
        return;
      }
      this.rejections++;
      const comesBack = () => {
        if (!this.waiting.delete(waiting)) return;
        this.call(key, worker, rejections + 1);
      };
      const waiting = { at, key, until: this.now + wait, comesBack };
      this.waiting.add(waiting);
      this.at(this.now + wait + this.settings.random() * 50, comesBack);
    };
    if (answer instanceof Promise) void answer.then(settle);
    else settle(answer);
  }

  setLimit(limit: Limit): void {
    this.rules.set(undefined, { limit, since: this.now });
  }

  /** The entity has given nothing to anyone. */
  get isIdle(): boolean {
    return this.book.isIdle(Math.floor(this.now + 1_700_000_000_000));
  }

  /** @returns false where it was dead */
  kill(at: number): boolean {
    const worker = this.workers[at] as SimulatedWorker;
    const { isAlive } = worker;
    worker.isAlive = false;
    return isAlive;
  }

  at(time: number, run: () => void): void {
    this.events.push({ at: time, order: this.order++, run });
    this.up(this.events.length - 1);
  }

  every(ms: number, run: () => void, until = Number.POSITIVE_INFINITY): void {
    const next = () => {
      run();
      if (this.now + ms < until) this.at(this.now + ms, next);
    };
    this.at(this.now + ms, next);
  }

  async runUntil(end: number): Promise<void> {
    for (;;) {
      const [first] = this.events;
      if (first === undefined || first.at > end) break;
      this.pop();
      this.now = Math.max(this.now, first.at);
      first.run();
      for (let turn = 0; turn < 8; turn++) await undefined;
    }
    this.now = end;
  }

  /** A request with the id of one before has its answer. */
  private ask(request: LeaseRequest, id: string) {
    const { latency = () => 5, random, lost = 0 } = this.settings;
    this.requests.push(this.now);
    return new Promise<LeaseAnswer>((resolve, reject) => {
      this.at(this.now + 3_000, () => reject(new Error('no answer')));
      this.at(this.now + latency(), () => {
        if (this.entityIsDown) return;
        // The clock of the server.
        const now = Math.floor(this.now + 1_700_000_000_000);
        const answer = this.answers.get(id) ?? JSON.stringify(this.book.lease(request, now));
        this.answers.set(id, answer);
        if (random() < lost) return;
        this.at(this.now + latency(), () => resolve(JSON.parse(answer)));
      });
    });
  }

  /** The server takes some seconds at most to plan the next attempt of a call again. */
  private wake(worker: number, key: string, calls: number): void {
    let left = calls;
    for (const each of this.waiting) {
      if (each.at !== worker || each.key !== key || each.until - this.now < 3_000) continue;
      if (left-- <= 0) return;
      each.until = this.now;
      this.at(this.now + this.settings.random() * 5_000, each.comesBack);
    }
  }

  private continueAsNew(): void {
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));
    const now = Math.floor(this.now + 1_700_000_000_000);
    const input = {
      v: 1,
      name: 'simulated',
      ...this.rules.state,
      book: this.book.carryOver(now, this.settings.bytes ?? 1_000_000),
    };
    const read = copy(input) as LimitWorkflowInput;
    assert.equal(limitInputProblem(read), undefined);
    const { book, ...rules } = asLimitInput(read);
    this.rules = new LimitRules(rules);
    this.book = new LimitBook(this.rules, book);
  }

  private timersOf(isAlive: () => boolean, offset: number, rate: number): Timers {
    return {
      random: this.settings.random,
      now: () => offset + this.now * rate,
      set: (then, ms) => {
        const timer = { isSet: true };
        // Timers are late, never early.
        this.at(this.now + Math.ceil(ms / rate) + this.settings.random() * 2, () => {
          if (timer.isSet && isAlive()) then();
        });
        return timer;
      },
      clear: (timer) => {
        if (timer !== undefined) (timer as { isSet: boolean }).isSet = false;
      },
    };
  }

  private pop(): void {
    const last = this.events.pop();
    if (this.events.length === 0 || last === undefined) return;
    this.events[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= this.events.length) return;
      const right = left + 1;
      const least = right < this.events.length && this.isBefore(right, left) ? right : left;
      if (!this.isBefore(least, at)) return;
      this.swap(at, least);
      at = least;
    }
  }

  private up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [x, y] = [this.events[a], this.events[b]] as [
      { at: number; order: number },
      { at: number; order: number },
    ];
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    [this.events[a], this.events[b]] = [this.events[b] as never, this.events[a] as never];
  }
}

/** Most calls that began in any window of a length. */
export function busiest(times: readonly number[], perMs: number): number {
  let most = 0;
  let from = 0;
  for (let to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= perMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** Most calls that ran at the same time. */
export function mostAtOnce(begun: readonly Begun[]): number {
  const steps = begun.flatMap(({ at, endedAt = at }) => [
    [at, 1],
    [endedAt, -1],
  ]) as [number, number][];
  steps.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let most = 0;
  let running = 0;
  for (const [, step] of steps) {
    running += step;
    most = Math.max(most, running);
  }
  return most;
}
