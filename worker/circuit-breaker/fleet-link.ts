import type { Client } from '@temporalio/client';
import {
  acquireTrial,
  ensureBreaker,
  type NewBreaker,
  readBreaker,
  reportToBreaker,
  runEnds,
} from '../../client/circuit-breaker/entity.js';
import { NoAnswerError } from '../../client/server/with-limit.js';
import {
  type BreakerReport,
  breakerWorkflowId,
  type TrialAnswer,
  type TrialRequest,
} from '../../common/circuit-breaker/index.js';
import { ServerLink } from '../reporting/server-link.js';

/**
 * A wait of days begins again now and then. A request of a `NativeConnection` cannot be cancelled and keeps its process
 * alive: it must end by itself soon after the worker has stopped, sooner where calls wait.
 */
const WATCH_MS = 3_000;
const WATCH_QUIET_MS = 25_000;

/** What a breaker's view needs of the server. */
export class FleetLink extends ServerLink {
  constructor(
    client: Client,
    private readonly taskQueue: string,
  ) {
    super(client);
  }

  report(breaker: NewBreaker, report: BreakerReport): Promise<void> {
    return this.outsideOfActivities(() => reportToBreaker(this.client, this.taskQueue, breaker, report));
  }

  ensure(breaker: NewBreaker): Promise<void> {
    return this.outsideOfActivities(() => ensureBreaker(this.client, this.taskQueue, breaker));
  }

  acquireTrial(name: string, request: TrialRequest, timeoutMs: number): Promise<TrialAnswer> {
    return this.outsideOfActivities(() => acquireTrial(this.client, name, request, timeoutMs));
  }

  read(name: string) {
    return this.whileOpen(() => readBreaker(this.client, name));
  }

  /** @param signal ends the wait */
  async untilRunEnds(
    name: string,
    runId: string,
    isQuiet: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const watchMs = isQuiet() ? WATCH_QUIET_MS : WATCH_MS;
      try {
        if (await this.whileOpen(() => runEnds(this.client, name, runId), watchMs, signal)) return;
      } catch (error) {
        const isOver = signal.aborted || this.isClosed;
        if (!(error instanceof NoAnswerError) || isOver) throw error;
      }
    }
  }

  /**
   * Why a breaker does not work: a client that does not know the recovery task queue has made it on another one, which no
   * worker polls. Undefined where it works.
   */
  async problemOf({ name, taskQueue }: { readonly name: string; readonly taskQueue: string }) {
    if (taskQueue === this.taskQueue) return undefined;
    const { namespace } = this.client.options;
    const { pollers } = await this.whileOpen(() =>
      this.client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    );
    if (pollers !== undefined && pollers !== null && pollers.length > 0) return undefined;
    return (
      `it is on task queue "${taskQueue}", which no worker polls; the recovery task queue of this worker is ` +
      `"${this.taskQueue}". Terminate the workflow "${breakerWorkflowId(name)}", and name the recovery task queue where it ` +
      'was made: new RecoveryClient({ taskQueue }), or --recovery-task-queue'
    );
  }
}

const WORKFLOW_QUEUE = 1;
