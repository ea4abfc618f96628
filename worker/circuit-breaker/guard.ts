import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  type Admission,
  type BreakerGuard,
  type CallEnd,
  type CallPermit,
  type EndedAsLetter,
  FLOODED,
  type GuardedCall,
  isTrial,
  type Outlook,
  type Settlement,
  THROTTLED,
} from '../../activities/failing-call/breaker-guard.js';
import { GrpcStatus, grpcStatus, isNotFound } from '../../client/server/grpc-status.js';
import {
  type BreakerConfig,
  type CircuitBreakerState,
  isFleetDefault,
  openTimeOf,
  type Rejection,
} from '../../common/circuit-breaker/index.js';
import type { FloodNews } from '../../common/flood/key-flood.js';
import { FleetSize } from '../reporting/fleet-size.js';
import type { WorkerTelemetry } from '../telemetry.js';
import { WaitingCalls } from '../waiting/waiting-calls.js';
import { ALONE, BreakerLink, type ViewLink, type WorkerIdentity } from './breaker-link.js';
import { BreakerMetrics, type Floods } from './breaker-metrics.js';
import { Budget } from './budget.js';
import { ComeBack, type RejectedCall, SHORT_WAIT_MS } from './come-back.js';
import { FleetLink } from './fleet-link.js';
import { LocalView } from './local-view.js';
import { LongTrials } from './long-trials.js';

export interface GuardOptions {
  readonly client: Client;
  /** Of the recovery worker. */
  readonly taskQueue: string;
  readonly configOf: (breaker: string) => BreakerConfig;
  /** Made at the start, whether they are used or not. */
  readonly named: readonly string[];
  /** Looks at its own calls only, and reports nothing. */
  readonly isAlone: boolean;
  readonly fault: (where: string, error: unknown) => void;
  /** Takes states and trials; absent where the breakers reject nothing. */
  readonly telemetry?: Pick<WorkerTelemetry, 'breakerState' | 'breakerFloods' | 'trialEnded'>;
  /** Milliseconds; monotonic. */
  readonly clock?: () => number;
}

interface Entry {
  readonly view: LocalView;
  readonly link: ViewLink;
  /** Calls that were rejected. */
  readonly waiting: WaitingCalls;
  /** Calls that the service has refused because a quota is used up: they come at the time that it said, unless a person resets it. */
  readonly refused: WaitingCalls;
  /** Of the last call. */
  taskQueue?: string;
  /** A trial is being asked for, or was refused until then. */
  asking: boolean;
  refusedUntil: number;
  readonly comeBack: ComeBack;
  readonly trials: LongTrials;
}

/** Views that are kept. Names may depend on arguments, and there may be any number of them. */
const MAX_VIEWS = 1_000;
const FLUSH_MS = 5_000;
/** The end of a trial that another has is known long before its lease ends, which is there for those that hang. */
const TRIAL_WAIT_MS = 10_000;
/** Names used for the first time whose breaker is looked for at once; of a flood of names, the others later. */
const FIRST_LOOKS_PER_SECOND = 20;

/** The breakers as one worker sees them. A call behind a closed one costs a lookup in a map and two counters. */
export class WorkerBreakers implements BreakerGuard {
  /** Workers that use it. */
  users = 0;
  private readonly entries = new Map<string, Entry>();
  private readonly clock: () => number;
  private readonly link: FleetLink;
  private readonly fleetSize: FleetSize;
  private readonly worker: WorkerIdentity;
  private readonly firstLooks = new Budget(FIRST_LOOKS_PER_SECOND);
  /** The server does not know how to wake an activity. */
  private cannotWake = false;
  private readonly metrics: BreakerMetrics | undefined;

  constructor(private readonly options: GuardOptions) {
    this.clock = options.clock ?? (() => performance.now());
    this.link = new FleetLink(options.client, options.taskQueue);
    this.fleetSize = new FleetSize(this.link, this.clock);
    let sequence = 0;
    this.worker = {
      id: randomUUID(),
      configuredAt: new Date().toISOString(),
      nextSequence: () => ++sequence,
    };
    const { client, telemetry } = options;
    this.metrics =
      telemetry &&
      new BreakerMetrics(
        client.options.namespace,
        telemetry,
        () => this.states(),
        () => this.floods(),
      );
    for (const name of options.named) void this.make(name);
  }

  get size(): number {
    return this.entries.size;
  }

