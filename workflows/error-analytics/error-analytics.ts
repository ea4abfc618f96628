import { RawValue } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { readAlerts } from '../../common/alerts/alert-event.js';
import { AlertQueue } from '../../common/alerts/alert-queue.js';
import { alertLines } from '../../common/alerts/markdown.js';
import { readAnnounced } from '../../common/alerts/messages.js';
import { analyticsInputProblem } from '../../common/error-analytics/check-carried.js';
import { type ReadQuery, readErrorQuery } from '../../common/error-analytics/error-query.js';
import { FleetErrors } from '../../common/error-analytics/fleet-errors.js';
import type { AnalyticsInput } from '../../common/error-analytics/input.js';
import { errorDashboard } from '../../common/error-analytics/markdown.js';
import { type AnalyticsMemo, readErrorReport } from '../../common/error-analytics/messages.js';
import { code, page } from '../../common/text/markdown.js';
import { AlertDesk } from '../alerts/alert-desk.js';
import { readJson } from '../messages/read-json.js';
import { readStart } from '../messages/read-start.js';
import { readableStart } from '../messages/readable-start.js';
import { senderIdentity } from '../messages/sender.js';
import { wasUndecodable } from '../messages/undecodable.js';
import * as messages from './definitions.js';

/** How it ended: no worker has reported an error for a long time. It starts again with the next error. */
export interface AnalyticsOutcome {
  readonly ended: 'idle';
  /** Errors that were counted. */
  readonly errors: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest window is a week: what is forgotten then is no longer counted anyway. */
const IDLE_MS = 7 * 24 * HOUR_MS;
/** This long after the last report the page shows it: each of its windows is empty then. */
const RENEWED_AFTER_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 25 * HOUR_MS];
/** Longest timer of one that serves hooks. */
const REST_MS = 365 * 24 * HOUR_MS;
/** The server takes 10,000 signals in a run. */
const SIGNALS_PER_RUN = 2_000;
const MAX_NOTES = 5;
const DEFAULT_WINDOW_MS = HOUR_MS;
const DEFAULT_RATE_WINDOW_MS = 5 * MINUTE_MS;

/** The errors of all workers that share a recovery task queue, and the alerts of their hooks. */
export async function errorAnalytics(input?: RawValue): Promise<AnalyticsOutcome> {
  const later = readableStart('error analytics', [input]);
  const [read] = later === undefined ? [input] : await later;
  return new AnalyticsEntity(
    readStart<AnalyticsInput>(read, 'NoErrorAnalytics', (value) => {
      const problem = analyticsInputProblem(value);
      return (
        problem && `The input is not that of error analytics: ${problem}. Workers start it when they need it`
      );
    }),
  ).live();
}

class AnalyticsEntity {
  private readonly errors: FleetErrors;
  private readonly alerts: AlertQueue;
  private readonly desk: AlertDesk;
  private readonly startedAt: number;
  private notes: readonly string[] = [];
  private memo: AnalyticsMemo;
  /** Undefined while no report has said it: then the page links to lists, as it did before reports did. */
  private listsGroups: boolean | undefined;
  /** Signals in this run. */
  private received = 0;
  /** When the timer that is set ends. */
  private dueAt = 0;
  private isDueChanged = false;
  /** Page and memo are not of this moment. */
  private isChanged = false;

  constructor(private readonly input: AnalyticsInput) {
    this.startedAt = input.startedAt ?? Date.now();
    this.errors = new FleetErrors(input.errors);
    this.alerts = new AlertQueue(input.alerts);
    this.desk = new AlertDesk(this.alerts, () => this.moved());
    this.memo = memoOf(this.errors, this.alerts);
    this.listsGroups = input.listsGroups;
    this.listen();
  }

  async live(): Promise<AnalyticsOutcome> {
    this.desk.serve().catch(unlessCancelled);
    this.keepShown().catch(unlessCancelled);
    for (;;) {
      this.show();
      this.isDueChanged = false;
      this.dueAt = this.nextDue();
      await condition(() => this.mustGoOn() || this.isDueChanged, Math.max(1, this.dueAt - Date.now()));
      if (this.mustGoOn()) {
        await this.desk.settle();
        await condition(allHandlersFinished);
        return this.continueAsNew();
      }
      if (Date.now() >= this.idleAt) return { ended: 'idle', errors: this.errors.total };
    }
  }

  private mustGoOn(): boolean {
    const { signalsPerRun = SIGNALS_PER_RUN } = this.input;
    return this.received >= signalsPerRun || workflowInfo().continueAsNewSuggested;
  }

  /** When the page is renewed, or when it ends. */
  private nextDue(): number {
    const now = Date.now();
    const renewed = RENEWED_AFTER_MS.map((ms) => (this.errors.lastAt ?? 0) + ms).filter((at) => at > now);
    return Math.min(...renewed, this.idleAt, now + REST_MS);
  }

  private get idleAt(): number {
    const { idleMs = IDLE_MS } = this.input;
    const isServing = this.alerts.hooks !== undefined || this.alerts.pending > 0;
    return isServing ? Number.POSITIVE_INFINITY : Math.max(this.startedAt, this.errors.lastAt ?? 0) + idleMs;
  }

  /** Shows what has changed. Sets its timer again only where that ends too late: each new one is an event in the history. */
  private moved(): void {
    if (this.nextDue() < this.dueAt) this.isDueChanged = true;
    this.isChanged = true;
  }

