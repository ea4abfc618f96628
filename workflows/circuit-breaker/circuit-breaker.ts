import { RawValue } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  log,
  makeContinueAsNewFunc,
  patched,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type Admission,
  admit,
  type BreakerInput,
  type BreakerMemo,
  type BreakerSnapshot,
  type BreakerStatus,
  breakerDetails,
  type CallRequest,
  describeReason,
  disable,
  failureCount,
  forceClosed,
  forceOpen,
  initialState,
  keepTransitions,
  nextChangeAt,
  type OrderKind,
  parseOrder,
  reset,
  type ShownFlood,
  type ShownThrottle,
  type Step,
  type Transition,
  type TransitionReason,
  type TrialAnswer,
  type TrialRequest,
  tick,
} from '../../common/circuit-breaker/index.js';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { describeFloods, describeResumption } from '../../common/flood/describe.js';
import type { Flood, Resumption } from '../../common/flood/floods.js';
import { describeThrottles } from '../../common/quota/describe.js';
import type { Throttle } from '../../common/quota/throttles.js';
import { beginning } from '../../common/text/text.js';
import { readJson } from '../messages/read-json.js';
import { readableStart } from '../messages/readable-start.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import { count } from '../telemetry/count.js';
import * as messages from './definitions.js';
import { Fleet } from './fleet.js';
import { readAcceptedTrial, readBreakerInput, readReport, readTrialRequest } from './read-input.js';

/** How a breaker ended that was not used for a long time. It starts again when it is needed. */
export interface BreakerOutcome {
  readonly name: string;
  readonly ended: 'idle';
}

/** While a trial takes longer, one more call is tried each second. */
const MORE_TRIALS_EACH_MS = 1_000;

/** A breaker without a report for this time is not needed, unless options name it. */
const IDLE_MS = 7 * 24 * 3_600_000;
/** Longest timer of a breaker that waits for nothing. */
const REST_MS = 365 * 24 * 3_600_000;
/** Patch: before it only a closed breaker without failures ended when it was not used. */
const IDLE_IN_ANY_STATE = 'temporal-recovery/idle-in-any-state';
/** Patch: more trials while one takes long. */
const MORE_TRIALS = 'temporal-recovery/more-trials';
/** Patch: the timer follows a half-open whose first trial was granted. */
const ARMS_HALF_OPEN = 'temporal-recovery/arms-half-open';

/**
 * A circuit breaker of the fleet. Each run is one state: every transition continues as new with the next state as
 * input and memo. So the end of a run tells all workers at once, and the chain of runs is the audit trail.
 */
export async function circuitBreaker(input?: RawValue): Promise<BreakerOutcome> {
  const later = readableStart('circuit breaker', [input]);
  const [read] = later === undefined ? [input] : await later;
  return new BreakerEntity(readBreakerInput(read)).live();
}

class BreakerEntity {
  private readonly fleet: Fleet;
  private state: NonNullable<BreakerInput['state']>;
  private transitions: readonly Transition[];
  private moved = false;
  private isDueChanged = false;
  private usedAt = Date.now();
  /** Signals in this run. */
  private received = 0;

  constructor(private readonly input: BreakerInput) {
    this.state = input.state ?? initialState(Date.now());
    this.transitions = input.transitions ?? [];
    this.fleet = new Fleet(input);
    this.listen();
  }

  async live(): Promise<BreakerOutcome> {
    for (;;) {
      this.tick();
      this.show();
      this.isDueChanged = false;
      if (!this.mustGoOn()) await condition(() => this.mustGoOn() || this.isDueChanged, this.waitMs());
      this.tick();
      if (this.mustGoOn()) {
        await condition(allHandlersFinished);
        return this.continueAsNew();
      }
      if (this.isIdle()) return { name: this.input.name, ended: 'idle' };
    }
  }

  private tick(): void {
    const now = Date.now();
    this.apply(tick(this.state, this.config, now));
    this.fleet.quotas.tick(now);
    this.fleet.floods.tick(now);
  }

  private get config() {
    return this.fleet.config;
  }

  private mustGoOn(): boolean {
    const { quotas, floods } = this.fleet;
    return this.moved || quotas.isNews || floods.isNews || workflowInfo().continueAsNewSuggested;
  }