  admit(call: GuardedCall): Admission | Promise<Admission> {
    const now = this.clock();
    const entry = this.entryOf(call.breaker, now);
    entry.taskQueue = call.taskQueue;
    entry.waiting.delete(call.executionId);
    entry.refused.delete(call.executionId);
    const known = entry.link.used(now, () => this.firstLooks.take(now));
    return known === undefined ? this.admitTo(entry, call) : known.then(() => this.admitTo(entry, call));
  }

  begun(call: GuardedCall, permit: CallPermit): void {
    if (!isTrial(permit)) return;
    const { view, link, trials } = this.entryOf(call.breaker, this.clock());
    trials.watch(permit, (runningMs) => {
      if (view.stillRuns(permit, runningMs, this.clock())) link.report('now', call);
    });
  }

  settle(call: GuardedCall, permit: CallPermit, end: CallEnd): Settlement {
    const now = this.clock();
    const entry = this.entryOf(call.breaker, now);
    const { view, link, waiting } = entry;
    if (isTrial(permit)) entry.trials.end(permit);
    const rejected = view.turnsAway(now);
    const { counted, urgency } = view.settle(call, permit, end, now, Math.random(), link.isAlone);
    link.report(urgency, call);
    if (isTrial(permit)) this.metrics?.trialEnded(call.breaker, end.outcome);
    const { isFreed, turnInMs } = this.settleQuota(entry, call, permit, end, now);
    const isFloodOver = end.outcome === 'success' && this.settleFlood(entry, call, permit, now);
    if ((rejected || isFreed || isFloodOver) && !view.turnsAway(now)) this.wake(view, waiting);
    if (turnInMs !== undefined) return { counted, turnInMs };
    const outlook = this.outlookOf(entry, now);
    if (!counted || outlook.openForMs === undefined) return { counted, ...outlook };
    // It comes back when the open time is over, or before, when it is woken.
    const openForMs = entry.comeBack.inLine(
      view.state.epoch,
      view.rejection(now),
      this.rejected(call, view),
      now,
    );
    this.remember(entry.waiting, call, openForMs);
    return { counted, ...outlook, openForMs };
  }

  failedForGood(call: GuardedCall, letter: EndedAsLetter | undefined): FloodNews | undefined {
    if (call.flood === undefined) return undefined;
    const now = this.clock();
    const { view, link } = this.entryOf(call.breaker, now);
    if (letter === undefined) {
      view.floods.endedOtherwise(call, false, now);
      return undefined;
    }
    const news = view.floods.endedAsLetter(call, letter, now, Math.random());
    if (news !== undefined) link.report(news.flood.state === 'held' ? 'alarm' : 'soon', call);
    return news;
  }

  outlook(breaker: string): Outlook {
    const now = this.clock();
    return this.outlookOf(this.entryOf(breaker, now), now);
  }

  /** Whether this worker has the state of a run of the fleet's breaker, which it follows from now on. */
  knows(breaker: string, runId: string): boolean {
    if (this.options.isAlone) return true;
    const { link } = this.entryOf(breaker, this.clock());
    link.watch();
    return link.knownRunId === runId;
  }

  paceMs(breaker: string, failed: number): number | undefined {
    const { openTime } = this.options.configOf(breaker);
    return isFleetDefault(openTime) ? undefined : openTimeOf(openTime, failed, 1);
  }

