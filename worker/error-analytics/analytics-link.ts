import type { Client } from '@temporalio/client';
import { readAnalyticsMemo, reportErrors } from '../../client/error-analytics/entity.js';
import { registeredSearchAttributes } from '../../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { ErrorReport } from '../../common/error-analytics/messages.js';
import { ServerLink } from '../reporting/server-link.js';

/** A report waits this long for what is known of the server. */
const LOOKUP_MS = 1_000;

/** What an `ErrorReporter` needs of the server. */
export class AnalyticsLink extends ServerLink {
  constructor(
    client: Client,
    /** Of the recovery worker. */
    private readonly recoveryTaskQueue: string,
  ) {
    super(client);
  }

  async report(report: ErrorReport): Promise<void> {
    const listsGroups = await this.listsGroups();
    const whole = listsGroups === undefined ? report : { ...report, listsGroups };
    return this.whileOpen(() => reportErrors(this.client, this.recoveryTaskQueue, whole));
  }

  /** Undefined where the server does not say it soon: the report does not wait for that. */
  private async listsGroups(): Promise<boolean | undefined> {
    const registered = await Promise.race([
      this.outsideOfActivities(() => registeredSearchAttributes(this.client)),
      this.pause(LOOKUP_MS),
    ]);
    return registered?.includes(SEARCH_ATTRIBUTES.group);
  }

  /** Those of the task queue, or those that reported lately, of all task queues: whichever are more. */
  override async countWorkers(taskQueue: string): Promise<number> {
    const [polling, memo] = await Promise.all([
      super.countWorkers(taskQueue),
      this.whileOpen(() => readAnalyticsMemo(this.client, this.recoveryTaskQueue)),
    ]);
    return Math.max(polling, memo?.workers ?? 0);
  }
}
