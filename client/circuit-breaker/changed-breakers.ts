import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { SeenBreaker } from '../../common/alerts/breaker-alerts.js';
import { type BreakerMemo, type BreakerSnapshot, shownStatus } from '../../common/circuit-breaker/index.js';
import { CIRCUIT_BREAKER_ID_PREFIX, CIRCUIT_BREAKER_WORKFLOW } from '../../common/contract.js';
import { startedWithin } from '../dead-letter/filter.js';
import { inParallel } from '../in-parallel.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';

/** Breakers of one look. */
const MAX_BREAKERS = 500;
/** The last transitions are asked for of all: an outage may open a breaker for each of some hundred hosts. */
const ASKED_AT_ONCE = 10;
const ANSWER_MS = 5_000;

/**
 * Circuit breakers that have changed. Each state is a run of its own, so the start of the latest run says when.
 * @param after milliseconds since the epoch; undefined for all
 */
export async function changedBreakers(client: Client, after: number | undefined): Promise<SeenBreaker[]> {
  const running = `WorkflowType = '${CIRCUIT_BREAKER_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const query = running + (after === undefined ? '' : startedWithin({ since: after }));
  const found: SeenBreaker[] = [];
  for await (const execution of listExecutions(client, { query })) {
    found.push(seen(execution));
    if (found.length >= MAX_BREAKERS) break;
  }
  // At first only what is wrong now is of interest, later also what was wrong for a moment.
  const isAsked = ({ epoch, status }: SeenBreaker) => (after === undefined ? status !== 'CLOSED' : epoch > 0);
  return inParallel(found, ASKED_AT_ONCE, async (breaker) =>
    isAsked(breaker) ? withTransitions(client, breaker) : breaker,
  );
}

function seen({ workflowId, memo, startTime }: WorkflowExecutionInfo): SeenBreaker {
  const shown = (memo?.circuitBreaker ?? undefined) as BreakerMemo | undefined;
  return {
    name: shown?.name ?? workflowId.slice(CIRCUIT_BREAKER_ID_PREFIX.length),
    status: shownStatus(shown) ?? 'CLOSED',
    epoch: shown?.epoch ?? 0,
    since: startTime.getTime(),
    ...(shown?.why === undefined ? {} : { why: shown.why }),
    workflowId,
  };
}

async function withTransitions(client: Client, breaker: SeenBreaker): Promise<SeenBreaker> {
  const { connection, workflow } = recoveryDataClient(client);
  try {
    const { transitions } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      workflow.getHandle(breaker.workflowId).query<BreakerSnapshot, []>('state'),
    );
    return { ...breaker, transitions };
  } catch {
    // Its memo says what it is now.
    return breaker;
  }
}
