import { defaultPayloadConverter, type Payload, RawValue } from '@temporalio/common';
import {
  type ActivityOptions,
  scheduleActivity,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { CALL_HEADER } from '../../common/contract.js';
import type { DeadLetterRecord } from '../../common/dead-letter/record.js';
import type { CallHeader, CallRecovery } from '../../common/failing-call/call-header.js';
import { payloadFromJson } from '../../common/payload/json-payload.js';

/** Headers of the call that is being scheduled right now; calls are scheduled synchronously. */
let headersOfCall: Record<string, Payload> = {};

/** Puts the recorded headers (tenant, trace, …) on a replay. Bundled as an interceptor of the recovery workflows. */
export function interceptors(): WorkflowInterceptors {
  const addHeaders: WorkflowOutboundCallsInterceptor = {
    scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...headersOfCall } }),
  };
  return { outbound: [addHeaders] };
}

/** Errors of a worker that does not know the activity type; asking again at once would not help. */
const NOT_REGISTERED = ['NotFoundError', 'ActivityNotRegisteredError'];

/** `once` is given up where the breaker is open, `wait` waits for it, `force` does not ask it. */
export type ReplayMode = 'once' | 'wait' | 'force';

/** What only some replays say of themselves. */
interface More extends Pick<ActivityOptions, 'cancellationType'> {
  /** Of one that waits: somebody waits for it or asked for it. */
  readonly asked?: boolean;
}

/** Runs the original activity again: same name, task queue, time-outs, headers and identity. */
export function runAgain(
  record: DeadLetterRecord,
  args: readonly Payload[],
  summary: string,
  mode: ReplayMode,
  { asked, ...more }: More = {},
): Promise<RawValue> {
  headersOfCall = {
    ...Object.fromEntries(
      Object.entries(record.headers).map(([name, json]) => [name, payloadFromJson(json)]),
    ),
    [CALL_HEADER]: defaultPayloadConverter.toPayload(header(record, mode, asked === true)),
  };
  try {
    return scheduleActivity<RawValue>(
      record.activityType,
      args.map((payload) => RawValue.fromPayload(payload)),
      { ...options(record, mode), summary, ...more },
    );
  } finally {
    headersOfCall = {};
  }
}

function header(record: DeadLetterRecord, mode: ReplayMode, asked: boolean): CallHeader {
  const { initialIntervalMs, backoffCoefficient, maximumIntervalMs } = record.call;
  const ownIntervals = initialIntervalMs ?? backoffCoefficient ?? maximumIntervalMs;
  const recovery = recoveryOfOriginal(record);
  return {
    v: 1,
    ...(ownIntervals === undefined ? {} : { ownIntervals: true }),
    ...(recovery === undefined ? {} : { recovery }),
    origin: record.origin,
    deadLetterId: record.id,
    ...(mode === 'once' ? {} : { breaker: mode }),
    ...(mode === 'wait' && asked ? { asked: true } : {}),
    // A call that waits has no limit on the server, which would count rejected attempts: the workers enforce it, in both modes.
    ...(mode === 'wait' ? { maximumAttempts: maximumAttemptsOf(record) } : {}),
  };
}

function maximumAttemptsOf({ call, replay }: DeadLetterRecord): number {
  return call.maximumAttempts || replay.maximumAttempts;
}

/** What the original call said about its recovery holds for its replays. */
function recoveryOfOriginal({ headers }: DeadLetterRecord): CallRecovery | undefined {
  const original = headers[CALL_HEADER];
  if (original === undefined) return undefined;
  try {
    const { recovery } = defaultPayloadConverter.fromPayload<CallHeader>(payloadFromJson(original));
    // Versions before 0.5 put it there, and no codec encodes headers.
    const { metadata: _, ...rest } = recovery ?? {};
    return recovery && rest;
  } catch {
    return undefined;
  }
}

function options(record: DeadLetterRecord, mode: ReplayMode): ActivityOptions {
  const { call, replay } = record;
  const waits = mode === 'wait';
  return {
    taskQueue: call.taskQueue,
    startToCloseTimeout: call.startToCloseTimeoutMs ?? (waits ? call.scheduleToCloseTimeoutMs : undefined),
    // A call that waits for a breaker has no time limit; the worker still limits its real attempts.
    ...(waits
      ? {}
      : {
          scheduleToCloseTimeout: call.scheduleToCloseTimeoutMs,
          scheduleToStartTimeout: replay.scheduleToStartTimeoutMs,
        }),
    heartbeatTimeout: call.heartbeatTimeoutMs,
    ...(call.priority === undefined ? {} : { priority: call.priority }),
    retry: {
      maximumAttempts: waits ? undefined : maximumAttemptsOf(record),
      initialInterval: call.initialIntervalMs,
      backoffCoefficient: call.backoffCoefficient,
      maximumInterval: call.maximumIntervalMs,
      nonRetryableErrorTypes: [...(call.nonRetryableErrorTypes ?? []), ...NOT_REGISTERED],
    },
  };
}