  private waitMs(): number {
    const changesAt = nextChangeAt(this.state, this.config) ?? this.idleAt;
    const { quotas, floods } = this.fleet;
    const never = Number.POSITIVE_INFINITY;
    const due = Math.min(changesAt, quotas.nextEnd ?? never, floods.nextEnd ?? never);
    return Math.min(Math.max(1, due - Date.now()), REST_MS);
  }

  /** When it ends unless somebody uses it before: never for one that is to stay, so its timer is not armed again and again. */
  private get idleAt(): number {
    const { permanent, idleMs = IDLE_MS } = this.input;
    if (permanent || this.isForced) return Number.POSITIVE_INFINITY;
    return Math.max(this.usedAt + idleMs, this.fleet.floods.nextEnd ?? 0);
  }

  private isIdle(): boolean {
    if (Date.now() < this.idleAt) return false;
    const wasEnough = this.state.status === 'CLOSED' && failureCount(this.state) === 0;
    return wasEnough || patched(IDLE_IN_ANY_STATE);
  }

  /** What a person has set stays until it expires or is reset. */
  private get isForced(): boolean {
    const { status } = this.state;
    return status === 'FORCED_OPEN' || status === 'METRICS_ONLY' || status === 'DISABLED';
  }

  private listen(): void {
    setHandler(messages.reportSignal, (...input: RawValue[]) => this.receive(input), {
      description: 'Internal: the results that a worker reports.',
    });
    const order =
      (kind: OrderKind) =>
      (...input: RawValue[]) =>
        this.order(kind, input);
    setHandler(messages.resumeSignal, order('resume'), {
      description:
        'Let calls go on that the flood guard holds. Input: {"operation": "which", "quotaKey": "whose", "by": "you", "expiresIn": "1 hour"} (all optional)',
    });
    const inputs = '{"by": "you", "reason": "why", "expiresIn": "30 minutes"} (all optional)';
    setHandler(messages.forceOpenSignal, order('forceOpen'), {
      description: `Reject all calls. Input: ${inputs}`,
    });
    setHandler(messages.forceClosedSignal, order('forceClosed'), {
      description: `Let all calls pass and count them. Input: ${inputs}`,
    });
    setHandler(messages.disableSignal, order('disable'), {
      description: `Let all calls pass and do not count them. Input: ${inputs}`,
    });
    setHandler(messages.resetSignal, order('reset'), {
      description:
        'Close it, count from zero, and let calls go on that are held or whose quota is used up. Input: {"by": "you", "reason": "why"} (optional)',
    });
    setHandler(
      messages.acquireTrialUpdate,
      (...input: RawValue[]) => this.acquireTrial(readAcceptedTrial(input)),
      {
        validator: (...input: RawValue[]) => {
          readTrialRequest(input);
        },
        description: 'Internal: a worker asks whether it may make a trial call.',
      },
    );
    setHandler(messages.stateQuery, () => this.snapshot(), {
      description: 'State, settings and last transitions of this circuit breaker.',
    });
  }

  private receive(input: readonly RawValue[]): void {
    if (this.cannotRead('report', input)) return;
    const { report, problems } = readReport(input, this.config);
    for (const problem of problems.slice(0, 3)) this.fleet.note(problem);
    if (problems.length > 0) {
      log.warn('temporal-recovery: a circuit breaker got an invalid report', { problem: problems[0] });
    }
    if (report === undefined) {
      this.show();
      return;
    }
    this.usedAt = Date.now();
    // From an entity that was terminated and started again since: its epochs mean nothing here.
    const isOurs = report.entity === undefined || report.entity === workflowInfo().firstExecutionRunId;
    const known = isOurs ? report : { ...report, epoch: undefined };
    this.apply(this.fleet.merge(known, this.state, Date.now(), Math.random()));
    if (this.fleet.quotas.isNews) {
      log.info(
        `Circuit breaker ${this.input.name}: ${describeThrottles(this.fleet.quotas.list) ?? 'quotas changed'}`,
      );
    }
    if (this.fleet.floods.isNews) {
      log.warn(
        `Circuit breaker ${this.input.name}: ${describeFloods(this.fleet.floods.list) ?? 'held calls go on: a trial has succeeded'}`,
      );
    }
    this.show();
  }

