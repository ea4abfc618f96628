import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES, SEARCH_ATTRIBUTES } from '../../common/contract.js';
import type { DeadLetterStatus } from '../../common/dead-letter/record.js';
import { shortLetterId } from '../../common/dead-letter/short-id.js';
import type { ErrorCategory } from '../../common/errors/index.js';
import { show } from '../../common/text/show.js';
import { InvalidRequestError, SearchAttributesNotRegisteredError } from '../errors.js';
import { listExecutions } from '../server/list-executions.js';
import { hasRequiredAttributes, registeredSearchAttributes } from '../server/search-attributes.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import {
  type Condition,
  conditionOf,
  type DeadLetterFilter,
  isOfOpenLetters,
  isRead,
  meets,
  startedWithin,
  visibilityQuery,
} from './filter.js';
import { withoutEarlierRuns } from './latest-runs.js';
import { reportedStatus } from './reported-status.js';
import { tagsInQuery } from './tags-in-query.js';

/** A line of a list. What only the letter itself knows is in `describe()`. */
export interface DeadLetterSummary {
  /** Workflow id of the letter, as `deadLetters.get` takes it. */
  readonly id: string;
  /** 8 characters derived from the id, which `find` and the command line take for it. */
  readonly shortId: string;
  /** As its search attribute says, which may lag a moment behind. */
  readonly status: DeadLetterStatus;
  /** When the letter was written. */
  readonly createdAt: Date;
  /** Name of its dead-letter queue. */
  readonly queue?: string;
  /** Operation of the call; without one its activity type. */
  readonly operation?: string;
  /** Category of the error that the call ended with. */
  readonly category?: ErrorCategory;
  /** HTTP status of the error, where it had one. */
  readonly statusCode?: number;
  /** Message of the error: its first 300 characters, without secrets. */
  readonly message?: string;
  /** Fingerprint of the cause, which letters of the same cause share. `DeadLetterFilter.group` takes it. */
  readonly group?: string;
  /** Correlation id of the error; absent where it has none, and in letters written before 0.5.0. */
  readonly correlationId?: string;
  /** Tags of the letter; absent where it has none. */
  readonly tags?: readonly string[];
  /** Failures of the record that the letter is for; absent where each call has a letter of its own. */
  readonly failures?: number;
  /** Attempts of the original call; absent where they were not counted. */
  readonly attempts?: number;
  /** Id of the workflow whose call failed. */
  readonly originWorkflowId?: string;
  /** Run of that workflow in which the call was made. */
  readonly originRunId?: string;
}

/** Which letters are listed, and how many. */
export interface ListOptions extends DeadLetterFilter {
  /** At most this many, the newest; 0 gives none. Default: 100. */
  limit?: number;
}

const DEFAULT_LIMIT = 100;
const PAGE = 1_000;
/** Letters that are read for a correlation id or a tag: more would take minutes. */
const MAX_READ = 100_000;
/** Letters that are read to count those that were restored once. */
const MAX_TOLD_APART = 1_000;

/** Newest first. The filter is applied before the limit. Visibility may lag a moment behind. */
export async function listDeadLetters(client: Client, options: ListOptions): Promise<DeadLetterSummary[]> {
  const { limit = DEFAULT_LIMIT, ...filter } = options;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new InvalidRequestError(`limit must be a whole number from 0; got ${show(limit)}`);
  }
  const asked = { query: visibilityQuery(filter), condition: conditionOf(filter) };
  await requireSearchAttributes(client);
  if (limit === 0) return [];
  const { query, condition } = await tagsInQuery(client, asked);
  const open = await newestOpen(client, query, condition, limit);
  const closed = filter.open ? [] : await newestClosed(client, query, condition, limit, open);
  return newest([...open.values(), ...closed], limit);
}

export async function countDeadLetters(client: Client, filter: DeadLetterFilter): Promise<number> {
  const query = visibilityQuery(filter);
  const condition = conditionOf(filter);
  await requireSearchAttributes(client);
  return countMatching(client, query, condition);
}

/**
 * By a count of the server, where it can tell. Of more than 1,000 each run of a letter that was restored counts.
 * @throws InvalidRequestError
 */
export async function countMatching(client: Client, asked: string, given: Condition): Promise<number> {
  const { query, condition } = await tagsInQuery(client, { query: asked, condition: given });
  if (!isRead(condition)) {
    const within = query + startedWithin(condition);
    const { count: runs } = await recoveryDataClient(client).workflow.count(within);
    // Letters that were restored have several runs, which no query can tell apart.
    if (runs > MAX_TOLD_APART || isOfOpenLetters(query)) return runs;
    let letters = 0;
    for await (const _ of summaries(client, within, PAGE, condition)) letters++;
    return letters;
  }
  let count = 0;
  for await (const letter of summaries(client, query, PAGE, condition)) if (meets(condition, letter)) count++;
  return count;
}

