import type { Client } from '@temporalio/client';
import { announceHooks, readAnalyticsMemo } from '../../client/error-analytics/entity.js';
import { isNews } from '../../common/alerts/messages.js';
import { ServerLink } from '../reporting/server-link.js';
import type { WorkerTelemetry } from '../telemetry.js';
import type { AlertsHere } from './alerts-here.js';

export interface HookAnnouncerOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly alerts: AlertsHere;
  readonly telemetry: Pick<WorkerTelemetry, 'fault'>;
}

/** The recovery workers that start together do not look together. */
const FIRST_WITHIN_MS = 10_000;
/** Between two looks at whether the hooks are served, in delivery intervals: one read of a workflow's memo each. */
const LOOK_INTERVALS = 5;

/**
 * Sees to it that the fleet's `errorAnalytics` serves the hooks of this recovery worker, also after it was terminated or has
 * taken the hooks for gone. Without hooks it does nothing.
 */
export class HookAnnouncer extends ServerLink {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HookAnnouncerOptions) {
    super(options.client);
    options.alerts.onAdded = () => this.begin();
    this.begin();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.options.alerts.onAdded = () => undefined;
    this.close();
  }

  private begin(): void {
    const { everyMs } = this.options.alerts.announced ?? {};
    if (everyMs !== undefined) this.plan(Math.min(FIRST_WITHIN_MS, everyMs) * Math.random());
  }

  private plan(waitMs: number): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => void this.look(), waitMs);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    const { taskQueue, alerts, telemetry } = this.options;
    const { announced } = alerts;
    if (announced === undefined) return;
    try {
      const memo = await this.whileOpen(() => readAnalyticsMemo(this.client, taskQueue));
      if (isNews(announced, memo?.hooks))
        await this.whileOpen(() => announceHooks(this.client, taskQueue, announced));
    } catch (fault) {
      if (!this.isClosed) telemetry.fault('announcing the hooks of alerts', fault);
    }
    this.plan(announced.everyMs * LOOK_INTERVALS * (0.9 + Math.random() / 5));
  }
}
