import type {
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
import { InFlight } from './in-flight.js';
import { perWorkflow } from './private-state.js';

const runningOf = perWorkflow(() => new InFlight());

/** A query that comes alone, with no workflow task: the server does not ask it again. */
const ALONE = 'legacy_query';

/**
 * Answers no query while a local activity of ours runs: the server asks again, in the next workflow task or when this one has ended.
 *
 * With the answer the SDK would end the workflow task, and have the result of a local activity written with it that the workflow
 * has not seen yet. The workflow would see it after the events of the next task, and in a replay before them (docs/upstream.md).
 * What it did then may not replay. Nor can the answer be given later beside other commands: the SDK ends the task with it, and a
 * call that was cancelled in the same activation would not end.
 */
const hold: WorkflowInternalsInterceptor = {
  concludeActivation(input, next) {
    // Queries come after all other jobs. So a local activity that is still counted is not in the history: it runs.
    if (runningOf().count === 0) return next(input);
    const commands = input.commands.filter(
      ({ respondToQuery }) => !respondToQuery || respondToQuery.queryId === ALONE,
    );
    return next({ ...input, commands });
  },
};

const count: WorkflowOutboundCallsInterceptor = {
  scheduleLocalActivity(input, next) {
    const result = next(input);
    return input.activityType.startsWith(OWN_ACTIVITY_PREFIX) ? runningOf().track(result) : result;
  },
};

export const interceptors = (): WorkflowInterceptors => ({ outbound: [count], internals: [hold] });
