import type { Client } from '@temporalio/client';
import { messagePattern } from '../../common/dead-letter/group.js';
import type { DeadLetterStatus } from '../../common/dead-letter/record.js';
import type { ErrorCategory } from '../../common/errors/index.js';
import { show } from '../../common/text/show.js';
import { InvalidRequestError } from '../errors.js';
import { listExecutions } from '../server/list-executions.js';
import {
  type Condition,
  conditionOf,
  type DeadLetterFilter,
  meets,
  quote,
  visibilityQuery,
} from './filter.js';
import { withoutEarlierRuns } from './latest-runs.js';
import { type DeadLetterSummary, requireSearchAttributes, summarise } from './listing.js';
import { tagsInQuery } from './tags-in-query.js';

/** Letters of the same cause: operation, category, status and message without ids, numbers and URLs. */
export interface DeadLetterGroup {
  /** Fingerprint, as in search attribute `RecoveryGroup`. */
  readonly group: string;
  /** Number of letters that match the filter and have this cause. */
  readonly letters: number;
  /** Number of these letters in each status; a status without letters is absent. */
  readonly statuses: Partial<Record<DeadLetterStatus, number>>;
  /** Names of the dead-letter queues that have letters of the group. */
  readonly queues: readonly string[];
  /** Operation of the call; without one its activity type. */
  readonly operation?: string;
  /** Category of the error. */
  readonly category?: ErrorCategory;
  /** HTTP status of the error, where it had one. */
  readonly statusCode?: number;
  /** Of the newest letter, as are operation, category and status. */
  readonly message?: string;
  /** The message with `<n>`, `<id>`, `<value>` and `<url>` in place of what differs from one letter to the next. */
  readonly pattern?: string;
  /** A letter of the group: the newest. */
  readonly sampleId: string;
  /** When the oldest letter of the group was written. */
  readonly firstSeen: Date;
  /** When the newest letter of the group was written. */
  readonly lastSeen: Date;
}

/** Which letters are grouped, and how many groups are returned. */
export interface GroupsOptions extends DeadLetterFilter {
  /** Maximum number of groups; the largest are kept. Default: 100. */
  limit?: number;
}

const DEFAULT_LIMIT = 100;
const PAGE = 1_000;

/**
 * Groups of the letters that are open, or of those a filter with a `status` names. Reads all letters that match: some
 * seconds for ten thousand.
 */
export async function groupDeadLetters(client: Client, options: GroupsOptions): Promise<DeadLetterGroup[]> {
  const { limit = DEFAULT_LIMIT, ...filter } = options;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new InvalidRequestError(`limit must be a whole number from 0; got ${show(limit)}`);
  }
  const open =
    filter.status === undefined && filter.open === undefined ? " AND ExecutionStatus = 'Running'" : '';
  const query = visibilityQuery(filter) + open;
  await requireSearchAttributes(client);
  return (await groupMatching(client, [query], conditionOf(filter))).slice(0, limit);
}

/** Groups of the letters that visibility queries and a condition name, the largest first. No letter matches two queries. */
export async function groupMatching(
  client: Client,
  queries: readonly string[],
  given: Condition,
): Promise<DeadLetterGroup[]> {
  const groups = new Map<string, DeadLetterGroup>();
  for (const asked of queries) {
    const { query, condition } = await tagsInQuery(client, { query: asked, condition: given });
    const executions = listExecutions(client, { query, pageSize: PAGE });
    for await (const execution of withoutEarlierRuns(client, executions)) {
      const letter = summarise(execution);
      if (letter.group === undefined || !meets(condition, letter)) continue;
      groups.set(letter.group, withLetter(groups.get(letter.group), letter, letter.group));
    }
  }
  return [...groups.values()].sort((a, b) => b.letters - a.letters);
}

/** Of ids in one query: they have up to 255 characters. */
const IDS_AT_ONCE = 50;

/** Groups of these letters, the largest first. One that was written just now may not be listed yet. */
export function groupsOfLetters(client: Client, ids: readonly string[]): Promise<DeadLetterGroup[]> {
  const queries: string[] = [];
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids
      .slice(from, from + IDS_AT_ONCE)
      .map(quote)
      .join(', ');
    queries.push(`${visibilityQuery({})} AND WorkflowId IN (${some})`);
  }
  return groupMatching(client, queries, {});
}

function withLetter(
  known: DeadLetterGroup | undefined,
  letter: DeadLetterSummary,
  group: string,
): DeadLetterGroup {
  const { status, queue, createdAt, operation, category, statusCode, message, id } = letter;
  const isNewest = known === undefined || createdAt > known.lastSeen;
  const pattern = message === undefined ? undefined : messagePattern(message);
  const newest = { operation, category, statusCode, message, pattern, sampleId: id };
  const queues = known?.queues ?? [];
  return {
    ...(isNewest ? newest : known),
    group,
    letters: (known?.letters ?? 0) + 1,
    statuses: { ...known?.statuses, [status]: (known?.statuses[status] ?? 0) + 1 },
    queues: queue === undefined || queues.includes(queue) ? queues : [...queues, queue],
    firstSeen: known === undefined || createdAt < known.firstSeen ? createdAt : known.firstSeen,
    lastSeen: isNewest ? createdAt : known.lastSeen,
  };
}