  /** Once for all signals of a task: a page takes longer than a signal. */
  private async keepShown(): Promise<never> {
    for (;;) {
      await condition(() => this.isChanged);
      this.isChanged = false;
      this.showMemo();
      this.show();
    }
  }

  private listen(): void {
    setHandler(messages.recordSignal, (...input: RawValue[]) => this.record(input), {
      description: 'Internal: the errors that a worker reports.',
    });
    setHandler(messages.alertSignal, (...input: RawValue[]) => this.alert(input), {
      description: 'Internal: events for the hooks. docs/alerts.md has an example that tries out the hooks.',
    });
    setHandler(messages.watchSignal, (...input: RawValue[]) => this.watch(input), {
      description: 'Internal: a recovery worker has hooks.',
    });
    const queried =
      <T>(windowMs: number, answer: (query: ReadQuery, now: number) => T) =>
      (...input: RawValue[]): T => {
        const query = readErrorQuery(readJson(input), windowMs);
        return answer(query, Math.max(Date.now(), query.now ?? 0));
      };
    setHandler(
      messages.summaryQuery,
      queried(DEFAULT_WINDOW_MS, (query, now) => this.errors.summary(query, now)),
      {
        description:
          'Errors of a window. Input: {"window": "1 hour", "category": "SERVER", "operation": "…"} (all optional)',
      },
    );
    setHandler(
      messages.errorRateQuery,
      queried(DEFAULT_RATE_WINDOW_MS, (query, now) => this.errors.errorRate(query, now)),
      {
        description:
          'Errors a minute. Input: {"window": "5 minutes", "category": "SERVER", "operation": "…"} (all optional)',
      },
    );
    setHandler(
      messages.topErrorsQuery,
      queried(DEFAULT_WINDOW_MS, (query, now) => this.errors.top(query, now)),
      {
        description:
          'The most frequent. Input: {"by": "category", "operation", "host" or "cause", "window": "1 hour", "limit": 5}',
      },
    );
  }

  private record(input: readonly RawValue[]): void {
    if (this.cannotRead('record', input)) return;
    const { report, problems } = readErrorReport(readJson(input));
    for (const problem of problems.slice(0, 3)) this.note(problem);
    if (report !== undefined) this.errors.merge(report, Date.now());
    this.listsGroups = report?.listsGroups ?? this.listsGroups;
    this.moved();
  }

  private alert(input: readonly RawValue[]): void {
    if (this.cannotRead('alert', input)) return;
    const { events, problems } = readAlerts(readJson(input));
    for (const problem of problems.slice(0, 3)) this.note(problem);
    this.alerts.add(events, Date.now());
    this.moved();
  }

  private watch(input: readonly RawValue[]): void {
    if (this.cannotRead('watch', input)) return;
    const read = readAnnounced(readJson(input));
    if ('problem' in read) this.note(read.problem);
    else this.alerts.serve(read.hooks, Date.now());
    this.moved();
  }

  /** What could be read only by a later worker changes nothing then either: it would have changed what followed. */
  private cannotRead(what: string, input: readonly RawValue[]): boolean {
    if (!wasUndecodable(input, `input-${this.received++}`)) return false;
    this.note(`${what}: no codec of the recovery worker can read the input; nothing changed`);
    this.isChanged = true;
    return true;
  }

  private note(problem: string): void {
    log.warn('temporal-recovery: error analytics got an invalid input', { problem });
    const sender = senderIdentity();
    const line = `${new Date().toISOString()} — ${sender === undefined ? '' : `${sender}: `}${problem}`;
    this.notes = [...this.notes, line].slice(-MAX_NOTES);
  }

  /** The number of workers only when it has doubled: each change is an event in the history. */
  private showMemo(): void {
    const { workers, hooks } = this.memo;
    const now = memoOf(this.errors, this.alerts);
    if (now.workers <= workers && now.hooks === hooks) return;
    this.memo = now;
    upsertMemo({ errorAnalytics: now });
  }

  private show(): void {
    const { namespace } = workflowInfo();
    const lines = [
      ...errorDashboard(this.errors, Date.now(), { namespace, listsGroups: this.listsGroups !== false }),
      ...alertLines(this.alerts, namespace),
    ];
    const notes = this.notes.map((note) => `- ${code(note, 500)}`);
    setCurrentDetails(
      page(
        [...lines, ...(notes.length === 0 ? [] : ['', '### Not understood', '', ...notes])],
        'error-analytics.md',
      ),
    );
  }

  private continueAsNew(): Promise<never> {
    const { idleMs, signalsPerRun } = this.input;
    const memo = memoOf(this.errors, this.alerts);
    const next = makeContinueAsNewFunc<typeof errorAnalytics>({ memo: { errorAnalytics: memo } });
    const input: AnalyticsInput = {
      v: 1,
      ...(idleMs === undefined ? {} : { idleMs }),
      ...(signalsPerRun === undefined ? {} : { signalsPerRun }),
      startedAt: this.startedAt,
      ...(this.listsGroups === undefined ? {} : { listsGroups: this.listsGroups }),
      errors: this.errors.json(),
      alerts: this.alerts.json(),
    };
    return next(new RawValue(input));
  }
}

/** Workers take their interval from it, and recovery workers see whether their hooks are served. */
function memoOf(errors: FleetErrors, { hooks }: AlertQueue): AnalyticsMemo {
  const reporters = errors.reporters(Date.now());
  const workers = reporters === 0 ? 0 : 2 ** Math.ceil(Math.log2(reporters));
  return { v: 1, workers, ...(hooks === undefined ? {} : { hooks }) };
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
