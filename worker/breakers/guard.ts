import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type {
  Admission,
  BreakerGuard,
  CallEnd,
  CallPermit,
  GuardedCall,
  Settlement,
} from '../../activities/breaker-guard.js';
import type { BreakerConfig, Rejection } from '../../common/breaker/index.js';
import { ALONE, BreakerLink, type ViewLink, type WorkerIdentity } from './breaker-link.js';
import { FleetLink } from './fleet-link.js';
import { FleetSize } from './fleet-size.js';
import { LocalView } from './local-view.js';

export interface GuardOptions {
  readonly client: Client;
  /** Of the recovery worker. */
  readonly taskQueue: string;
  readonly configOf: (breaker: string) => BreakerConfig;
  /** Made at the start, whether they are used or not. */
  readonly named: readonly string[];
  /** Looks at its own calls only, and tells nobody. */
  readonly isAlone: boolean;
  readonly fault: (where: string, error: unknown) => void;
  /** Milliseconds; monotonic. */
  readonly clock?: () => number;
}

interface Entry {
  readonly view: LocalView;
  readonly link: ViewLink;
  /** A trial is being asked for, or was refused until then. */
  asking: boolean;
  refusedUntil: number;
  /** The turn of the next letter that is held; of one state of the breaker, since each has its own time. */
  turns: { readonly epoch: number; readonly next: number };
}

/** Views that are kept. Names may depend on arguments, and there may be any number of them. */
const MAX_VIEWS = 1_000;
const FLUSH_MS = 5_000;
/** Who is turned away while another asks for the trial, or without a time, comes back after so long. */
const SHORT_WAIT_MS = 2_000;
const MAX_SPREAD_MS = 10_000;
/** The end of a trial that another has is known long before its lease ends, which is there for those that hang. */
const TRIAL_WAIT_MS = 10_000;
/** Letters that are held come one after the other, so long apart for each worker of the fleet. */
const RELEASE_INTERVAL_MS = 200;
const MAX_RELEASE_MS = 10 * 60_000;

/** The breakers as one worker sees them. A call behind a closed one costs a lookup in a map and two counters. */
export class WorkerBreakers implements BreakerGuard {
  /** Workers that use it. */
  users = 0;
  private readonly entries = new Map<string, Entry>();
  private readonly clock: () => number;
  private readonly link: FleetLink;
  private readonly fleetSize: FleetSize;
  private readonly worker: WorkerIdentity = {
    id: randomUUID(),
    configuredAt: new Date().toISOString(),
  };

  constructor(private readonly options: GuardOptions) {
    this.clock = options.clock ?? (() => performance.now());
    this.link = new FleetLink(options.client, options.taskQueue);
    this.fleetSize = new FleetSize(this.link, this.clock);
    for (const name of options.named) void this.make(name);
  }

  get size(): number {
    return this.entries.size;
  }

  admit(call: GuardedCall): Admission | Promise<Admission> {
    const now = this.clock();
    const entry = this.entryOf(call.breaker, now);
    entry.link.used(now);
    if (entry.view.status(now) === 'HALF_OPEN' && !entry.link.isAlone)
      return this.askForTrial(entry, call, now);
    return this.decide(entry, call, now);
  }

  settle(call: GuardedCall, permit: CallPermit, end: CallEnd): Settlement {
    const now = this.clock();
    const { view, link } = this.entryOf(call.breaker, now);
    const { executionId } = call;
    const { settlement, urgency } = view.settle(executionId, permit, end, now, Math.random(), link.isAlone);
    link.tell(urgency, call);
    if (!view.turnsAway(now))
      return settlement.wasUnderWay ? { ...settlement, wasUnderWay: false } : settlement;
    return { ...settlement, openForMs: waitFor(view.until(now), now) };
  }

  outlook(name: string) {
    const now = this.clock();
    const { view } = this.entryOf(name, now);
    return { lastSuccessAgoMs: now - (view as any).succeededAt, openForMs: view.turnsAway(now) ? waitFor(view.until(now), now) : undefined };
  }
  paceMs(name: string, failed: number) {
    return Math.min(this.entryOf(name, this.clock()).view.config.openTime.initialInterval * 2 ** failed, 60_000);
  }

