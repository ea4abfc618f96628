import { ActivityFailure, CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import type {
  ActivityInput,
  Next,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { CancellationScope, log, patched } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import type { CallHeader } from '../common/call-header.js';
import { CALL_HEADER, HANDLE_FAILURE_ACTIVITY, OWN_ACTIVITY_PREFIX, PATCH_ID } from '../common/contract.js';
import { handleFailure } from './handle-failure-call.js';
import { observeFailure } from './observer-sink.js';
import { withDeadLetterId, withoutLedger } from './rebuild-failure.js';

/**
 * Catches activities that failed for good and has `recovery.handleFailure` decide, in the worker, what becomes of
 * them. The decision is in history, so that configuration can change under running workflows.
 */
class FailureInterceptor implements WorkflowOutboundCallsInterceptor {
  scheduleActivity(
    input: ActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>,
  ): Promise<unknown> {
    if (input.activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(input);
    const scope = CancellationScope.current();
    const call = {
      ...input,
      headers: { ...input.headers, [CALL_HEADER]: defaultPayloadConverter.toPayload(callHeader(input)) },
    };
    const result = next(call);
    return onRejection(result, input.seq, (error) => recover(error, call, scope));
  }
}

export function interceptors(): WorkflowInterceptors {
  const ours = new FailureInterceptor();
  return { inbound: [{ execute: (input, next) => next(moveInside(ours, input)) }], outbound: [ours] };
}

/**
 * Puts our interceptor next to the call, whatever the order of the plugins was: it has to see the headers the
 * others add (tenant, trace), for the letter. Nothing has been called yet when a workflow begins to execute.
 */
function moveInside<T>(ours: FailureInterceptor, input: T): T {
  const { outbound } = getActivator().interceptors;
  const at = outbound.indexOf(ours);
  if (at >= 0) outbound.push(...outbound.splice(at, 1));
  return input;
}

function callHeader({ options }: ActivityInput): CallHeader {
  const { retry } = options;
  const ownIntervals =
    retry?.initialInterval !== undefined ||
    retry?.backoffCoefficient !== undefined ||
    retry?.maximumInterval !== undefined;
  return ownIntervals ? { v: 1, ownIntervals } : { v: 1 };
}

/** What the workflow gets instead of the failure: undefined leaves the failure as it is. */
type Recovery = Promise<never> | undefined;

/**
 * Runs `handler` when the activity fails, without putting a promise between the activity and the workflow.
 *
 * A promise in between costs a microtask on every call. In an activation that also fires a timer or delivers a
 * signal that is enough to change the order of commands, and histories written without the plugin would no
 * longer replay. So the pending completion itself is given another `reject`.
 */
function onRejection(
  result: Promise<unknown>,
  seq: number,
  handler: (error: unknown) => Recovery,
): Promise<unknown> {
  const completion = getActivator().completions.activity.get(seq);
  if (completion === undefined) {
    // Another interceptor has not scheduled the activity yet, and delays the call by itself.
    return result.catch((error) => handler(error) ?? Promise.reject(error));
  }
  const { reject } = completion;
  (completion as { reject: typeof reject }).reject = (error) => {
    const recovery = handler(error);
    if (recovery === undefined) reject(error);
    else recovery.catch(reject);
  };
  return result;
}

function recover(error: unknown, call: ActivityInput, scope: CancellationScope): Recovery {
  if (!(error instanceof ActivityFailure) || error.cause instanceof CancelledFailure) return undefined;
  if (scope.consideredCancelled) return undefined;
  const { info, registeredActivityNames } = getActivator();
  // A bundle made with the plugin, run by a worker without it: nothing can handle the failure there.
  if (!info.unsafe.isReplaying && !registeredActivityNames.has(HANDLE_FAILURE_ACTIVITY)) return undefined;
  if (!patched(PATCH_ID)) {
    observeFailure(error, call);
    const unwrapped = withoutLedger(error);
    return unwrapped === error ? undefined : Promise.reject(unwrapped);
  }
  return CancellationScope.nonCancellable(() => handleFailure(error, call)).then(
    (decision) => {
      throw withDeadLetterId(withoutLedger(error), decision.deadLetterId);
    },
    (fault) => {
      // A fault of ours never takes the place of the user's failure.
      log.error('temporal-recovery could not handle a failed activity', { error: fault });
      throw withoutLedger(error);
    },
  );
}
