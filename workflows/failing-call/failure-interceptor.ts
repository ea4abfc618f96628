import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type {
  ActivityInput,
  LocalActivityInput,
  Next,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { CancellationScope } from '@temporalio/workflow';
import { CALL_HEADER, OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
import type { CallHeader, CallRecovery } from '../../common/failing-call/call-header.js';
import { WORKFLOW_CODE } from '../../common/workflow-code.js';
import { passRawValues } from '../sdk/convert.js';
import { interceptors as holdQueries } from '../sdk/hold-queries.js';
import {
  addLocalActivity,
  outboundInterceptors,
  type PendingCall,
  replaceReject,
  sdkProblem,
} from '../sdk/private-state.js';
import { countLocalActivity } from './after-others.js';
import { checkFallbackActivities } from './check-fallbacks.js';
import { RECOVERS } from './must-be-recovered.js';
import { recover } from './recover-call.js';
import { isLocal, type RecoverableInput } from './recoverable-input.js';
import { headersIn, isOwn, recoveryOf } from './recovery-of-call.js';

/** Catches activities that failed for good. */
class FailureInterceptor implements WorkflowOutboundCallsInterceptor {
  readonly [RECOVERS] = WORKFLOW_CODE;

  scheduleActivity(
    input: ActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>,
  ): Promise<unknown> {
    if (input.activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(input);
    checkFallbackActivities(input);
    const call = { ...input, headers: withCallHeader(input) };
    // A fallback: its retries end as those of any call, and the code that made it handles its failure.
    if (isOwn(input.options)) return next(call);
    const scope = CancellationScope.current();
    return onRejection(next(call), input.seq, (error, end) => recover(error, call, scope, end));
  }

  /** Local activities are recovered where the call asks for it. */
  scheduleLocalActivity(
    input: LocalActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>,
  ): Promise<unknown> {
    addLocalActivity(input.seq);
    if (input.activityType.startsWith(OWN_ACTIVITY_PREFIX)) return next(inContextOfCall(input));
    if (recoveryOf(input.options) === undefined) return countLocalActivity(next(input));
    checkFallbackActivities(input);
    const call = { ...input, headers: withCallHeader(input) };
    const scope = CancellationScope.current();
    return onRejection(countLocalActivity(next(call)), input.seq, (error, end) =>
      recover(error, call, scope, end),
    );
  }
}

export function interceptors(): WorkflowInterceptors {
  const problem = sdkProblem();
  // A failed workflow task, before any of the workflow's code has run.
  if (problem !== undefined) throw new Error(`${UNKNOWN_SDK} (${problem})`);
  passRawValues();
  const holding = holdQueries();
  const ours = new FailureInterceptor();
  return {
    inbound: [{ execute: (input, next) => next(moveInside(ours, input)) }],
    outbound: [...(holding.outbound ?? []), ours],
    internals: holding.internals,
  };
}

const UNKNOWN_SDK =
  'temporal-recovery does not work with this version of @temporalio/workflow: see docs/versions.md, and install one that is listed there';

/**
 * Puts our interceptor next to the call, whatever the order of the plugins was: it has to see the headers the
 * others add (tenant, trace), for the letter. Nothing has been called yet when a workflow begins to execute.
 */
function moveInside<T>(ours: FailureInterceptor, input: T): T {
  const outbound = outboundInterceptors();
  const at = outbound.indexOf(ours);
  if (at >= 0) outbound.push(...outbound.splice(at, 1));
  return input;
}

/** The decision on a failed call belongs to its trace, and has its tenant: it runs outside of the context of the call. */
function inContextOfCall(input: LocalActivityInput): LocalActivityInput {
  const { [CALL_HEADER]: _, ...headers } = headersIn(input.options) ?? {};
  return { ...input, headers: { ...input.headers, ...headers } };
}

function withCallHeader(call: RecoverableInput): Record<string, Payload> {
  const { headers, options } = call;
  const { retry } = options;
  const ownIntervals =
    retry?.initialInterval !== undefined ||
    retry?.backoffCoefficient !== undefined ||
    retry?.maximumInterval !== undefined;
  const recovery = isOwn(options) ? ENDS_AT_ONCE : recoveryOf(options)?.header;
  const header: CallHeader = {
    v: 1,
    ...(ownIntervals ? { ownIntervals } : {}),
    ...(recovery === undefined ? {} : { recovery: withoutMetadata(recovery) }),
    ...(isLocal(call) ? { readsHandled: true } : {}),
  };
  return { ...headers, [CALL_HEADER]: defaultPayloadConverter.toPayload(header) };
}

/** No codec encodes headers. Attempts need no metadata, and the letter gets it from `recovery.handleFailure`. */
function withoutMetadata({ metadata: _, ...rest }: CallRecovery): CallRecovery {
  return rest;
}

/** Who calls a fallback waits for its answer. */
const ENDS_AT_ONCE: CallRecovery = { rules: { patience: 0 } };

/** What the workflow gets instead of the failure: undefined leaves the failure as it is. */
export type Recovery = Promise<unknown> | undefined;

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
  handler: (error: unknown, end?: PendingCall) => Recovery,
): Promise<unknown> {
  const isReplaced = replaceReject(seq, (call) => (error) => {
    const recovery = handler(error, call);
    if (recovery === undefined) call.reject(error);
    else recovery.then(call.resolve, call.reject);
  });
  // Another interceptor has not scheduled the activity yet, and delays the call by itself.
  return isReplaced ? result : result.catch((error) => handler(error) ?? Promise.reject(error));
}
