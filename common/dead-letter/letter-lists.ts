import { DEAD_LETTER_WORKFLOW, SEARCH_ATTRIBUTES } from '../contract.js';
import type { GroupPlace } from '../dead-letter-group/id.js';
import { listLink, quoted } from '../text/markdown.js';
import { operationAttribute } from './attributes.js';

const LETTERS = `WorkflowType="${DEAD_LETTER_WORKFLOW}"`;
const OPEN = 'ExecutionStatus="Running"';

/** A visibility query of the open letters of a cause; without a queue, of all queues. */
export function openLettersQuery({ queue, group }: Pick<GroupPlace, 'group'> & Partial<GroupPlace>): string {
  const inQueue = queue === undefined ? '' : ` AND ${SEARCH_ATTRIBUTES.queue}=${quoted(queue)}`;
  return `${LETTERS}${inQueue} AND ${SEARCH_ATTRIBUTES.group}=${quoted(group)} AND ${OPEN}`;
}

/** A visibility query of the open letters of an operation, of all queues. */
export function lettersOfOperationQuery(operation: string): string {
  return `${LETTERS} AND ${SEARCH_ATTRIBUTES.operation}=${quoted(operationAttribute(operation))} AND ${OPEN}`;
}

/** A visibility query of the letters that a circuit breaker holds. */
export const HELD_LETTERS_QUERY = `${LETTERS} AND ${SEARCH_ATTRIBUTES.status}="HELD" AND ${OPEN}`;

/** A visibility query of the letters that wait for a decision. */
export const WAITING_LETTERS_QUERY = `${LETTERS} AND ${SEARCH_ATTRIBUTES.status}="WAITING" AND ${OPEN}`;

/**
 * A link to the open letters of a cause; undefined where the server does not know the search attributes and would answer
 * with an error.
 */
export function openLettersLink(
  namespace: string,
  place: Pick<GroupPlace, 'group'> & Partial<GroupPlace>,
  registered: readonly string[],
): string | undefined {
  const isKnown =
    registered.includes(SEARCH_ATTRIBUTES.group) &&
    (place.queue === undefined || registered.includes(SEARCH_ATTRIBUTES.queue));
  return isKnown ? listLink(namespace, 'open letters of this cause', openLettersQuery(place)) : undefined;
}
