import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { FailedCall } from '../../activities/settings.js';
import { groupFingerprint, messagePattern } from '../../common/dead-letter/group.js';
import { ErrorBatch } from '../../common/error-analytics/error-batch.js';
import type { ErrorReport } from '../../common/error-analytics/messages.js';
import type { ApiLinkerError } from '../../common/errors/index.js';
import { FleetSize } from '../reporting/fleet-size.js';
import { PacedSender } from '../reporting/paced-sender.js';
import { AnalyticsLink } from './analytics-link.js';

/** When errors are reported. Milliseconds. */
export interface ReportPace {
  /** From the first error after a quiet time, for others to go with it. */
  readonly firstMs: number;
  /** Between two reports, while errors come; each longer than the one before. */
  readonly betweenMs: readonly [number, ...number[]];
  /** Between the reports of two workers. */
  readonly turnMs: number;
}

const PACE: ReportPace = { firstMs: 5_000, betweenMs: [15_000, 30_000, 60_000], turnMs: 200 };
/** A worker that stops waits this long for its last report. */
const FLUSH_MS = 2_000;
const FAULT = 'reporting errors to the fleet';

type Link = Pick<AnalyticsLink, 'report' | 'countWorkers' | 'close'>;

export interface ErrorReporterOptions {
  readonly client: Client;
  /** Of the recovery worker. */
  readonly taskQueue: string;
  readonly fault: (where: string, error: unknown) => void;
  readonly pace?: ReportPace;
  readonly link?: Link;
}

/**
 * Reports the errors of this process to the fleet's `errorAnalytics`: one signal for all that has gathered, and none without
 * errors. Nothing waits for it, and no fault of it reaches a call.
 */
export class ErrorReporter {
  /** Workers that use it. */
  users = 0;
  private readonly worker = randomUUID();
  private readonly link: Link;
  private readonly fleetSize: FleetSize;
  private readonly sender: PacedSender;
  private readonly pace: ReportPace;
  private gathering = new ErrorBatch();
  /** It keeps its number until it has arrived: a second arrival is ignored. */
  private outgoing: { readonly sequence: number; readonly batch: ErrorBatch } | undefined;
  private sequence = 0;
  private isPlanned = false;
  private sentAt = Number.NEGATIVE_INFINITY;
  /** Reports in a row while errors came. */
  private streak = 0;
  private workers = 1;

  constructor(private readonly options: ErrorReporterOptions) {
    const { client, taskQueue, fault, pace = PACE, link = new AnalyticsLink(client, taskQueue) } = options;
    this.pace = pace;
    this.link = link;
    this.fleetSize = new FleetSize(link, now);
    const intervalMs = () => this.intervalMs();
    this.sender = new PacedSender({
      hasMore: () => this.outgoing !== undefined || !this.gathering.isEmpty,
      send: () => this.send(),
      get intervalMs() {
        return intervalMs();
      },
      fault: (error) => fault(FAULT, error),
      clock: now,
    });
  }

  /** An attempt has failed, or a call has ended without an attempt that reported. Never throws. */
  failed(error: ApiLinkerError, { operation, taskQueue }: FailedCall): void {
    try {
      const { errorCategory: category, statusCode, message, requestUrl } = error;
      this.gathering.add(
        {
          ...{ category, operation, statusCode },
          host: hostOf(requestUrl),
          group: groupFingerprint(operation, error),
          pattern: messagePattern(message),
        },
        now(),
      );
      this.plan(taskQueue);
    } catch (fault) {
      this.options.fault(FAULT, fault);
    }
  }

  /** Sends what is left, at most for some seconds. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.sender.flush(),
      new Promise((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS);
      }),
    ]);
    clearTimeout(timer);
    this.sender.stop();
    this.link.close();
  }

  private plan(taskQueue: string): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    const size = this.fleetSize.of(taskQueue);
    const send = (workers: number) => {
      this.workers = workers;
      this.sender.within(this.waitMs());
    };
    if (typeof size === 'number') send(size);
    else void size.then(send);
  }

  private waitMs(): number {
    const { firstMs, betweenMs, turnMs } = this.pace;
    const longest = Math.max(...betweenMs, this.workers * turnMs);
    const sinceLast = now() - this.sentAt;
    if (sinceLast > 2 * longest) this.streak = 0;
    // Spread, since what one of them sees, all may see at the same moment.
    const soonest = Math.max(firstMs, this.workers * turnMs * (0.5 + Math.random()));
    return Math.max(soonest, this.intervalMs() - sinceLast);
  }

  private intervalMs(): number {
    const { betweenMs, turnMs } = this.pace;
    const between = betweenMs[Math.min(this.streak, betweenMs.length) - 1] ?? betweenMs[0];
    return Math.max(between, this.workers * turnMs) * (0.75 + Math.random() / 2);
  }

  private async send(): Promise<void> {
    this.isPlanned = false;
    if (this.outgoing === undefined) {
      this.outgoing = { sequence: ++this.sequence, batch: this.gathering };
      this.gathering = new ErrorBatch();
    }
    const { sequence, batch } = this.outgoing;
    const { worker } = this;
    const report: ErrorReport = { v: 1, worker, sequence, sentAt: Date.now(), errors: batch.report(now()) };
    await this.link.report(report);
    this.outgoing = undefined;
    this.sentAt = now();
    this.streak++;
  }
}

const now = () => performance.now();

function hostOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  try {
    return new URL(url).host || undefined;
  } catch {
    return undefined;
  }
}
