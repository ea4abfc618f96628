import type { CallEnd, CallPermit, GuardedCall } from '../../activities/failing-call/breaker-guard.js';
import {
  admit,
  admitProbe,
  type BreakerConfig,
  type BreakerMemo,
  type BreakerReport,
  type BreakerState,
  type FailureSample,
  type HalfOpenState,
  initialState,
  nextChangeAt,
  type OpenState,
  outcomeOf,
  type Rejection,
  type ReportedResult,
  record,
  rejection,
  type TransitionReason,
  tick,
  UNASKED_TRIAL,
} from '../../common/circuit-breaker/index.js';
import { ErrorCategory } from '../../common/errors/category.js';
import { beginning, hash52 } from '../../common/text/text.js';
import type { Urgency } from '../reporting/report-delay.js';
import { FloodGate } from './flood-gate.js';
import { QuotaGate } from './quota-gate.js';

/** What the fleet's breaker is, as far as this worker knows. */
export interface FleetView {
  /** Of the entity; another entity counts its epochs from the beginning. */
  readonly firstRunId: string;
  readonly epoch: number;
  readonly workers: number;
  /** It takes results of trials that are still running. */
  readonly judgesRunning: boolean;
}

/** More is not in one report: what opens a breaker is far below. */
const MAX_RESULTS = 100;

/**
 * A worker's own view of one breaker: the state machine on its own outcomes, overruled by what the fleet's breaker
 * says. Times are of the worker's monotonic clock.
 */
export class LocalView {
  state: BreakerState;
  fleet: FleetView | undefined;
  private results: ReportedResult[] = [];
  private trip: TransitionReason | undefined;
  /** A failure was reported to the fleet, and no success since. */
  private owesSuccess = false;
  /** When a call was last seen to succeed here, or the fleet's breaker to close. */
  succeededAt = Number.NEGATIVE_INFINITY;
  /** When a call was last seen to fail here. */
  failedAt = Number.NEGATIVE_INFINITY;
  /** Executions that have failed since then; bounded. */
  readonly failing = new Set<string>();
  readonly quotas: QuotaGate;
  readonly floods: FloodGate;

  constructor(
    readonly name: string,
    readonly config: BreakerConfig,
    now: number,
    /** Workers of the fleet, as far as they are known otherwise than from the breaker. */
    workers: () => number = () => 1,
  ) {
    this.state = initialState(now);
    const ofFleet = () => Math.max(workers(), this.fleet?.workers ?? 1);
    this.quotas = new QuotaGate(ofFleet);
    this.floods = new FloodGate(ofFleet);
  }

  status(now: number): BreakerState['status'] {
    this.state = tick(this.state, this.config, now).state;
    return this.state.status;
  }

  turnsAway(now: number): boolean {
    const status = this.status(now);
    return status === 'OPEN' || status === 'FORCED_OPEN' || status === 'HALF_OPEN';
  }

  /** When calls may pass again, as far as that is known. */
  until(now: number): number | undefined {
    const status = this.status(now);
    return status === 'OPEN' || status === 'FORCED_OPEN' ? nextChangeAt(this.state, this.config) : undefined;
  }

  /** As a call gets it that comes now. */
  rejection(now: number): Rejection {
    return rejection(this.status(now), this.until(now));
  }

  /** By this worker's own knowledge alone. */
  admit(now: number, call: GuardedCall) {
    const { state, permit, rejection } = admit(this.state, this.config, now, this.requestOf(call));
    this.state = state;
    return permit === undefined ? { rejection } : { permit };
  }

  /** A trial of a call that has not failed yet, beside those that the fleet's breaker grants. */
  admitProbe(now: number, call: GuardedCall): CallPermit | undefined {
    const { status } = this.state;
    if (status !== 'OPEN' && status !== 'HALF_OPEN') return undefined;
    const probe = admitProbe(this.state as OpenState | HalfOpenState, this.config, now, this.requestOf(call));
    if (probe !== undefined) this.state = probe.state;
    return probe?.permit;
  }

  /** The workers that report share the interval of such trials. */
  private requestOf({ executionId, leaseMs, isFresh, isReplay, passesInMs }: GuardedCall) {
    const mustPass = passesInMs !== undefined && passesInMs <= 0;
    return {
      ...{ executionId, leaseMs, mustPass, workers: this.fleet?.workers },
      isFresh: isFresh && isReplay !== true,
    };
  }

