import type {
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
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

/**
 * Holds answers to queries while a local activity of ours runs. The SDK ends a workflow task with the answer, and has the result
 * of a local activity written with it that the workflow has not seen yet. The workflow sees it after the events of the next task,
 * and in a replay before them (docs/upstream.md). What it did then may not replay.
 */
const hold: WorkflowInternalsInterceptor = {
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

const count: WorkflowOutboundCallsInterceptor = {
  scheduleLocalActivity(input, next) {
    const result = next(input);
    return input.activityType.startsWith(OWN_ACTIVITY_PREFIX) ? stateOf().running.track(result) : result;
  },
};

export const interceptors = (): WorkflowInterceptors => ({ outbound: [count], internals: [hold] });
