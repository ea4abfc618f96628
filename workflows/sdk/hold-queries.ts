import type { WorkflowInternalsInterceptor } from '@temporalio/workflow';
import { InFlight } from './in-flight.js';
import { perWorkflow } from './private-state.js';

type Conclude = NonNullable<WorkflowInternalsInterceptor['concludeActivation']>;
type Commands = Parameters<Conclude>[0]['commands'][number][];

const stateOf = perWorkflow(() => ({
  running: new InFlight(),
  /** Of the last activation without queries. In those with queries the SDK always says so. */
  isReplaying: false,
  held: [] as Commands,
}));

/** An answer to a query that comes alone, with no workflow task: the SDK wants no other commands beside it. */
const ALONE = 'legacy_query';

/** Queries are answered when this local activity of ours has ended. */
export function holdQueriesDuring<T>(localActivity: Promise<T>): Promise<T> {
  return stateOf().running.track(localActivity);
}

/**
 * Holds answers to queries while a local activity of ours runs. The SDK ends a workflow task with the answer, and has the result
 * of a local activity written with it that the workflow has not seen yet. The workflow sees it after the events of the next task,
 * and in a replay before them (docs/upstream.md). What it did then may not replay.
 */
export const holdQueries: WorkflowInternalsInterceptor = {
  activate(input, next) {
    const { isReplaying, jobs } = input.activation;
    if (!jobs?.some(({ queryWorkflow }) => queryWorkflow)) stateOf().isReplaying = isReplaying === true;
    next(input);
  },
  concludeActivation(input, next) {
    const { held, isReplaying, running } = stateOf();
    const isHolding = running.count > 0 && !isReplaying;
    const commands = isHolding ? [] : held.splice(0);
    for (const command of input.commands) {
      const id = command.respondToQuery?.queryId;
      if (isHolding && id !== undefined && id !== ALONE) held.push(command);
      else commands.push(command);
    }
    return next({ ...input, commands });
  },
};
