import type { Client } from '@temporalio/client';
import {
  type BreakerInput,
  type BreakerMemo,
  type BreakerOrder,
  type BreakerReport,
  breakerWorkflowId,
  FLEET_DEFAULTS,
  type OrderKind,
  parseBreakerConfig,
  type TrialAnswer,
  type TrialRequest,
} from '../../common/circuit-breaker/index.js';
import { CIRCUIT_BREAKER_WORKFLOW, SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { beginning } from '../../common/text/text.js';
import { isNotFound } from '../server/grpc-status.js';
import { searchAttributesToWrite } from '../server/search-attributes.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** What a breaker is made with, should there be none yet. */
export type NewBreaker = Pick<BreakerInput, 'name' | 'config' | 'configuredAt' | 'permanent' | 'idleMs'>;

/** The entity as it is seen from outside. */
export interface BreakerRun {
  readonly runId: string;
  /** Of the whole chain of runs; another one is another entity, whose epochs begin again. */
  readonly firstRunId: string;
  readonly memo: BreakerMemo;
  /** When the run began, by the server's clock; milliseconds since the epoch. */
  readonly startedAt: number;
  /** That of the client or worker which made it. */
  readonly taskQueue: string;
}

/** Starts the breaker unless it runs. Never changes one that runs. */
export async function ensureBreaker(client: Client, taskQueue: string, breaker: NewBreaker): Promise<void> {
  await recoveryDataClient(client).workflow.start(
    CIRCUIT_BREAKER_WORKFLOW,
    await startOptions(client, taskQueue, breaker),
  );
}

/** Reports to the breaker, which is made should there be none. */
export async function reportToBreaker(
  client: Client,
  taskQueue: string,
  breaker: NewBreaker,
  report: BreakerReport,
): Promise<void> {
  await recoveryDataClient(client).workflow.signalWithStart(CIRCUIT_BREAKER_WORKFLOW, {
    ...(await startOptions(client, taskQueue, breaker)),
    signal: 'report',
    signalArgs: [report],
  });
}

/** Gives the breaker an order; it is made should there be none, with settings that those of any worker replace. */
export async function orderBreaker(
  client: Client,
  taskQueue: string,
  name: string,
  order: { readonly signal: OrderKind; readonly input: BreakerOrder },
): Promise<void> {
  const config = parseBreakerConfig(FLEET_DEFAULTS);
  const options = await startOptions(client, taskQueue, { name, config, configuredAt: NEVER_CONFIGURED });
  await recoveryDataClient(client).workflow.signalWithStart(CIRCUIT_BREAKER_WORKFLOW, {
    ...options,
    signal: order.signal,
    signalArgs: [order.input],
  });
}

const NEVER_CONFIGURED = new Date(0).toISOString();

/** Undefined where there is no breaker that runs. */
export async function readBreaker(client: Client, name: string): Promise<BreakerRun | undefined> {
  try {
    const description = await recoveryDataClient(client)
      .workflow.getHandle(breakerWorkflowId(name))
      .describe();
    if (description.status.name !== 'RUNNING') return undefined;
    const { runId, startTime, memo, raw, taskQueue } = description;
    return {
      runId,
      firstRunId: raw.workflowExecutionInfo?.firstRunId ?? runId,
      memo: (memo?.circuitBreaker ?? { v: 1, name, status: 'CLOSED', epoch: 0, workers: 0 }) as BreakerMemo,
      startedAt: startTime.getTime(),
      taskQueue,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Waits until a run of the breaker has ended, for whatever reason, but for one request at most: the server answers it about a
 * second before its deadline, and the SDK's `result()` would ask again and again in that second.
 * @returns whether it has ended
 * @throws where the server cannot be asked
 */
export async function runEnds(client: Client, name: string, runId: string): Promise<boolean> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId: breakerWorkflowId(name), runId },
      waitNewEvent: true,
      historyEventFilterType: CLOSE_EVENT,
      skipArchival: true,
    });
    return (history?.events ?? []).length > 0;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT */
const CLOSE_EVENT = 2;

/** @throws if there is no breaker, or no answer in time */
export async function acquireTrial(
  client: Client,
  name: string,
  request: TrialRequest,
  timeoutMs: number,
): Promise<TrialAnswer> {
  const data = recoveryDataClient(client);
  return data.connection.withDeadline(Date.now() + timeoutMs, () =>
    data.workflow
      .getHandle(breakerWorkflowId(name))
      .executeUpdate<TrialAnswer, [TrialRequest]>('acquireTrial', { args: [request] }),
  );
}

async function startOptions(client: Client, taskQueue: string, breaker: NewBreaker) {
  const { name } = breaker;
  const searchAttributes = await searchAttributesToWrite(client);
  const values: Record<string, string> = {
    [SEARCH_ATTRIBUTES.status]: 'CLOSED',
    [SEARCH_ATTRIBUTES.operation]: beginning(name, 255),
  };
  const input: BreakerInput = { v: 1, ...breaker, searchAttributes };
  const memo: BreakerMemo = { v: 1, name, status: 'CLOSED', epoch: 0, workers: 0 };
  return {
    workflowId: breakerWorkflowId(name),
    taskQueue,
    args: [input] as [BreakerInput],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    memo: { circuitBreaker: memo },
    searchAttributes: Object.fromEntries(
      searchAttributes.flatMap((key) => (values[key] === undefined ? [] : [[key, [values[key]]]])),
    ),
    staticSummary: beginning(`Circuit breaker ${name}`, 400),
    staticDetails:
      'A **circuit breaker** shared by all workers: while it is open, calls to a service that is down are rejected and wait. Rejections do not use up their attempts.',
  };
}
