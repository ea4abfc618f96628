import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { REDRIVE_ID_PREFIX, REDRIVE_WORKFLOW, SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { redriveSummary } from '../../common/redrive/markdown.js';
import { RedriveStatus } from '../../common/redrive/types.js';
import { show } from '../../common/text/show.js';
import { requireSearchAttributes } from '../dead-letter/listing.js';
import { InvalidRequestError } from '../errors.js';
import { listExecutions } from '../server/list-executions.js';
import { searchAttributesToWrite } from '../server/search-attributes.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { RedriveHandle } from './handle.js';
import { checkRedrive, type RedriveRequest } from './request.js';

/** A line of a list of redrives. */
export interface RedriveSummary {
  /** Workflow id of the redrive, as `redrives.get` takes it. */
  readonly id: string;
  /** Undefined where search attributes are not registered. */
  readonly status?: RedriveStatus;
  /** False once it is over, also where it was terminated or has failed. */
  readonly isRunning: boolean;
  /** Start of its latest run: a long redrive goes on in further runs. */
  readonly startedAt: Date;
  /** When it ended; absent while it runs. */
  readonly closedAt?: Date;
}

/** A redrive to be started, and its id. */
export interface StartRedriveOptions extends RedriveRequest {
  /** Its workflow id is `redrive/` and this. @default made up */
  id?: string;
}

const DEFAULT_LIMIT = 20;

/**
 * Starts a redrive; it goes on whatever becomes of this process.
 * @throws InvalidRequestError, SearchAttributesNotRegisteredError
 */
export async function startRedrive(
  client: Client,
  taskQueue: string,
  {
    id = `${new Date().toISOString().slice(0, 19)}-${randomUUID().slice(0, 8)}`,
    ...request
  }: StartRedriveOptions,
): Promise<RedriveHandle> {
  if (typeof id !== 'string' || id === '' || id.length > 200) {
    throw new InvalidRequestError(`redrive: id must have 1 to 200 characters; got ${show(id)}`);
  }
  const by = request.by ?? client.options.identity;
  const attributed = { ...request, by };
  const { action, ids } = checkRedrive(attributed);
  if (request.filter !== undefined) await requireSearchAttributes(client);
  const registered = await searchAttributesToWrite(client);
  const workflowId = `${REDRIVE_ID_PREFIX}${id}`;
  const which = ids === undefined ? lettersOf(request) : `${ids.length} letters`;
  await recoveryDataClient(client).workflow.start(REDRIVE_WORKFLOW, {
    workflowId,
    taskQueue,
    args: [attributed],
    staticSummary: redriveSummary(action, which, by),
    staticDetails:
      'A **redrive** replays, resolves or discards many dead letters at a set rate. Its input selects the letters. Its result has their outcomes.',
    ...(registered.includes(SEARCH_ATTRIBUTES.status)
      ? { searchAttributes: { [SEARCH_ATTRIBUTES.status]: [RedriveStatus.SNAPSHOT] } }
      : {}),
  });
  return new RedriveHandle(client, workflowId);
}

/** The latest first. Visibility may lag a moment behind. */
export async function listRedrives(
  client: Client,
  { limit = DEFAULT_LIMIT }: { limit?: number } = {},
): Promise<RedriveSummary[]> {
  const query = `WorkflowType = '${REDRIVE_WORKFLOW}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const found: RedriveSummary[] = [];
  const all = listExecutions(client, { query, pageSize: Math.min(limit, 1_000) });
  for await (const { workflowId, status, startTime, closeTime, searchAttributes } of all) {
    found.push({
      id: workflowId,
      status: searchAttributes[SEARCH_ATTRIBUTES.status]?.[0] as RedriveStatus | undefined,
      isRunning: status.name === 'RUNNING',
      startedAt: startTime,
      closedAt: closeTime,
    });
    if (found.length >= limit) break;
  }
  return found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

function lettersOf({ filter, query }: RedriveRequest): string {
  const conditions = Object.entries(filter ?? {}).map(
    ([name, value]) => `${name} ${value instanceof Date ? value.toISOString() : value}`,
  );
  return [...conditions, ...(query === undefined ? [] : [query])].join(', ') || 'all letters';
}
