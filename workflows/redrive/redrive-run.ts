import {
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { Pace } from '../../common/redrive/pace.js';
import { packIds, unpackIds } from '../../common/redrive/pack-ids.js';
import {
  type BatchResult,
  type RedrivePlan,
  type RedriveReport,
  RedriveStatus,
} from '../../common/redrive/types.js';
import { readResult } from '../messages/raw-values.js';
import { count } from '../telemetry/count.js';
import * as activities from './activities.js';
import type { CarriedRedrive } from './carried.js';
import type { RedriveControls } from './controls.js';
import { progressQuery } from './definitions.js';
import { ProgressReport } from './progress-report.js';

/** How long a batch waits for a letter before its replay is left to go on alone: while there are others, and after. */
const PATIENCE_MS = 3_000;
const LAST_PATIENCE_MS = 15_000;
/** Between two looks at replays that take long. */
const FIRST_POLL_INTERVAL_MS = 2_000;
const MAX_POLL_INTERVAL_MS = 60_000;
/** After its breaker has closed a letter that was held replays within seconds. */
const HELD_PATIENCE_MS = 120_000;
const PREVIEWS = 10;
/** Before 0.4.0 an order that interrupted the wait for the next letter began that letter at once. */
const KEEPS_ITS_RATE = 'redrive-keeps-its-rate';
/** Before 0.4.0 it did not wait for letters under way when it was cancelled or stopped. */
const ENDS_WITH_OUTCOMES = 'redrive-ends-with-outcomes';
/** Before 0.4.0 a letter that was skipped or held was as good for the canary as one that was done. */
const CANARY_IS_DONE = 'redrive-canary-is-done';

type Next = { readonly report: RedriveReport } | { readonly carried: CarriedRedrive };

/** One run of a redrive. */
export class RedriveRun {
  private readonly progress: ProgressReport;
  private pending: string[] = [];
  private running: string[] = [];
  private turnedAway: string[] = [];
  private canary: number | undefined;
  private readonly pace: Pace;
  private pollIntervalMs = FIRST_POLL_INTERVAL_MS;
  /** When the wait for the next letter began; milliseconds since the epoch. */
  private restsSince: number | undefined;

  constructor(
    private readonly plan: RedrivePlan,
    private readonly controls: RedriveControls,
    private readonly carried: CarriedRedrive | undefined,
  ) {
    this.pace = new Pace(carried?.rate ?? plan.rate, carried?.pace);
    this.progress = new ProgressReport(
      plan,
      carried,
      () => this.speed(),
      () => controls.orders,
    );
    if (carried !== undefined) {
      this.canary = carried.canary;
      this.pending = unpackIds(carried.pending);
      this.running = unpackIds(carried.running);
      this.turnedAway = unpackIds(carried.turnedAway);
    }
    setHandler(progressQuery, () => this.progress.current(), {
      description: 'The progress of this redrive.',
    });
    controls.onOrder = () => this.progress.show();
  }

  async run(): Promise<Next> {
    if (this.carried === undefined) await this.snapshot();
    if (this.plan.dryRun) return { report: await this.dryRun() };
    for (;;) {
      this.pace.rate = this.controls.rate ?? this.pace.rate;
      if (this.controls.cancelled !== undefined) {
        return { report: await this.stop(RedriveStatus.CANCELLED, `cancelled${this.controls.cancelled}`) };
      }
      if (this.pending.length === 0 && this.running.length === 0) break;
      if (this.controls.isPaused) {
        this.progress.setStatus(RedriveStatus.PAUSED);
        await condition(() => !this.controls.isPaused || this.controls.cancelled !== undefined);
        continue;
      }
      const restMs = this.restMs();
      if (restMs > 0 && patched(KEEPS_ITS_RATE)) {
        await this.pause(restMs);
        continue;
      }
      if (workflowInfo().continueAsNewSuggested) return { carried: this.carryOver() };
      await this.batch();
      const trouble = this.trouble();
      if (trouble !== undefined) return { report: await this.stop(RedriveStatus.STOPPED, trouble) };
    }
    await this.settle();
    return { report: this.progress.end(RedriveStatus.COMPLETED) };
  }

  private async snapshot(): Promise<void> {
    this.progress.show();
    const snapshot = readResult(await activities.listLetters(this.plan));
    this.pending = unpackIds(snapshot.packed);
    this.progress.listed(snapshot);
    if (!this.plan.dryRun) count('redrive_letters', { action: this.plan.action }, snapshot.total);
    this.canary = this.plan.canary > 0 ? this.plan.canary : undefined;
  }

  private async dryRun(): Promise<RedriveReport> {
    const { transform } = this.plan;
    if (transform === undefined)
      return this.progress.end(RedriveStatus.COMPLETED, 'a dry run: nothing was done');
    const ids = this.pending.slice(0, PREVIEWS);
    const { previews = [] } = readResult(
      await activities.redriveLetters({
        ...this.requestOf(ids),
        ...{ dryRun: true, leastMs: 0, patienceMs: 60_000 },
      }),
    );
    return this.progress.end(RedriveStatus.COMPLETED, 'a dry run: nothing was done', previews);
  }

  /** Begins nothing any more; what is under way has its outcome in the report. */
  private async stop(status: RedriveStatus, why: string): Promise<RedriveReport> {
    while (this.running.length > 0 && !workflowInfo().continueAsNewSuggested && patched(ENDS_WITH_OUTCOMES)) {
      this.progress.setStatus(RedriveStatus.FINISHING, `${why}; waits for the letters under way`);
      const { outcomes, running, turnedAway } = readResult(
        await activities.redriveLetters({
          ...this.requestOf([]),
          ...{ running: this.running, leastMs: 0, patienceMs: LAST_PATIENCE_MS },
        }),
      );
      this.take({ outcomes, running, turnedAway, left: [] });
      if (this.running.length > 0) await this.lookLater();
    }
    return this.progress.end(status, why);
  }

  private async batch(): Promise<void> {
    const { size, spacingMs, leastMs, pauseMs } = this.pace.nextBatch();
    const ids = this.pending.splice(0, this.roomFor(size));
    if (this.canary !== undefined) this.canary -= ids.length;
    const isLast = this.pending.length === 0;
    this.restsSince = undefined;
    const before = this.controls.intent();
    this.progress.setStatus(isLast && ids.length === 0 ? RedriveStatus.FINISHING : this.workingStatus());
    const startedAt = Date.now();
    const result = readResult(
      await activities.redriveLetters({
        ...this.requestOf(ids),
        ...{ running: this.running, spacingMs },
        leastMs: isLast ? 0 : leastMs,
        patienceMs: isLast ? LAST_PATIENCE_MS : PATIENCE_MS,
      }),
    );
    this.take(result);
    this.pace.batchDone(result.outcomes.length, Date.now() - startedAt);
    this.progress.show();
    if (result.breaker !== undefined) await this.waitForBreaker(result.breaker);
    else if (result.outcomes.length === 0 && result.left.length === 0) await this.lookLater();
    else if (pauseMs > 0 && !isLast) {
      this.restsSince = Date.now();
      // What was ordered during the batch changes the wait, or ends it.
      if (!this.controls.hasChangedSince(before) || !patched(KEEPS_ITS_RATE)) await this.pause(pauseMs);
    }
  }

  /** Left of the time to the next letter, at a rate so low that the wait can be interrupted: by a new rate or a pause. */
  private restMs(): number {
    return this.restsSince === undefined ? 0 : this.restsSince + this.pace.nextBatch().pauseMs - Date.now();
  }

  /** Letters to begin now: none while the canary is out, and none where as many replays as allowed are under way. */
  private roomFor(size: number): number {
    const free = this.running.length >= this.plan.concurrency ? 0 : size;
    return Math.min(free, this.canary ?? Number.POSITIVE_INFINITY);
  }

  private requestOf(ids: readonly string[]) {
    const { id, requestId, action, transform, force, result, by, reason, concurrency, skipOrigins } =
      this.plan;
    return {
      ...{ redriveId: id, requestId, action, transform, force, result, by, reason, concurrency, ids },
      skipOrigins,
      ...{ running: [] as string[], spacingMs: 0 },
    };
  }

  private take({ outcomes, running, left, turnedAway }: BatchResult): void {
    for (const outcome of outcomes) {
      this.progress.tally.add(outcome);
      count('redriven_letters', { action: this.plan.action, outcome: outcome.outcome });
    }
    this.running = [...running];
    this.pending.unshift(...left);
    this.turnedAway.push(...turnedAway);
    if (outcomes.length > 0) this.pollIntervalMs = FIRST_POLL_INTERVAL_MS;
    if (this.canary !== undefined) {
      const notDone = outcomes.filter(({ outcome }) => outcome === 'SKIPPED' || outcome === 'HELD').length;
      this.canary += left.length + (notDone > 0 && patched(CANARY_IS_DONE) ? notDone : 0);
      if (this.canary === 0 && this.running.length === 0 && this.progress.tally.counts.failed === 0)
        this.canary = undefined;
    }
  }

  /** Why it should not go on. */
  private trouble(): string | undefined {
    const { failureShare, counts } = this.progress.tally;
    if (this.canary !== undefined && counts.failed > 0) {
      return `a letter of the canary failed: ${this.progress.tally.problems().at(-1)?.message ?? 'without a message'}`;
    }
    if (this.plan.maxFailureShare === 1 || failureShare <= this.plan.maxFailureShare) return undefined;
    const percent = (share: number) => `${Math.round(share * 100)} %`;
    return `${percent(failureShare)} failed, more than ${percent(this.plan.maxFailureShare)}`;
  }

  private async waitForBreaker(name: string): Promise<void> {
    const why = `circuit breaker "${name}" is open`;
    this.progress.setStatus(RedriveStatus.WAITING_FOR_BREAKER, why, name);
    const scope = new CancellationScope({ cancellable: true });
    const closed = scope
      .run(() => activities.waitForBreaker(name))
      .catch((error) => {
        if (!isCancellation(error)) throw error;
      });
    await Promise.race([closed, condition(() => this.controls.cancelled !== undefined)]);
    scope.cancel();
    await closed;
    this.pace.slowDown();
  }

  private async lookLater(): Promise<void> {
    await this.pause(this.pollIntervalMs);
    this.pollIntervalMs = Math.min(this.pollIntervalMs * 2, MAX_POLL_INTERVAL_MS);
  }

  private async pause(ms: number): Promise<void> {
    const before = this.controls.intent();
    await condition(() => this.controls.hasChangedSince(before), ms);
  }

  /** Held letters replay when their breaker closes; their outcome belongs in the report. */
  private async settle(): Promise<void> {
    if (this.turnedAway.length === 0) return;
    this.progress.setStatus(RedriveStatus.FINISHING, 'waits for letters that were held by a circuit breaker');
    const outcomes = readResult(await activities.waitForHeldLetters(this.turnedAway, HELD_PATIENCE_MS));
    for (const outcome of outcomes) this.progress.tally.settle(outcome);
  }

  private workingStatus(): RedriveStatus {
    return this.canary === undefined ? RedriveStatus.RUNNING : RedriveStatus.CANARY;
  }

  private speed() {
    const { pace, running, pending, controls } = this;
    return {
      running: running.length,
      rate: controls.rate ?? pace.rate,
      actualRate: Math.round(pace.actualRate * 100) / 100,
      timeLeftMs: pace.timeLeftMs(pending.length + running.length),
    };
  }

  private carryOver(): CarriedRedrive {
    const { canary, pace, controls } = this;
    return {
      plan: { ...this.plan, ids: undefined },
      ...this.progress.carried(),
      canary,
      pending: packIds(this.pending),
      running: packIds(this.running),
      turnedAway: packIds(this.turnedAway),
      rate: controls.rate ?? pace.rate,
      pace: pace.carried(),
      isPaused: controls.isPaused,
      orders: controls.orders,
    };
  }
}