  /** Tells the fleet what is left to be told, at most for some seconds. */
  async close(): Promise<void> {
    const flushed = Promise.allSettled([...this.entries.values()].map(({ link }) => link.flush()));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      flushed,
      new Promise((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS);
      }),
    ]);
    clearTimeout(timer);
    for (const { link } of this.entries.values()) link.drop();
    this.link.close();
  }

  /** By this worker's own view alone. */
  private decide(entry: Entry, call: GuardedCall, now: number): Admission {
    const { executionId, leaseMs } = call;
    const { permit, rejection } = entry.view.admit(now, executionId, leaseMs);
    return permit === undefined ? this.turnAway(entry, call, rejection, now) : { admitted: true, permit };
  }

  private async askForTrial(entry: Entry, call: GuardedCall, now: number): Promise<Admission> {
    const { view, link } = entry;
    if (entry.asking || now < entry.refusedUntil) {
      return this.turnAway(
        entry,
        call,
        { state: 'HALF_OPEN', until: Math.max(entry.refusedUntil, now + SHORT_WAIT_MS) },
        now,
      );
    }
    entry.asking = true;
    try {
      const answer = await link.acquireTrial(call.executionId, call.leaseMs);
      const then = this.clock();
      // Nobody answers: this worker tries for itself.
      if (answer === undefined) return this.decide(entry, call, then);
      if (answer.trial !== undefined) {
        const own = view.admit(then, call.executionId, call.leaseMs).permit ?? { epoch: view.state.epoch };
        if (answer.trial === '') return { admitted: true, permit: own };
        view.granted(answer.epoch);
        return {
          admitted: true,
          permit: { ...own, fleetTrial: { epoch: answer.epoch, trial: answer.trial } },
        };
      }
      entry.refusedUntil = then + Math.min(answer.retryInMs ?? SHORT_WAIT_MS, SHORT_WAIT_MS);
      const wait = answer.retryInMs ?? SHORT_WAIT_MS;
      const until = then + (answer.status === 'HALF_OPEN' ? Math.min(wait, TRIAL_WAIT_MS) : wait);
      link.watch();
      return this.turnAway(entry, call, { state: answer.status, until }, then);
    } finally {
      entry.asking = false;
    }
  }

  private turnAway(entry: Entry, { isHeld }: GuardedCall, rejection: Rejection, now: number): Admission {
    const { state, until } = rejection;
    const retryInMs = isHeld ? this.waitForTurn(entry, rejection, now) : waitFor(until, now);
    return { admitted: false, status: state, retryInMs };
  }

  /** A thousand letters must not be the next outage of a service that has just come back. */
  private waitForTurn(entry: Entry, { state, until }: Rejection, now: number): number {
    const { epoch } = entry.view.state;
    const { turns } = entry;
    // Half-open ends with the trial under way, long before the lease of that would.
    const first = now + waitFor(state === 'HALF_OPEN' ? undefined : until, now);
    const free = turns.epoch === epoch ? turns.next : 0;
    const turn = Math.min(Math.max(free, first), first + MAX_RELEASE_MS);
    const workers = Math.max(1, entry.view.fleet?.workers ?? 1);
    entry.turns = { epoch, next: turn + RELEASE_INTERVAL_MS * workers };
    return turn - now;
  }

  private entryOf(name: string, now: number): Entry {
    const known = this.entries.get(name);
    // The longest unused is the first in the map.
    if (known !== undefined) {
      this.entries.delete(name);
      this.entries.set(name, known);
      return known;
    }
    return this.newEntry(name, now);
  }

  private newEntry(name: string, now: number): Entry {
    if (this.entries.size >= MAX_VIEWS) this.forgetOne(now);
    const { configOf, fault } = this.options;
    const view = new LocalView(name, configOf(name), now);
    const link = this.options.isAlone
      ? ALONE
      : new BreakerLink(view, this.link, this.fleetSize, this.worker, this.clock, fault);
    const entry: Entry = { view, link, asking: false, refusedUntil: 0, turns: { epoch: 0, next: 0 } };
    this.entries.set(name, entry);
    return entry;
  }

  /** The longest unused that is closed; of many that are not, the longest unused. */
  private forgetOne(now: number): void {
    let candidate: string | undefined;
    let looked = 0;
    for (const [name, { view }] of this.entries) {
      candidate ??= name;
      if (view.status(now) === 'CLOSED') {
        candidate = name;
        break;
      }
      if (++looked === 100) break;
    }
    if (candidate === undefined) return;
    this.entries.get(candidate)?.link.drop();
    this.entries.delete(candidate);
  }

  private async make(name: string): Promise<void> {
    const { config } = this.entryOf(name, this.clock()).view;
    try {
      await this.link.ensure({ name, config, configuredAt: this.worker.configuredAt, permanent: true });
      this.entries.get(name)?.link.watch();
    } catch (error) {
      this.options.fault('making a circuit breaker', error);
    }
  }
}

/** Milliseconds; spread, so that those who waited do not all come back in one moment. */
function waitFor(until: number | undefined, now: number): number {
  const remaining = Math.max(SHORT_WAIT_MS, (until ?? now) - now);
  return remaining + Math.random() * Math.min(1_000 + remaining / 5, MAX_SPREAD_MS);
}
