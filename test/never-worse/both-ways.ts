import type { Client, WorkflowExecution } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import type { RecoveryPluginOptions } from '../../worker/options/options.js';
import type { Harness, RunningWorker } from '../support/harness.js';

/** One of the two runs of a workload. */
export interface Run {
  readonly isWith: boolean;
  readonly client: Client;
  readonly taskQueue: string;
  readonly id: string;
  /** Starts a worker of this run, with or without the plugin; `options` change the plugin of the run with it. */
  startWorker(
    activities: WorkerOptions['activities'],
    options?: RecoveryPluginOptions,
    more?: Partial<WorkerOptions>,
  ): Promise<RunningWorker>;
  /** Events of a workflow's history, without its workflow tasks: how many there are is a matter of time. */
  events(execution?: Partial<WorkflowExecution>): Promise<number>;
}

export interface BothWays<T> {
  readonly withIt: T;
  readonly without: T;
}

const workflowsPath = require.resolve('./workflows.js');

/**
 * Runs a workload that knows nothing of the plugin twice at the same time on the same server, with and without it, and says
 * how long both took and how many events their workflows have.
 */
export async function bothWays<T>(
  h: Harness,
  name: string,
  workload: (run: Run) => Promise<T>,
): Promise<BothWays<T>> {
  const run = async (isWith: boolean) => {
    const id = h.id(`${name}-${isWith ? 'with' : 'without'}`);
    const begun = performance.now();
    const result = await workload({
      isWith,
      client: h.client,
      taskQueue: id,
      id,
      startWorker: (activities, options = {}, more = {}) =>
        h.startWorker({
          taskQueue: id,
          workflowsPath,
          activities,
          plugins: isWith ? [h.plugin({ breaker: undefined, patience: undefined, ...options })] : [],
          ...more,
        }),
      async events(execution) {
        const { workflowId = id, runId } = execution ?? {};
        const { events } = await h.client.workflow.getHandle(workflowId, runId).fetchHistory();
        return (events ?? []).filter(
          (event) =>
            !event.workflowTaskScheduledEventAttributes &&
            !event.workflowTaskStartedEventAttributes &&
            !event.workflowTaskCompletedEventAttributes &&
            !event.workflowTaskFailedEventAttributes &&
            !event.workflowTaskTimedOutEventAttributes,
        ).length;
      },
    });
    return { result, seconds: (performance.now() - begun) / 1_000, events: await eventsOf(h.client, id) };
  };
  const [withIt, without] = await Promise.all([run(true), run(false)]);
  const said = ({ seconds, events }: typeof withIt) => `${seconds.toFixed(1)} s and ${events} events`;
  const ratio = (withIt.seconds / without.seconds).toFixed(2);
  console.log(`${name}: ${said(withIt)} with the plugin, ${said(without)} without; times ${ratio}`);
  return { withIt: withIt.result, without: without.result };
}

/** Of the workflows on a task queue, when visibility knows those that have ended. */
async function eventsOf(client: Client, taskQueue: string): Promise<number> {
  for (let left = 20; ; left--) {
    let events = 0;
    for await (const { historyLength = 0 } of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
      events += historyLength;
    if (events > 0 || left === 0) return events;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** An error as HTTP clients throw it. */
export function httpError(status: number, message = `status ${status}`): Error {
  return Object.assign(new Error(message), { status });
}
