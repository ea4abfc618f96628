import type { Client } from '@temporalio/client';
import { readAnalyticsMemo, reportErrors } from '../../client/error-analytics/entity.js';
import { registeredSearchAttributes } from '../../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { ErrorReport } from '../../common/error-analytics/messages.js';
import { ServerLink } from '../reporting/server-link.js';

/** What an `ErrorReporter` needs of the server. */
export class AnalyticsLink extends ServerLink {
  constructor(
    client: Client,
    /** Of the recovery worker. */
    private readonly recoveryTaskQueue: string,
  ) {
    super(client);
  }

  report(report: ErrorReport): Promise<void> {
    return this.whileOpen(async () => {
      const registered = await registeredSearchAttributes(this.client);
      const listsGroups = registered?.includes(SEARCH_ATTRIBUTES.group);
      return reportErrors(this.client, this.recoveryTaskQueue, {
        ...report,
        ...(listsGroups === undefined ? {} : { listsGroups }),
      });
    });
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
