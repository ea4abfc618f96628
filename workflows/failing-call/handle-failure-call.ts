import {
  ActivityFailure,
  ApplicationFailure,
  type Payload,
  type TemporalFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import { workflowInfo } from '@temporalio/workflow';
import type { CallOptions, CallPriority, Origin } from '../../common/dead-letter/record.js';
import { plainJson } from '../../common/errors/plain-json.js';
import type {
  FailureDescription,
  HandleFailureRequest,
  HandleFailureResult,
} from '../../common/failing-call/failure-description.js';
import { findFailureDetail } from '../../common/failing-call/read-detail.js';
import { unwrapDetails } from '../../common/failing-call/wrapped-details.js';
import { payloadToJson } from '../../common/payload/json-payload.js';
import { toPayloads } from '../sdk/convert.js';
import { payloadConverter } from '../sdk/private-state.js';
import { decisionOn } from './decision.js';
import { FailedCall } from './failed-call.js';
import { persistently } from './persistently.js';
import { readDecision } from './read-decision.js';
import { timeoutCause } from './rebuild-failure.js';
import { type RecoverableInput, serializationContext, taskQueueOf } from './recoverable-input.js';
import { recoveryOf } from './recovery-of-call.js';
import { inProgress } from './spread.js';

const MAX_CAUSES = 10;
const MAX_DETAIL_NODES = 500;
const MAX_DETAIL_CHARACTERS = 20_000;

/**
 * Calls `recovery.handleFailure`. The request is one JSON string, with the arguments exactly as the activity got them in it:
 * any payload converter of a user can carry that. It is not written to history.
 */
export async function handleFailure(
  error: TemporalFailure,
  call: RecoverableInput,
  arrived: (decision: HandleFailureResult) => void,
  fallbackFailure?: Error,
  cannotPark = false,
): Promise<HandleFailureResult> {
  const request = () => requestOf(error, call, fallbackFailure, cannotPark);
  const failed = new FailedCall(request, call, arrived);
  const answer = await persistently(() => inProgress().track(decisionOn(failed)));
  if (failed.later !== undefined) await failed.later;
  return readDecision(answer, call);
}

function requestOf(
  error: TemporalFailure,
  call: RecoverableInput,
  fallbackFailure: Error | undefined,
  cannotPark: boolean,
): HandleFailureRequest {
  const recovery = recoveryOf(call.options)?.header;
  return {
    v: 1,
    activityType: call.activityType,
    args: argumentPayloads(call).map(payloadToJson),
    origin: originOf(error, call),
    ...(wasReset() ? { wasReset: true } : {}),
    call: callOptions(call),
    headers: Object.fromEntries(
      Object.entries(call.headers).map(([name, payload]) => [name, payloadToJson(payload)]),
    ),
    retryState: error instanceof ActivityFailure ? error.retryState : undefined,
    failure: describeFailure(error),
    ...(recovery === undefined ? {} : { recovery }),
    ...(cannotPark ? { cannotPark } : {}),
    ...(fallbackFailure === undefined ? {} : { fallbackFailure: describeFailure(fallbackFailure) }),
  };
}

/**
 * A reset changes the id of the run, and not that of the run its history began with. Before 1.23 the SDK does not tell that
 * one: then any run but the first of a chain may be one, and the activity looks.
 */
function wasReset(): boolean {
  const { runId, originalExecutionRunId, firstExecutionRunId } = workflowInfo();
  return ((originalExecutionRunId as string | undefined) ?? firstExecutionRunId) !== runId;
}

export function argumentPayloads(call: RecoverableInput): Payload[] {
  return toPayloads(payloadConverter(), call.args, serializationContext(call), call.typeInfo?.inputTypes);
}

function originOf(error: TemporalFailure, call: RecoverableInput): Omit<Origin, 'namespace'> {
  const { workflowId, runId, workflowType } = workflowInfo();
  const scheduled = error.failure?.activityFailureInfo?.scheduledEventId;
  return {
    workflowId,
    runId,
    workflowType,
    activityId: (error instanceof ActivityFailure ? error.activityId : undefined) ?? `${call.seq}`,
    // Local activities, and failures that never came from the server, have no event; the sequence number is as
    // unique in a run.
    scheduledEventId: Number(String(scheduled ?? 0)) || -call.seq,
  };
}

function callOptions({ options }: RecoverableInput): CallOptions {
  const { retry } = options;
  const priority = priorityOf(options);
  return {
    taskQueue: taskQueueOf(options),
    startToCloseTimeoutMs: msOptionalToNumber(options.startToCloseTimeout),
    scheduleToCloseTimeoutMs: msOptionalToNumber(options.scheduleToCloseTimeout),
    scheduleToStartTimeoutMs: msOptionalToNumber(options.scheduleToStartTimeout),
    heartbeatTimeoutMs:
      'heartbeatTimeout' in options ? msOptionalToNumber(options.heartbeatTimeout) : undefined,
    maximumAttempts: retry?.maximumAttempts,
    initialIntervalMs: msOptionalToNumber(retry?.initialInterval),
    backoffCoefficient: retry?.backoffCoefficient,
    maximumIntervalMs: msOptionalToNumber(retry?.maximumInterval),
    nonRetryableErrorTypes: retry?.nonRetryableErrorTypes,
    ...(priority === undefined ? {} : { priority }),
  };
}

/** A call has that of its workflow, but for what its options say. */
function priorityOf(options: RecoverableInput['options']): CallPriority | undefined {
  const own = 'priority' in options ? options.priority : undefined;
  const entries = [workflowInfo().priority, own].flatMap((priority) => Object.entries(priority ?? {}));
  // Zero and an empty text mean the default.
  const known = entries.filter(([, value]) => Boolean(value));
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** Ours, or else the beginning of what another worker said: a status and headers may be in there. */
function readDetails(details: unknown[] | null | undefined): Pick<FailureDescription, 'detail' | 'details'> {
  const detail = findFailureDetail(details);
  if (detail !== undefined || !details?.length) return { detail };
  const plain = plainJson(details, MAX_DETAIL_NODES, MAX_DETAIL_CHARACTERS);
  return { details: plain as readonly unknown[] };
}

/** What is inside of an ActivityFailure says more than the wrapper. */
function describeFailure(error: Error): FailureDescription {
  const inner = error instanceof ActivityFailure && error.cause instanceof Error ? error.cause : error;
  return describe(inner, MAX_CAUSES);
}

function describe(error: Error, depth: number): FailureDescription {
  const base = { name: error.name, message: error.message, stack: error.stack };
  const inner = error instanceof TimeoutFailure ? timeoutCause(error) : error.cause;
  const cause = inner instanceof Error && depth > 1 ? { cause: describe(inner, depth - 1) } : undefined;
  if (error instanceof ApplicationFailure) {
    return {
      ...base,
      ...cause,
      name: 'ApplicationFailure',
      type: error.type ?? undefined,
      nonRetryable: error.nonRetryable ?? undefined,
      ...readDetails(error.details),
    };
  }
  if (error instanceof TimeoutFailure) {
    const { ledger } = unwrapDetails(error.lastHeartbeatDetails);
    return {
      ...base,
      ...cause,
      name: 'TimeoutFailure',
      timeoutType: error.timeoutType,
      history: ledger?.attempts,
    };
  }
  return { ...base, ...cause };
}