  /**
   * Counts the end of a call.
   * @param alone the fleet's breaker cannot be reached, so that this worker decides for itself
   */
  settle(
    { executionId, isFresh }: GuardedCall,
    permit: CallPermit,
    end: CallEnd,
    now: number,
    random: number,
    alone: boolean,
  ): Settled {
    const before = this.state;
    const result = this.resultOf(end, executionId, isFresh, permit);
    this.follow(result, now);
    const { state, transitions } = record(before, this.config, result, now, random);
    const opened = transitions.find(({ to }) => to === 'OPEN');
    const trips = opened !== undefined && before.status === 'CLOSED';
    // If several workers have to agree, one alone opens only if the entity does not answer.
    this.state =
      trips && this.config.minimumReporters > 1 && !alone
        ? { ...initialState(now), epoch: before.epoch }
        : state;
    const isStale = permit.epoch !== before.epoch;
    return {
      counted: result.outcome === 'failure',
      urgency: this.tellFleet(result, permit, isStale, trips ? opened.reason : undefined),
    };
  }

  /** A trial has been running for this time. @returns whether that is to be reported */
  stillRuns({ epoch, fleetTrial }: CallPermit, durationMs: number, now: number): boolean {
    const { fleet } = this;
    if (!fleet?.judgesRunning || !this.turnsAway(now)) return false;
    // Of a state that has ended meanwhile it says nothing.
    if (fleetTrial === undefined ? epoch !== this.state.epoch : fleetTrial.epoch !== fleet.epoch)
      return false;
    const trial = fleetTrial?.trial ?? UNASKED_TRIAL;
    this.add({ outcome: 'success', trial, stillRunning: true, durationMs });
    return true;
  }

  /** What the fleet's breaker says, if it is news. @param ageMs how long ago it said so */
  adopt(fleet: FleetView, memo: BreakerMemo, ageMs: number, now: number): boolean {
    const known = this.fleet;
    const isNews = known === undefined || known.firstRunId !== fleet.firstRunId || fleet.epoch > known.epoch;
    this.fleet = fleet;
    if (!isNews) return false;
    // A breaker that a report of this worker has started, or that had no failures: this worker's counts go on, and a
    // breaker that it has just asked to open does not know that yet.
    const { status } = this.state;
    if (known === undefined && memo.status === 'CLOSED' && (status === 'CLOSED' || status === 'OPEN'))
      return false;
    // Somebody's trial has succeeded.
    if (memo.status === 'CLOSED' && memo.cause === 'trials-succeeded' && this.turnsAway(now)) {
      this.succeededAt = now;
    }
    this.state = stateOf(memo, this.state.epoch + 1, Math.max(0, (memo.changesInMs ?? 0) - ageMs), now);
    this.clear();
    return true;
  }

  /** A trial was granted: the fleet's breaker is half-open in this epoch, also before the news of it has come. */
  granted(epoch: number): void {
    if (this.fleet !== undefined && epoch > this.fleet.epoch) this.fleet = { ...this.fleet, epoch };
  }

  /** The fleet has no such breaker (any more): what was known holds until its time is over. */
  lose(now: number): void {
    this.fleet = undefined;
    // What a person had set ends with it.
    const { status, epoch } = this.state;
    if (status === 'FORCED_OPEN') this.state = halfOpen(epoch + 1, now);
    if (status === 'METRICS_ONLY' || status === 'DISABLED')
      this.state = { ...initialState(now), epoch: epoch + 1 };
  }

  /** What there is to report; it is kept until `sent`. */
  toReport(now: number): Unsent | undefined {
    const throttles = this.quotas.toReport(now);
    const floods = this.floods.toReport(now);
    const isNothing = this.results.length + throttles.length + floods.length === 0;
    if (isNothing && this.trip === undefined) return undefined;
    return {
      results: [...this.results],
      trip: this.trip,
      ...(throttles.length === 0 ? {} : { throttles }),
      ...(floods.length === 0 ? {} : { floods }),
    };
  }

  sent({ results, trip, throttles = [], floods = [] }: Unsent): void {
    this.quotas.sent(throttles);
    this.floods.sent(floods);
    const sent = new Set(results);
    this.results = this.results.filter((result) => !sent.has(result));
    if (this.trip === trip) this.trip = undefined;
  }

  private follow({ outcome, category, executionId }: Ended, now: number): void {
    if (outcome === 'success') {
      this.succeededAt = now;
      if (this.failing.size > 0) this.failing.clear();
    } else if (outcome === 'failure' || category === ErrorCategory.UNKNOWN) {
      // An unknown error may be an outage too: it opens nothing, but many of them are no lone poison.
      this.failedAt = now;
      if (this.failing.size < MAX_RESULTS) this.failing.add(executionId);
    }
  }

