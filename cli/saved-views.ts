import {
  CIRCUIT_BREAKER_WORKFLOW,
  DEAD_LETTER_WORKFLOW,
  ERROR_ANALYTICS_WORKFLOW,
  GROUP_WORKFLOW,
  LIMIT_WORKFLOW,
  REDRIVE_WORKFLOW,
  SEARCH_ATTRIBUTES,
} from '../common/contract.js';
import { HELD_LETTERS_QUERY, WAITING_LETTERS_QUERY } from '../common/dead-letter/letter-lists.js';

export interface SavedView {
  readonly name: string;
  readonly query: string;
  readonly link?: string;
}

/** What is worth a view of its own in the UI. */
export function savedViews(uiAddress: string | undefined, namespace: string): SavedView[] {
  const status = (type: string, state: string) =>
    `WorkflowType="${type}" AND ${SEARCH_ATTRIBUTES.status}="${state}"`;
  const running = 'ExecutionStatus="Running"';
  const ended = '(ExecutionStatus="Terminated" OR ExecutionStatus="Failed" OR ExecutionStatus="TimedOut")';
  // A letter whose workflow was ended keeps the status it had.
  const views = {
    'Dead letters that wait for a decision': WAITING_LETTERS_QUERY,
    'Dead letters held by a circuit breaker': HELD_LETTERS_QUERY,
    'Dead letters whose workflow was ended': `WorkflowType="${DEAD_LETTER_WORKFLOW}" AND ${ended}`,
    'Causes of dead letters': `WorkflowType="${GROUP_WORKFLOW}" AND ${running}`,
    'Causes that have come back': `${status(GROUP_WORKFLOW, 'REGRESSED')} AND ${running}`,
    'Causes that somebody has muted': `${status(GROUP_WORKFLOW, 'MUTED')} AND ${running}`,
    'Open circuit breakers': `${status(CIRCUIT_BREAKER_WORKFLOW, 'OPEN')} AND ${running}`,
    'Circuit breakers that are not closed': `WorkflowType="${CIRCUIT_BREAKER_WORKFLOW}" AND ${SEARCH_ATTRIBUTES.status}!="CLOSED" AND ${running}`,
    'Limits of services': `WorkflowType="${LIMIT_WORKFLOW}" AND ${running}`,
    'Errors of the fleet': `WorkflowType="${ERROR_ANALYTICS_WORKFLOW}" AND ${running}`,
    'Redrives in flight': `WorkflowType="${REDRIVE_WORKFLOW}" AND ${running}`,
  };
  return Object.entries(views).map(([name, query]) => ({
    name,
    query,
    ...(uiAddress === undefined
      ? {}
      : {
          link: `${uiAddress}/namespaces/${encodeURIComponent(namespace)}/workflows?query=${encodeURIComponent(query)}`,
        }),
  }));
}
