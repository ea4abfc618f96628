import { patched } from '@temporalio/workflow';
import {
  admit,
  type BreakerConfig,
  type BreakerInput,
  type BreakerReport,
  type BreakerState,
  closeByTrial,
  failureCount,
  type ReportedResult,
  record,
  type Step,
  tick,
  trip,
  UNASKED_TRIAL,
} from '../../common/circuit-breaker/index.js';
import { beginning } from '../../common/text/text.js';
import { Floods } from './floods.js';
import { Quotas } from './quotas.js';
import { RunningTrials } from './running-trials.js';

/** More workers than these are forgotten, the longest silent first. */
const MAX_WORKERS = 1_000;
const MAX_NOTES = 5;
/** Patch: workers try calls that have not failed yet while the breaker is open. */
const PROBES = 'temporal-recovery/probes';

/** What the workers say together: whose report is new, whose settings hold, and when they are enough to open. */
export class Fleet {
  config: BreakerConfig;
  conflictAt: string | undefined;
  private configuredAt: string;
  /** Last sequence number by worker, the one that reported last at the end. */
  private readonly sequences: Map<string, number>;
  /** In this epoch: workers whose own rules tripped, and those that saw a failure since the last success. */
  private readonly tripped = new Set<string>();
  private readonly failing = new Set<string>();
  readonly notes: string[] = [];
  readonly quotas: Quotas;
  readonly floods: Floods;
  private readonly running: RunningTrials;

  constructor(input: BreakerInput) {
    this.running = new RunningTrials(input.running);
    this.quotas = new Quotas(input.throttles);
    this.floods = new Floods(input.floods);
    this.config = input.config;
    this.configuredAt = input.configuredAt;
    this.conflictAt = input.conflictAt;
    this.sequences = new Map(Object.entries(input.workers ?? {}));
  }

  get size(): number {
    return this.sequences.size;
  }

  /**
   * Takes a report into account. Rates are left to the workers, since only those that saw a failure report; what the
   * entity adds up are failures in a row, over several workers.
   */
  merge(report: BreakerReport, before: BreakerState, now: number, random: number): Step {
    let step = tick(before, this.config, now);
    if (!this.isNew(report)) return step;
    this.useConfig(report, now);
    this.quotas.merge(report.throttles ?? [], now);
    this.floods.merge(report.floods ?? [], now);
    const { epoch } = step.state;
    for (const result of report.results) {
      const permit = permitOf(result, report, epoch);
      if (permit === undefined) continue;
      if (!result.stillRunning) this.running.ended(result);
      else if (!isTried(step.state, result) || !this.running.accepts(result, this.config)) continue;
      if (result.trial === UNASKED_TRIAL) {
        step = this.after(step, this.afterUnasked(step.state, result, now, random));
        continue;
      }
      step = this.after(
        step,
        record(
          step.state,
          this.counting(),
          {
            ...result,
            executionId: result.execution,
            outcome: result.ignored ? 'ignored' : result.outcome,
            permit,
          },
          now,
          random,
        ),
      );
      this.follow(result, report.worker);
      step = this.after(step, this.openTogether(step.state, result, now, random));
    }
    if (report.trip !== undefined && (report.epoch === undefined || report.epoch === epoch)) {
      this.tripped.add(report.worker);
      if (this.tripped.size >= this.config.minimumReporters) {
        const retryAfterMs = Math.max(0, ...report.results.map((result) => result.retryAfterMs ?? 0));
        step = this.after(step, trip(step.state, this.config, report.trip, now, random, retryAfterMs));
      }
    }
    return step;
  }

  /** Something an operator should see. */
  note(text: string): void {
    this.notes.push(beginning(text, 300));
    if (this.notes.length > MAX_NOTES) this.notes.shift();
  }