  private clear(): void {
    // Results of trials belong to the previous epoch and are still reported.
    this.results = this.results.filter(({ trial }) => trial !== undefined);
    this.trip = undefined;
    this.owesSuccess = false;
  }

  private resultOf(end: CallEnd, executionId: string, isFresh: boolean, permit: CallPermit): Ended {
    const { outcome, durationMs } = end;
    // The common case, call after call, copies nothing.
    if (outcome === 'success') return { outcome, durationMs, executionId, permit };
    return { ...end, outcome: this.outcomeOf(end), executionId, isFresh, permit };
  }

  private outcomeOf({ outcome, counts, category, statusCode }: CallEnd): CallEnd['outcome'] {
    if (outcome !== 'failure' || counts || category === undefined) return outcome;
    return outcomeOf(category, statusCode, this.config);
  }

  private tellFleet(
    result: Ended,
    { fleetTrial, trial }: CallPermit,
    isStale: boolean,
    trip: TransitionReason | undefined,
  ): Urgency | undefined {
    if (fleetTrial !== undefined) {
      const ignored = result.outcome === 'ignored' ? { ignored: true } : {};
      this.add({ ...reported(result), trial: fleetTrial.trial, ...ignored });
      return 'now';
    }
    if (isStale || result.outcome === 'ignored') return undefined;
    if (result.outcome === 'success' && trial !== undefined) {
      // Closed here: without this the fleet's breaker would wait for a trial that no worker has a reason to make any more.
      this.add({ ...reported(result), trial: UNASKED_TRIAL });
      return 'now';
    }
    if (result.outcome === 'success' && !this.owesSuccess) return undefined;
    // Its execution has been reported as failing before, or it was tried by this worker alone.
    if (result.outcome === 'failure' && (trial !== undefined || !this.counts(result))) return undefined;
    this.trip = trip ?? this.trip;
    this.owesSuccess = result.outcome === 'failure';
    this.add(reported(result));
    return this.trip === undefined ? 'soon' : 'alarm';
  }

  /** As the state machine counts: what has failed before only where nothing has succeeded since. */
  private counts({ isFresh }: Ended): boolean {
    return isFresh !== false || !('health' in this.state && this.state.health.succeeded);
  }

  private add(result: ReportedResult): void {
    this.results.push(result);
    if (this.results.length > MAX_RESULTS) this.results.shift();
  }
}

type Ended = CallEnd & { readonly executionId: string; readonly permit: CallPermit };

type Unsent = Pick<BreakerReport, 'results' | 'trip' | 'throttles' | 'floods'>;

/** What the end of a call means, and how urgently it must be reported to the fleet. */
export interface Settled {
  /** It speaks of the service. */
  readonly counted: boolean;
  /** Undefined where there is nothing to report. */
  readonly urgency: Urgency | undefined;
}

function reported(result: Ended): ReportedResult {
  const { outcome, executionId, category, statusCode, retryAfterMs, durationMs } = result;
  if (outcome !== 'failure') return { outcome: 'success' };
  const message = result.message && beginning(result.message, 200);
  const sample: FailureSample = { message, category, statusCode };
  return {
    outcome,
    ...sample,
    execution: hash52(executionId),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function stateOf(memo: BreakerMemo, epoch: number, remainingMs: number, now: number): BreakerState {
  const { status, changesInMs } = memo;
  const health = { failuresInARow: 0, failed: [] };
  const until = changesInMs === undefined ? {} : { until: now + remainingMs };
  switch (status) {
    case 'OPEN':
      return {
        ...{ status, epoch, since: now, until: now + remainingMs, failedHalfOpens: 0 },
        reason: { cause: 'reported' },
      };
    case 'HALF_OPEN':
      return halfOpen(epoch, now);
    case 'FORCED_OPEN':
    case 'DISABLED':
      return { status, epoch, since: now, ...until };
    case 'METRICS_ONLY':
      return { status, epoch, since: now, health, ...until };
    case 'CLOSED':
      return { status, epoch, since: now, health };
  }
}

function halfOpen(epoch: number, now: number): BreakerState {
  return {
    ...{ status: 'HALF_OPEN', epoch, since: now, failedHalfOpens: 0, openFor: 0 },
    ...{ successes: 0, granted: 0, leases: [] },
  };
}
