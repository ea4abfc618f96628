import type { Client } from '@temporalio/client';
import { type ActivitySerializationContext, ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
import { tsToDate, tsToMs } from '@temporalio/common/lib/time';
import { CIRCUIT_OPEN } from '../../common/contract.js';
import { defaultRedactor } from '../../common/errors/index.js';
import { findWait } from '../../common/failing-call/read-detail.js';
import { show } from '../../common/text/show.js';
import { InvalidRequestError } from '../errors.js';
import { inParallel } from '../in-parallel.js';
import { GrpcStatus, grpcStatus, isNotFound } from '../server/grpc-status.js';
import { listExecutions } from '../server/list-executions.js';
import { type WaitingActivity, wakeActivity } from './wake-activity.js';

type Described = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>;
type PendingActivity = NonNullable<Described['pendingActivities']>[number];

/** A call that waits at the server for its next attempt: it was rejected, or its attempts are used up in an outage. */
export interface WaitingCall {
  /** The workflow that made the call; that of a letter, where a replay waits. */
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly activityType: string;
  /** Name of its circuit breaker, which is that of its limit and its quotas; absent where it has none. */
  readonly breaker?: string;
  /** What the pending activity says, without secrets: why it waits. */
  readonly why: string;
  /** When the next attempt is planned; absent where the server does not say. */
  readonly nextAttemptAt?: Date;
}

/** Which calls. All conditions must hold. */
export interface WaitingCallsFilter {
  /** Name of the circuit breaker or limit that they wait for. */
  readonly name?: string;
  /**
   * Visibility query of the workflows to look into, such as `WorkflowType = 'sync'`. Default: all that run. Each of them costs a
   * request.
   */
  readonly query?: string;
}

/** Finds waiting calls and wakes them. */
export interface WaitingCalls {
  /** In no order. @param filter limit: 100 unless given @throws InvalidRequestError */
  list(filter?: WaitingCallsFilter & { readonly limit?: number }): Promise<WaitingCall[]>;
  /**
   * Has the server plan the next attempt again, by the retry policy of the call, in place of the wait that it was given. A call that has
   * waited for longer than its policy says goes on at once. What still stands in its way rejects it again, which uses up no attempt.
   * @returns how many were woken
   * @throws InvalidRequestError
   */
  wake(filter: WaitingCallsFilter): Promise<number>;
}

/** Workflows that are looked into at the same time. */
const AT_ONCE = 10;
const BATCH = 100;
const DEFAULT_LIMIT = 100;
/** `PENDING_ACTIVITY_STATE_SCHEDULED` */
const SCHEDULED = 1;

export function waitingCallsOf(client: Client): WaitingCalls {
  return {
    async list({ limit = DEFAULT_LIMIT, ...filter } = {}) {
      if (!Number.isInteger(limit) || limit < 1)
        throw new InvalidRequestError(`limit must be a whole number from 1; got ${show(limit)}`);
      const found: WaitingCall[] = [];
      for await (const calls of find(client, filter)) {
        found.push(...calls.map(({ call }) => call));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    async wake(filter) {
      let woken = 0;
      for await (const calls of find(client, filter)) {
        const ended = await inParallel(calls, AT_ONCE, ({ activity }) => wakeOne(client, activity));
        woken += ended.filter(Boolean).length;
      }
      return woken;
    },
  };
}

interface Found {
  readonly call: WaitingCall;
  readonly activity: WaitingActivity;
}

async function* find(client: Client, { name, query }: WaitingCallsFilter): AsyncGenerator<Found[]> {
  for (const [field, value] of Object.entries({ name, query })) {
    if (value !== undefined && (typeof value !== 'string' || value.trim() === ''))
      throw new InvalidRequestError(`${field} must be a text that is not empty; got ${show(value)}`);
  }
  const running = `ExecutionStatus = 'Running'${query === undefined ? '' : ` AND (${query})`}`;
  let batch: { workflowId: string; runId: string }[] = [];
  const look = async () => {
    const found = await inParallel(batch, AT_ONCE, (execution) => waitingIn(client, execution));
    batch = [];
    return found.flat().filter(({ call }) => name === undefined || call.breaker === name);
  };
  for await (const { workflowId, runId } of listExecutions(client, { query: running })) {
    batch.push({ workflowId, runId });
    if (batch.length === BATCH) yield await look();
  }
  yield await look();
}

async function waitingIn(client: Client, execution: { workflowId: string; runId: string }): Promise<Found[]> {
  const { namespace } = client.options;
  try {
    const { pendingActivities } = await client.workflowService.describeWorkflowExecution({
      ...{ namespace, execution },
    });
    const found = await Promise.all(
      (pendingActivities ?? []).map((pending) => waitingCall(client, execution, pending)),
    );
    return found.flatMap((each) => (each === undefined ? [] : [each]));
  } catch (error) {
    // It has ended since it was listed, and is gone.
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function waitingCall(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  pending: PendingActivity,
): Promise<Found | undefined> {
  const { state, paused, lastFailure, nextAttemptScheduleTime, activityOptions } = pending;
  if (state !== SCHEDULED || paused) return undefined;
  const activityId = pending.activityId ?? '';
  const said = await readWait(client, lastFailure, {
    ...{ type: 'activity', namespace: client.options.namespace, activityId, workflowId, isLocal: false },
  });
  if (said === undefined) return undefined;
  const { maximumInterval } = activityOptions?.retryPolicy ?? {};
  return {
    activity: {
      ...{ workflowId, runId, activityId },
      ...(maximumInterval ? { ownIntervalMs: tsToMs(maximumInterval) } : {}),
    },
    call: {
      ...{ workflowId, runId, activityId },
      activityType: pending.activityType?.name ?? '',
      ...said,
      ...(nextAttemptScheduleTime ? { nextAttemptAt: tsToDate(nextAttemptScheduleTime) } : {}),
    },
  };
}

/** @throws where the failure is ours for certain, and the client's converter does not read it */
async function readWait(
  client: Client,
  failure: PendingActivity['lastFailure'],
  context: ActivitySerializationContext,
): Promise<Pick<WaitingCall, 'breaker' | 'why'> | undefined> {
  if (!failure?.applicationFailureInfo) return undefined;
  try {
    const { loadedDataConverter } = client.options;
    const error = await decodeOptionalFailureToOptionalError(loadedDataConverter, failure, context);
    const wait = error instanceof ApplicationFailure ? findWait(error.details) : undefined;
    return wait && { ...wait, why: defaultRedactor.text(error?.message ?? '') };
  } catch (error) {
    if (failure.applicationFailureInfo.type === CIRCUIT_OPEN) throw error;
    return undefined;
  }
}

/** @returns false where it has ended or runs by now */
async function wakeOne(client: Client, activity: WaitingActivity): Promise<boolean> {
  try {
    await wakeActivity(client, activity);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    if (grpcStatus(error) !== GrpcStatus.UNIMPLEMENTED) throw error;
    throw new InvalidRequestError('wake: this server cannot wake activities; servers from 1.28 on can', {
      cause: error,
    });
  }
}