  /** What could be read only by a later worker changes nothing then either: it would have changed what followed. */
  private cannotRead(what: string, input: readonly RawValue[]): boolean {
    if (!wasUndecodable(input, `input-${this.received++}`)) return false;
    this.fleet.note(`${what}: no codec of the recovery worker can read the input; nothing changed`);
    this.show();
    return true;
  }

  private order(kind: OrderKind, input: readonly RawValue[]): void {
    if (this.cannotRead(kind, input)) return;
    try {
      const { by: named, reason, expiresInMs, ...whose } = parseOrder(kind, readJson(input));
      const by = named?.trim() ? named : senderIdentity();
      const why = reason && defaultRedactor.text(reason);
      const now = Date.now();
      const expiresAt = expiresInMs === undefined ? undefined : now + expiresInMs;
      if (kind === 'resume') {
        this.resume(whose, expiresInMs, { by, why }, now);
        this.show();
        return;
      }
      const change = { forceOpen, forceClosed, disable, reset }[kind];
      this.apply(change(this.state, { by, why, expiresAt }, now));
      if (kind === 'reset') {
        this.fleet.quotas.clear();
        this.fleet.floods.resume({}, undefined, now);
      }
    } catch (error) {
      if ((error as Error).name !== 'MalformedOrderError') throw error;
      // Invalid input: note it on the page; the state does not change.
      const sender = senderIdentity();
      this.fleet.note(`${sender === undefined ? '' : `${sender}: `}${(error as Error).message}`);
    }
    this.show();
  }

  /** What a person has decided is among the transitions, though the state stays. */
  private resume(
    whose: Resumption,
    passMs: number | undefined,
    { by = 'somebody', why }: { by?: string; why?: string },
    now: number,
  ): void {
    if (!this.fleet.floods.resume(whose, passMs, now)) {
      this.fleet.note(`resume: nothing to resume for ${describeResumption(whose)}`);
      return;
    }
    const { status, epoch } = this.state;
    const reason: TransitionReason = {
      cause: 'resumed',
      by,
      why: [describeResumption(whose), why].filter((part) => part !== undefined).join(': '),
      ...(passMs === undefined ? {} : { expiresAt: now + passMs }),
    };
    const transition: Transition = { at: now, from: status, to: status, epoch, reason };
    this.transitions = keepTransitions([...this.transitions, transition]);
    log.warn(`Circuit breaker ${this.input.name}: ${describeReason(reason)}`, { breaker: this.input.name });
  }

  private acquireTrial({ execution, leaseMs }: TrialRequest): TrialAnswer {
    const now = Date.now();
    const due = nextChangeAt(this.state, this.config);
    const admission = this.admitTrial({ executionId: execution, leaseMs }, now);
    this.apply(admission);
    this.usedAt = now;
    // The first trial begins the time that a half-open may take.
    if (nextChangeAt(this.state, this.config) !== due && patched(ARMS_HALF_OPEN)) this.isDueChanged = true;
    const { status, epoch } = this.state;
    const { permit, rejection } = admission;
    if (permit !== undefined) return { status, epoch, trial: permit.trial ?? '' };
    const retryInMs = rejection.until === undefined ? undefined : Math.max(0, rejection.until - now);
    return { status, epoch, retryInMs };
  }

  /** Trials that take long let others in: activities of hours must not wait for each other. */
  private admitTrial(request: CallRequest, now: number): Admission {
    const one = admit(this.state, this.config, now, request);
    if (one.permit !== undefined || one.state.status !== 'HALF_OPEN') return one;
    const more = admit(this.state, this.config, now, { ...request, moreTrialsEachMs: MORE_TRIALS_EACH_MS });
    return more.permit === undefined || patched(MORE_TRIALS) ? more : one;
  }

