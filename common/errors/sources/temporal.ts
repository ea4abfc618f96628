import { ErrorCategory } from '../category.js';
import { get, getString, isObject, items } from '../safe.js';

const { AUTHENTICATION, CLIENT, NETWORK, RATE_LIMIT, SERVER, TIMEOUT, VALIDATION } = ErrorCategory;

/** More is no description of an error. */
const MAX_DETAILS = 20;

const WRAPPERS = new Set([
  'ActivityFailure',
  'ChildWorkflowFailure',
  'NexusOperationFailure',
  'WorkflowFailedError',
  'WorkflowUpdateFailedError',
]);

/** Types of Nexus handler errors. */
const NEXUS: Readonly<Record<string, ErrorCategory>> = {
  BAD_REQUEST: VALIDATION,
  UNAUTHENTICATED: AUTHENTICATION,
  UNAUTHORIZED: AUTHENTICATION,
  NOT_FOUND: CLIENT,
  CONFLICT: SERVER,
  REQUEST_TIMEOUT: TIMEOUT,
  RESOURCE_EXHAUSTED: RATE_LIMIT,
  INTERNAL: SERVER,
  NOT_IMPLEMENTED: CLIENT,
  UNAVAILABLE: NETWORK,
  UPSTREAM_TIMEOUT: TIMEOUT,
};

/** Failures that say no more than where their cause happened. */
export function isTemporalWrapper(link: unknown): boolean {
  return WRAPPERS.has(getString(link, 'name') ?? '') && get(link, 'cause') != null;
}

/** Time-outs of every type, and the handler errors of Nexus. */
export function categoryOfTemporal(link: unknown): ErrorCategory | undefined {
  const name = getString(link, 'name');
  if (name === 'TimeoutFailure') return TIMEOUT;
  if (name !== 'HandlerError') return undefined;
  const type = getString(link, 'type') ?? '';
  return Object.hasOwn(NEXUS, type) ? NEXUS[type] : undefined;
}

/** What a failure was before it crossed the wire: its `type`. Elsewhere `type` may mean anything. */
export function applicationType(link: unknown): string | undefined {
  return getString(link, 'name') === 'ApplicationFailure' ? getString(link, 'type') : undefined;
}

/** What a failure carries along. Workers in other languages keep the answer of a service there. */
export function applicationDetails(link: unknown): object[] {
  return getString(link, 'name') === 'ApplicationFailure'
    ? items(get(link, 'details'), MAX_DETAILS).filter(isObject)
    : [];
}