/** How many letters of a queue are not closed yet. Visibility may lag a moment behind. */
export async function countOpenDeadLetters(client: Client, queue: string): Promise<number> {
  const query = visibilityQuery({ queue });
  await requireSearchAttributes(client);
  const { count } = await recoveryDataClient(client).workflow.count(
    `${query} AND ExecutionStatus = 'Running'`,
  );
  return count;
}

/** By run. The server lists running workflows by start, newest first. */
async function newestOpen(client: Client, query: string, condition: Condition, limit: number) {
  const found = new Map<string, DeadLetterSummary>();
  for await (const { runId, closeTime: _, ...summary } of summaries(
    client,
    `${query} AND ExecutionStatus = 'Running'`,
    limit,
    condition,
  )) {
    if (!meets(condition, summary)) continue;
    found.set(runId, summary);
    if (found.size >= limit) break;
  }
  return found;
}

/**
 * The server lists closed workflows by their close, latest first. A letter is written before it closes, so once
 * the close is earlier than the oldest of enough letters in hand, no newer letter can follow.
 * @param open those that have closed since they were listed are taken out
 */
async function newestClosed(
  client: Client,
  query: string,
  condition: Condition,
  limit: number,
  open: Map<string, DeadLetterSummary>,
): Promise<DeadLetterSummary[]> {
  const found: DeadLetterSummary[] = [];
  const closed = `${query} AND ExecutionStatus != 'Running'`;
  for await (const { runId, closeTime, ...summary } of summaries(client, closed, limit, condition)) {
    open.delete(runId);
    const inHand = open.size + found.length;
    const { since } = condition;
    if (since !== undefined && closeTime !== undefined && closeTime.getTime() < since) break;
    if (inHand >= limit && closeTime !== undefined) {
      const oldest = newest([...open.values(), ...found], limit).at(-1);
      if (oldest !== undefined && closeTime < oldest.createdAt) break;
    }
    if (meets(condition, summary)) found.push(summary);
  }
  return found;
}

function newest(letters: readonly DeadLetterSummary[], limit: number): DeadLetterSummary[] {
  return [...letters].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()).slice(0, limit);
}

async function* summaries(client: Client, query: string, limit: number, condition: Condition) {
  // Few of those that are read meet it.
  const readsOthers = isRead(condition);
  const pageSize = readsOthers ? PAGE : Math.min(Math.max(limit, 10), PAGE);
  let read = 0;
  const executions = listExecutions(client, { query, pageSize });
  for await (const execution of withoutEarlierRuns(client, executions)) {
    if (readsOthers && ++read > MAX_READ) throw tooMany(condition);
    const { runId, closeTime } = execution;
    yield { ...summarise(execution), runId, closeTime };
  }
}

function tooMany({ correlationId, tags }: Condition): InvalidRequestError {
  const what = correlationId === undefined ? `tags ${show(tags)}` : `correlationId ${show(correlationId)}`;
  return new InvalidRequestError(
    `filter: ${what}: more than ${MAX_READ} letters would have to be read; narrow them with since, queue, operation, category or status`,
  );
}

type Listed = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'memo' | 'searchAttributes' | 'startTime' | 'status'
>;

export function summarise(execution: Listed): DeadLetterSummary {
  const memo = (execution.memo?.deadLetter ?? {}) as Record<string, unknown>;
  const attribute = (name: string) =>
    (execution.searchAttributes[name]?.[0] ?? undefined) as string | undefined;
  const written = typeof memo.createdAt === 'string' ? new Date(memo.createdAt) : execution.startTime;
  return {
    id: execution.workflowId,
    shortId: shortLetterId(execution.workflowId),
    status: reportedStatus(execution),
    createdAt: written,
    queue: (memo.queue ?? attribute(SEARCH_ATTRIBUTES.queue)) as string | undefined,
    operation: (memo.operation ?? attribute(SEARCH_ATTRIBUTES.operation)) as string | undefined,
    category: (memo.category ?? attribute(SEARCH_ATTRIBUTES.category)) as ErrorCategory | undefined,
    statusCode: memo.statusCode as number | undefined,
    message: memo.message as string | undefined,
    group: (memo.group ?? attribute(SEARCH_ATTRIBUTES.group)) as string | undefined,
    correlationId: memo.correlationId as string | undefined,
    tags: (memo.tags ?? execution.searchAttributes[SEARCH_ATTRIBUTES.tags]) as string[] | undefined,
    failures: (memo.failures as { count?: number } | undefined)?.count,
    attempts: (memo.attempts ?? undefined) as number | undefined,
    originWorkflowId: memo.originWorkflowId as string | undefined,
    originRunId: memo.originRunId as string | undefined,
  };
}

/** A server that does not tell which attributes it has is believed to have them; its own error is clear enough. */
export async function requireSearchAttributes(client: Client): Promise<void> {
  const registered = await registeredSearchAttributes(client);
  if (registered === undefined) return;
  if (hasRequiredAttributes(registered)) return;
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !registered.includes(name));
  throw new SearchAttributesNotRegisteredError(client.options.namespace, missing);
}