  private apply({ state, transitions }: Step): void {
    this.state = state;
    if (transitions.length === 0) return;
    this.moved = true;
    this.transitions = keepTransitions([...this.transitions, ...transitions]);
    for (const { from, to, reason } of transitions) {
      const { name } = this.input;
      log.warn(`Circuit breaker ${name}: ${from} -> ${to}`, { breaker: name, why: describeReason(reason) });
      count('breaker_transitions', { from, to });
    }
  }

  private show(): void {
    const { namespace, taskQueue } = workflowInfo();
    const { searchAttributes } = this.input;
    const { notes } = this.fleet;
    setCurrentDetails(breakerDetails(this.snapshot(), { namespace, taskQueue, searchAttributes, notes }));
  }

  private snapshot(): BreakerSnapshot {
    const { epoch } = this.state;
    const { floods } = this.fleet;
    const { list, ofAll } = this.fleet.quotas;
    const status = this.status();
    const since = status === 'THROTTLED' && ofAll !== undefined ? ofAll.since : this.state.since;
    const changesAt = nextChangeAt(this.state, this.config) ?? ofAll?.until;
    return {
      name: this.input.name,
      status,
      epoch,
      since: new Date(since).toISOString(),
      changesAt: changesAt === undefined ? undefined : new Date(changesAt).toISOString(),
      why: this.why(),
      failuresInARow: failureCount(this.state),
      config: this.config,
      conflictAt: this.fleet.conflictAt,
      workers: this.fleet.size,
      ...(list.length === 0 ? {} : { throttles: list.map(shownThrottle) }),
      ...(floods.list.length === 0 ? {} : { floods: floods.list.map(shownFlood) }),
      transitions: this.transitions,
    };
  }

  private status(): BreakerStatus {
    const { status } = this.state;
    return status === 'CLOSED' && this.fleet.quotas.ofAll !== undefined ? 'THROTTLED' : status;
  }

  private why(): string | undefined {
    const { quotas, floods } = this.fleet;
    const isClosed = this.state.status === 'CLOSED';
    if (isClosed && floods.list.length > 0) return describeFloods(floods.list);
    if (isClosed && quotas.list.length > 0) return describeThrottles(quotas.list);
    const last = this.transitions.at(-1);
    return last === undefined ? undefined : describeReason(last.reason);
  }

  private continueAsNew(): Promise<never> {
    const { name, searchAttributes, permanent, idleMs } = this.input;
    const { state } = this;
    const now = Date.now();
    const { quotas, floods } = this.fleet;
    const due = nextChangeAt(state, this.config);
    const why = this.why();
    const last = this.transitions.at(-1)?.reason;
    const memo: BreakerMemo = {
      v: 1,
      name,
      status: state.status,
      epoch: state.epoch,
      changesInMs: due === undefined ? undefined : Math.max(0, due - now),
      why: why && beginning(why, 500),
      // No call has ended well: for the workers no trial has succeeded.
      cause: last?.stillRunning ? undefined : last?.cause,
      ...(quotas.list.length === 0 ? {} : { throttles: quotas.reported(now) }),
      ...(floods.list.length === 0 ? {} : { floods: floods.reported(now) }),
      workers: this.fleet.size,
      judgesRunning: true,
    };
    const status = searchAttributes.includes(SEARCH_ATTRIBUTES.status)
      ? { [SEARCH_ATTRIBUTES.status]: [this.status()] }
      : {};
    const operation = searchAttributes.includes(SEARCH_ATTRIBUTES.operation)
      ? { [SEARCH_ATTRIBUTES.operation]: [beginning(name, 255)] }
      : {};
    const next = makeContinueAsNewFunc<typeof circuitBreaker>({
      memo: { circuitBreaker: memo },
      searchAttributes: { ...status, ...operation },
    });
    const input: BreakerInput = {
      ...{ v: 1, name, searchAttributes, permanent, idleMs, state, transitions: this.transitions },
      ...this.fleet.carried(),
    };
    return next(new RawValue(input));
  }
}

function shownFlood({ since, until, ...rest }: Flood): ShownFlood {
  return { ...rest, since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

function shownThrottle({ key, since, until, said, narrowed }: Throttle): ShownThrottle {
  return {
    ...(key === '' ? {} : { key }),
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    ...(said === undefined ? {} : { said }),
    ...(narrowed ? { narrowed } : {}),
  };
}
