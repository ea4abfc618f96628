import type { Client } from '@temporalio/client';
import { DEAD_LETTER_ID_PREFIX, DEAD_LETTER_WORKFLOW } from '../../common/contract.js';
import { DeadLetterNotFoundError, InvalidRequestError } from '../errors.js';
import { isNotFound } from '../server/grpc-status.js';
import { listingClient, recoveryDataClient } from '../server/temporal-client.js';
import { quote } from './filter.js';

const MAX_SHOWN = 5;

/**
 * The id of the letter that is named by its id, or by how its id begins, with or without `dead-letter/`.
 * @throws DeadLetterNotFoundError, InvalidRequestError where several begin so
 */
export async function findDeadLetter(client: Client, idOrPrefix: string): Promise<string> {
  const prefix = idOrPrefix.startsWith(DEAD_LETTER_ID_PREFIX)
    ? idOrPrefix
    : `${DEAD_LETTER_ID_PREFIX}${idOrPrefix}`;
  const query =
    `WorkflowType = ${quote(DEAD_LETTER_WORKFLOW)} AND WorkflowId STARTS_WITH ${quote(prefix)}` +
    " AND ExecutionStatus != 'ContinuedAsNew'";
  const found = new Set<string>();
  for await (const { workflowId } of listingClient(client).workflow.list({
    query,
    pageSize: MAX_SHOWN + 1,
  })) {
    if (workflowId === prefix) return workflowId;
    found.add(workflowId);
    if (found.size > MAX_SHOWN) break;
  }
  const [only, another] = found;
  if (only === undefined) return findNew(client, prefix, idOrPrefix);
  if (another === undefined) return only;
  // One of many may be the very id that was given.
  if (await exists(client, prefix)) return prefix;
  const shown = [...found].slice(0, MAX_SHOWN).map((id) => `\n  ${id}`);
  const more = found.size > MAX_SHOWN ? '\n  …' : '';
  throw new InvalidRequestError(
    `Several dead letters have an id that begins with "${prefix}":${shown.join('')}${more}`,
  );
}

/** A letter that was written just now may not be in the list yet. */
async function findNew(client: Client, id: string, given: string): Promise<string> {
  if (await exists(client, id)) return id;
  throw new DeadLetterNotFoundError(given);
}

/** Whether there is a letter with this very id, open or closed. */
export async function exists(client: Client, id: string): Promise<boolean> {
  try {
    const { type } = await recoveryDataClient(client).workflow.getHandle(id).describe();
    return type === DEAD_LETTER_WORKFLOW;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
