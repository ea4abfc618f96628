import type { Client } from '@temporalio/client';
import { DEAD_LETTER_ID_PREFIX, DEAD_LETTER_WORKFLOW } from '../../common/contract.js';
import { isShortLetterId, shortLetterId } from '../../common/dead-letter/short-id.js';
import { AmbiguousLetterError, DeadLetterNotFoundError, InvalidRequestError } from '../errors.js';
import { isNotFound } from '../server/grpc-status.js';
import { listExecutions } from '../server/list-executions.js';
import { recoveryDataClient } from '../server/temporal-client.js';
import { quote } from './filter.js';

/** Of candidates: one more shows that there are more. */
const MAX_CANDIDATES = 6;
const PAGE = 1_000;
/** Letters that are read for a short id: more would take minutes. */
const MAX_READ = 100_000;

/**
 * The id of the letter that is named by its id, by how its id begins, with or without `dead-letter/`, or by its short id.
 * @throws DeadLetterNotFoundError, AmbiguousLetterError where several begin so
 */
export async function findDeadLetter(client: Client, name: string): Promise<string> {
  return (await findDeadLetters(client, [name]))[0] as string;
}

/** The same for several names, in their order. Their short ids are looked up together. */
export async function findDeadLetters(client: Client, names: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  const short = new Set<string>();
  for (const name of new Set(names)) {
    const id = await byBeginning(client, name);
    if (id !== undefined) found.set(name, id);
    else if (isShortLetterId(name)) short.add(name);
    else throw new DeadLetterNotFoundError(name);
  }
  for (const [name, id] of await byShortId(client, short)) found.set(name, id);
  return names.map((name) => {
    const id = found.get(name);
    if (id === undefined) throw new DeadLetterNotFoundError(name);
    return id;
  });
}

/** @throws AmbiguousLetterError */
async function byBeginning(client: Client, name: string): Promise<string | undefined> {
  const prefix = name.startsWith(DEAD_LETTER_ID_PREFIX) ? name : `${DEAD_LETTER_ID_PREFIX}${name}`;
  const query = `${ALL_LETTERS} AND WorkflowId STARTS_WITH ${quote(prefix)}`;
  const found = new Set<string>();
  for await (const { workflowId } of listExecutions(client, {
    query,
    pageSize: MAX_CANDIDATES,
  })) {
    if (workflowId === prefix) return workflowId;
    found.add(workflowId);
    if (found.size >= MAX_CANDIDATES) break;
  }
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  // One of many may be the very id that was given; one that was written just now may not be in the list yet.
  if (await exists(client, prefix)) return prefix;
  if (only === undefined) return undefined;
  throw new AmbiguousLetterError(prefix, [...found]);
}

const ALL_LETTERS = `WorkflowType = ${quote(DEAD_LETTER_WORKFLOW)} AND ExecutionStatus != 'ContinuedAsNew'`;

/**
 * No query knows a short id, so letters are read until all are found: the open ones first, the newest first.
 * @throws InvalidRequestError
 */
async function byShortId(client: Client, short: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (short.size === 0) return found;
  let read = 0;
  for await (const { workflowId } of listExecutions(client, {
    query: ALL_LETTERS,
    pageSize: PAGE,
  })) {
    const name = shortLetterId(workflowId);
    if (short.has(name)) found.set(name, workflowId);
    if (found.size === short.size) break;
    if (++read >= MAX_READ) {
      const missing = [...short].filter((each) => !found.has(each));
      throw new InvalidRequestError(
        `${missing.join(', ')}: not among the ${MAX_READ} newest letters; give the whole id, or how it begins`,
      );
    }
  }
  return found;
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
