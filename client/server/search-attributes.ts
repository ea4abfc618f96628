import type { Client } from '@temporalio/client';
import {
  INDEXED_VALUE_TYPES,
  REQUIRED_SEARCH_ATTRIBUTES,
  SEARCH_ATTRIBUTE_NAMES,
  searchAttributeType,
} from '../../common/contract.js';
import { GrpcStatus, grpcStatus } from './grpc-status.js';

/** An answer that is not complete is asked again after this time. */
const FRESH_MS = 60_000;
/** A server that has not answered for this time is taken for one that does not tell. */
const GRACE_MS = 60_000;

/** Answers of a server that does not tell (Temporal Cloud, missing permission). All other failures are faults, which pass. */
const DOES_NOT_TELL: readonly (number | undefined)[] = [
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNAUTHENTICATED,
  GrpcStatus.NOT_FOUND,
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.FAILED_PRECONDITION,
];

/** What is known of a namespace. Times do not depend on the wall clock, which may jump. */
interface Known {
  answer?: { readonly at: number; readonly names: readonly string[] | undefined };
  asking?: Promise<void>;
  /** Since when the server does not answer, and how. */
  fault?: { readonly since: number; readonly error: unknown };
}

const known = new WeakMap<object, Map<string, Known>>();

/**
 * Which of our search attributes the namespace has. A complete answer is kept; anything less is asked again
 * after a minute, so that a fleet notices the registration without a restart.
 * @returns undefined where the server does not tell, or does not answer
 */
export async function registeredSearchAttributes(client: Client): Promise<readonly string[] | undefined> {
  const state = stateOf(client);
  if (!isFresh(state)) {
    state.asking ??= ask(client, state).finally(() => {
      state.asking = undefined;
    });
    await state.asking;
  }
  return state.answer?.names;
}

/**
 * Those that a new letter, circuit breaker or redrive gets. They cannot be added later, and without them no filter finds
 * it: so while the server does not answer for a moment, it is better written a little later.
 * @throws what the server has failed with, in the first minute
 */
export async function searchAttributesToWrite(
  client: Client,
  graceMs = GRACE_MS,
): Promise<readonly string[]> {
  const names = await registeredSearchAttributes(client);
  const { answer, fault } = stateOf(client);
  if (answer === undefined && fault !== undefined && performance.now() - fault.since < graceMs)
    throw fault.error;
  return names ?? [];
}

/** Whether filters work. The attribute of tags is optional. */
export const hasRequiredAttributes = (registered: readonly string[]): boolean =>
  REQUIRED_SEARCH_ATTRIBUTES.every((name) => registered.includes(name));

function stateOf({ connection, options: { namespace } }: Client): Known {
  const byNamespace = known.get(connection) ?? new Map<string, Known>();
  known.set(connection, byNamespace);
  const state = byNamespace.get(namespace) ?? {};
  byNamespace.set(namespace, state);
  return state;
}

function isFresh({ answer }: Known): boolean {
  if (answer === undefined) return false;
  return answer.names?.length === SEARCH_ATTRIBUTE_NAMES.length || performance.now() - answer.at < FRESH_MS;
}

async function ask(client: Client, state: Known): Promise<void> {
  try {
    state.answer = { names: await list(client), at: performance.now() };
    state.fault = undefined;
  } catch (error) {
    const now = performance.now();
    const since = state.fault?.since ?? now;
    state.fault = { error, since };
    // What was known before is better than nothing; and not every letter waits for an answer that never comes.
    if (DOES_NOT_TELL.includes(grpcStatus(error)) || now - since >= GRACE_MS) {
      state.answer = { names: state.answer?.names, at: now };
    }
  }
}

async function list(client: Client): Promise<readonly string[] | undefined> {
  const { namespace } = client.options;
  const { operatorService } = client.connection as Partial<{ operatorService: OperatorService }>;
  const answer = await client.connection.withDeadline(Date.now() + 10_000, async () =>
    operatorService?.listSearchAttributes({ namespace }),
  );
  const custom = answer?.customAttributes;
  return custom
    ? SEARCH_ATTRIBUTE_NAMES.filter((name) => custom[name] === INDEXED_VALUE_TYPES[searchAttributeType(name)])
    : undefined;
}

interface OperatorService {
  listSearchAttributes(request: {
    namespace: string;
  }): Promise<{ customAttributes?: Record<string, number> | null }>;
}