  /** Reports what is left to be reported, at most for some seconds. */
  async close(): Promise<void> {
    this.metrics?.close();
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

  private *states(): Generator<readonly [string, CircuitBreakerState]> {
    const now = this.clock();
    for (const [name, { view }] of this.entries) yield [name, view.status(now)];
  }

  private *floods(): ReturnType<Floods> {
    const now = this.clock();
    for (const [name, { view }] of this.entries) yield [name, view.floods.count(now)];
  }

  private settleQuota(
    { view: { quotas }, link, refused }: Entry,
    call: GuardedCall,
    { isQuotaTrial }: CallPermit,
    { outcome, asked, message, calls = 1 }: CallEnd,
    now: number,
  ): { isFreed?: boolean; turnInMs?: number } {
    if (outcome === 'success') {
      const isFreed = quotas.succeeded(call, isQuotaTrial === true, now);
      if (isFreed) link.report('now', call);
      return { isFreed };
    }
    if (asked === undefined) return {};
    const turnInMs = quotas.refused(call, { asked, message, calls }, now, Math.random());
    if (quotas.hasNews) link.report('alarm', call);
    this.remember(refused, call, turnInMs);
    return { turnInMs };
  }

  private settleFlood({ view, link }: Entry, call: GuardedCall, permit: CallPermit, now: number): boolean {
    const isOver = view.floods.endedOtherwise(call, permit.isFloodTrial === true, now);
    if (isOver) link.report('now', call);
    return isOver;
  }

  private admitTo(entry: Entry, call: GuardedCall): Admission | Promise<Admission> {
    const now = this.clock();
    const { view } = entry;
    const status = view.status(now);
    // In an outage calls wait for their breaker, and what a person has set comes first.
    const flood = status === 'CLOSED' ? view.floods.admit(call, now) : undefined;
    if (flood?.passes === false) {
      const retryInMs = Math.max(1, flood.comesAt - now);
      this.remember(entry.waiting, call, retryInMs);
      const held = { flood: flood.flood, sinceMs: now - flood.flood.since };
      return { admitted: false, status: FLOODED, retryInMs, held };
    }
    const admission = this.admitPastFlood(entry, call, status, now);
    return flood?.isTrial ? marked(admission, { isFloodTrial: true }) : admission;
  }

  private admitPastFlood(
    entry: Entry,
    call: GuardedCall,
    status: CircuitBreakerState,
    now: number,
  ): Admission | Promise<Admission> {
    const { view } = entry;
    // What a person has set comes before what the service says.
    const asksQuota = status === 'CLOSED' || status === 'OPEN' || status === 'HALF_OPEN';
    const quota = asksQuota ? view.quotas.admit(call, now) : undefined;
    if (quota === undefined) return this.admitToBreaker(entry, call, status, now);
    if (quota.passes) {
      const admission = this.admitToBreaker(entry, call, status, now);
      return quota.isTrial ? marked(admission, { isQuotaTrial: true }) : admission;
    }
    const retryInMs = Math.max(1, quota.comesAt - now);
    this.remember(entry.waiting, call, retryInMs);
    return { admitted: false, status: THROTTLED, retryInMs, said: view.quotas.saidOf(call) };
  }

  private admitToBreaker(
    entry: Entry,
    call: GuardedCall,
    status: CircuitBreakerState,
    now: number,
  ): Admission | Promise<Admission> {
    const { view, link } = entry;
    const probe = status === 'HALF_OPEN' && !call.isHeld ? view.admitProbe(now, call) : undefined;
    if (probe !== undefined) return { admitted: true, permit: probe };
    if (status === 'HALF_OPEN' && !link.isAlone) return this.askForTrial(entry, call, now);
    return this.decide(entry, call, now);
  }

  private outlookOf({ view, comeBack }: Entry, now: number): Outlook {
    const known = { lastSuccessAgoMs: now - view.succeededAt, failing: view.failing.size };
    if (!view.turnsAway(now)) return known;
    return { ...known, openForMs: comeBack.soonest(view.until(now), now) };
  }

  /** By this worker's own view alone. */
  private decide(entry: Entry, call: GuardedCall, now: number): Admission {
    const { permit, rejection } = entry.view.admit(now, call);
    return permit === undefined ? this.reject(entry, call, rejection, now) : { admitted: true, permit };
  }

  private async askForTrial(entry: Entry, call: GuardedCall, now: number): Promise<Admission> {
    const { view, link } = entry;
    if (entry.asking || now < entry.refusedUntil) {
      const until = Math.max(entry.refusedUntil, now + SHORT_WAIT_MS);
      return this.reject(entry, call, { state: 'HALF_OPEN', until }, now);
    }
    entry.asking = true;
    try {
      const answer = await link.acquireTrial(call);
      const then = this.clock();
      // No answer: this worker decides alone.
      if (answer === undefined) return this.decide(entry, call, then);
      if (answer.trial !== undefined) {
        const own = view.admit(then, call).permit ?? { epoch: view.state.epoch };
        if (answer.trial === '') return { admitted: true, permit: own };
        view.granted(answer.epoch);
        return {
          admitted: true,
          permit: { ...own, fleetTrial: { epoch: answer.epoch, trial: answer.trial } },
        };
      }
      const wait = answer.retryInMs ?? SHORT_WAIT_MS;
      entry.refusedUntil = then + Math.min(wait, SHORT_WAIT_MS);
      const until = then + (answer.status === 'HALF_OPEN' ? Math.min(wait, TRIAL_WAIT_MS) : wait);
      link.watch();
      return this.reject(entry, call, { state: answer.status, until }, then);
    } finally {
      entry.asking = false;
    }
  }

  private reject(entry: Entry, call: GuardedCall, rejection: Rejection, now: number): Admission {
    const waits = this.comesBackIn(entry, call, rejection, now);
    const retryInMs = rejection.state === 'FORCED_OPEN' ? waits : Math.min(waits, passesIn(call));
    this.remember(entry.waiting, call, retryInMs);
    return { admitted: false, status: rejection.state, retryInMs };
  }

  /** Held letters come in their turn; a worker that only observes wakes no calls. */
  private remember(calls: WaitingCalls, call: GuardedCall, retryInMs: number): void {
    if (!call.isHeld && !this.options.isAlone) calls.add(call, retryInMs);
  }

  private comesBackIn(entry: Entry, call: GuardedCall, rejection: Rejection, now: number): number {
    const { comeBack, view } = entry;
    const { state, until } = rejection;
    const { epoch } = view.state;
    if (call.isHeld) return comeBack.held(epoch, rejection, workersOf(view), now);
    if (state === 'FORCED_OPEN') return comeBack.forced(until, now);
    const rejected = this.rejected(call, view);
    if (call.isFresh && !call.isReplay) return comeBack.fresh(view.until(now), rejected.rejections, now);
    return comeBack.inLine(epoch, rejection, rejected, now);
  }

  private rejected({ activity, rejections = 0 }: GuardedCall, view: LocalView): RejectedCall {
    const isWoken = activity !== undefined && !this.cannotWake && !this.options.isAlone;
    return { rejections, isWoken, workers: workersOf(view) };
  }

  /** Workers that take the calls of a breaker, as the server saw them; 1 as long as that is not known. */
  private workersOf(breaker: string): number {
    const taskQueue = this.entries.get(breaker)?.taskQueue;
    if (taskQueue === undefined || this.options.isAlone) return 1;
    const size = this.fleetSize.of(taskQueue);
    return typeof size === 'number' ? size : 1;
  }

  private wake(view: LocalView, waiting: WaitingCalls): void {
    if (this.cannotWake || waiting.size === 0) return;
    void waiting.wakeAll(
      () => !this.cannotWake && !this.link.isClosed && !view.turnsAway(this.clock()),
      (call) => view.floods.holds(call, this.clock()),
    );
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
    const { configOf, fault, isAlone } = this.options;
    const view = new LocalView(name, configOf(name), now, () => this.workersOf(name));
    const [waiting, refused] = [this.newWaiting(), this.newWaiting()];
    const link = isAlone
      ? ALONE
      : new BreakerLink(view, this.link, this.fleetSize, this.worker, this.clock, fault, (refusedToo) => {
          this.wake(view, waiting);
          if (refusedToo) this.wake(view, refused);
        });
    const comeBack = new ComeBack();
    const trials = new LongTrials();
    const made = { view, link, waiting, refused, comeBack, trials };
    const entry: Entry = { ...made, asking: false, refusedUntil: 0 };
    this.entries.set(name, entry);
    return entry;
  }

  private newWaiting(): WaitingCalls {
    return new WaitingCalls((activity) => this.wakeOne(activity), this.clock);
  }

  private async wakeOne(activity: NonNullable<GuardedCall['activity']>): Promise<void> {
    try {
      await this.link.wake(activity);
    } catch (error) {
      // It has ended meanwhile, or it is on its way.
      if (isNotFound(error) || this.link.isClosed) return;
      this.cannotWake = grpcStatus(error) === GrpcStatus.UNIMPLEMENTED;
      this.options.fault('waking a call that waits for a circuit breaker', error);
    }
  }

  /** The longest unused that is closed; of many that are not, the longest unused. What it has to report is sent first. */
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
    const link = this.entries.get(candidate)?.link;
    this.entries.delete(candidate);
    void link?.flush().finally(() => link.drop());
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

/** Milliseconds, never too short for a wait. */
function passesIn({ passesInMs = Number.POSITIVE_INFINITY }: GuardedCall): number {
  return Math.max(passesInMs, 0) + 200;
}

/** That report to the breaker. */
function workersOf({ fleet }: LocalView): number {
  return Math.max(1, fleet?.workers ?? 1);
}

function marked(
  admission: Admission | Promise<Admission>,
  mark: Pick<CallPermit, 'isQuotaTrial' | 'isFloodTrial'>,
): Admission | Promise<Admission> {
  if (admission instanceof Promise)
    return admission.then((answer) => (answer.admitted ? withMark(answer, mark) : answer));
  return admission.admitted ? withMark(admission, mark) : admission;
}

function withMark(
  admission: Extract<Admission, { admitted: true }>,
  mark: Pick<CallPermit, 'isQuotaTrial' | 'isFloodTrial'>,
): Admission {
  return { ...admission, permit: { ...admission.permit, ...mark } };
}
