import { Context } from '@temporalio/activity';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { CALL_HEADER } from '../../common/contract.js';
import type { CallHeader } from '../../common/failing-call/call-header.js';
import { namespaceOf } from '../namespace.js';

/** The workflow call an activity was first made by: the same in every attempt and in every replay. */
export interface OriginInfo {
  /** Namespace of the workflow. */
  readonly namespace: string;
  /** Id of the workflow that made the call. */
  readonly workflowId: string;
  /** Run of that workflow in which the call was made. */
  readonly runId: string;
  /** Type of that workflow. */
  readonly workflowType: string;
  /** Id of the activity in that run: what the call gave, or what the SDK made up. */
  readonly activityId: string;
  /** Set while a dead letter is replayed. */
  readonly deadLetterId?: string;
}

const headerOf = new WeakMap<Context, CallHeader>();

/** Reads the call header; undefined for calls without recovery, and for headers that are not ours. */
export function readCallHeader(headers: Record<string, Payload>): CallHeader | undefined {
  const payload = headers[CALL_HEADER];
  if (payload === undefined) return undefined;
  try {
    const header = defaultPayloadConverter.fromPayload<CallHeader>(payload);
    return typeof header === 'object' && header?.v === 1 ? header : undefined;
  } catch {
    return undefined;
  }
}

export function rememberCallHeader(context: Context, header: CallHeader | undefined): void {
  if (header !== undefined) headerOf.set(context, header);
}

/**
 * Who asked for this activity in the first place.
 *
 * In a replay that is the workflow whose activity had failed, not the dead letter that runs it again.
 * @throws Error outside of an activity, and in an activity that no workflow started
 */
export function originInfo(): OriginInfo {
  const context = Context.current();
  const { info } = context;
  const header = headerOf.get(context);
  if (header?.origin !== undefined) {
    const { namespace, workflowId, runId, workflowType, activityId } = header.origin;
    return { namespace, workflowId, runId, workflowType, activityId, deadLetterId: header.deadLetterId };
  }
  if (info.workflowExecution === undefined) {
    throw new Error(`originInfo(): activity ${info.activityType} was not started by a workflow`);
  }
  return {
    namespace: namespaceOf(info),
    workflowId: info.workflowExecution.workflowId,
    runId: info.workflowExecution.runId,
    workflowType: info.workflowType ?? '',
    activityId: info.activityId,
  };
}

/**
 * A key that is the same for all attempts of an activity call and for all replays of its dead letter, and
 * different for every other call. Made for `Idempotency-Key` headers: ASCII, at most 255 characters for ids
 * that are ASCII themselves and not longer than 200.
 */
export function idempotencyKey(): string {
  const { workflowId, runId, activityId } = originInfo();
  return [workflowId, runId, activityId].map(encodeURIComponent).join('/');
}