  carried(): Pick<
    BreakerInput,
    'config' | 'configuredAt' | 'conflictAt' | 'workers' | 'throttles' | 'floods' | 'running'
  > {
    const { config, configuredAt, conflictAt, quotas, floods } = this;
    return {
      ...{ config, configuredAt, conflictAt, workers: Object.fromEntries(this.sequences) },
      ...(quotas.list.length === 0 ? {} : { throttles: quotas.list }),
      ...(floods.list.length === 0 ? {} : { floods: floods.list }),
      ...this.running.carried,
    };
  }

  private isNew({ worker, sequence }: BreakerReport): boolean {
    const last = this.sequences.get(worker);
    if (last !== undefined && sequence <= last) return false;
    this.sequences.delete(worker);
    this.sequences.set(worker, sequence);
    const [oldest] = this.sequences.keys();
    if (this.sequences.size > MAX_WORKERS && oldest !== undefined) this.sequences.delete(oldest);
    return true;
  }

  /** Of workers that are configured differently, those configured last are right: a deployment under way. */
  private useConfig({ config, configuredAt }: BreakerReport, now: number): void {
    if (JSON.stringify(config) === JSON.stringify(this.config)) return;
    // One that an order made has settings that no worker gave.
    if (!this.configuredAt.startsWith('1970-')) this.conflictAt = new Date(now).toISOString();
    if (configuredAt <= this.configuredAt) return;
    this.config = config;
    this.configuredAt = configuredAt;
  }

  /** Without rates, and without the threshold, which counts here only for enough workers. */
  private counting(): BreakerConfig {
    return { ...this.config, consecutiveFailures: 0, failureRate: false, slowCallRate: false };
  }

  /** A success without a lease says as much as one with; a failure only that it goes on as it is. */
  private afterUnasked(state: BreakerState, result: ReportedResult, now: number, random: number): Step {
    const { outcome, stillRunning = false } = result;
    if (outcome !== 'success') return { state, transitions: [] };
    if (state.status === 'OPEN' && patched(PROBES)) return closeByTrial(state, this.config, result, now);
    if (state.status !== 'HALF_OPEN') return { state, transitions: [] };
    const permittedTrials = state.leases.length + 1;
    const config = { ...this.config, halfOpen: { ...this.config.halfOpen, permittedTrials } };
    const { permit, ...admitted } = admit(state, config, now);
    return permit === undefined
      ? admitted
      : record(admitted.state, this.config, { outcome, permit, stillRunning }, now, random);
  }

  private follow({ outcome, ignored, trial }: ReportedResult, worker: string): void {
    if (ignored || trial !== undefined) return;
    if (outcome === 'success') this.failing.clear();
    else this.failing.add(worker);
  }

  private openTogether(state: BreakerState, last: ReportedResult, now: number, random: number): Step {
    const { consecutiveFailures: threshold, minimumReporters } = this.config;
    const failures = failureCount(state);
    const together = threshold > 0 && failures >= threshold && this.failing.size >= minimumReporters;
    if (state.status !== 'CLOSED' || !together) return { state, transitions: [] };
    const { message, category, statusCode } = last;
    const cause = this.failing.size > 1 ? 'reported' : 'consecutive-failures';
    const reason = { cause, failures, threshold, sample: { message, category, statusCode } } as const;
    return trip(state, this.config, reason, now, random, last.retryAfterMs);
  }

  private after(before: Step, after: Step): Step {
    if (after.transitions.length > 0) {
      this.tripped.clear();
      this.failing.clear();
    }
    return { state: after.state, transitions: [...before.transitions, ...after.transitions] };
  }
}

/** By a trial that this state waits for. */
function isTried(state: BreakerState, { trial }: ReportedResult): boolean {
  if (trial === UNASKED_TRIAL) return state.status === 'OPEN' || state.status === 'HALF_OPEN';
  return state.status === 'HALF_OPEN' && state.leases.some(({ id }) => id === trial);
}

/** Undefined for a result of another epoch. A worker that knew of no entity speaks of the one there is. */
function permitOf({ trial }: ReportedResult, { epoch: known }: BreakerReport, epoch: number) {
  if (known !== undefined && known !== epoch) return undefined;
  return trial === undefined ? { epoch } : { epoch, trial };
}
