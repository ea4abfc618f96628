import type { Client } from '@temporalio/client';
import {
  INDEXED_VALUE_TYPES,
  REQUIRED_SEARCH_ATTRIBUTES,
  SEARCH_ATTRIBUTE_NAMES,
  searchAttributeType,
} from '../../common/contract.js';

const FRESH_MS = 60_000;

interface Known {
  readonly at: number;
  readonly names: Promise<readonly string[] | undefined>;
}

const known = new WeakMap<object, Map<string, Known>>();

/**
 * Which of our search attributes the namespace has. A complete answer is kept; anything less is asked again
 * after a minute, so that a fleet notices the registration without a restart.
 * @returns undefined where the server does not tell (Temporal Cloud, missing permission)
 */
export async function registeredSearchAttributes(client: Client): Promise<readonly string[] | undefined> {
  const { connection } = client;
  const { namespace } = client.options;
  const byNamespace = known.get(connection) ?? new Map<string, Known>();
  known.set(connection, byNamespace);
  const cached = byNamespace.get(namespace);
  const names = await cached?.names;
  if (
    cached !== undefined &&
    (names?.length === SEARCH_ATTRIBUTE_NAMES.length || Date.now() - cached.at < FRESH_MS)
  ) {
    return names;
  }
  const asked = ask(client);
  byNamespace.set(namespace, { at: Date.now(), names: asked });
  return asked;
}

/** Whether filters work. The attribute of tags is optional. */
export const hasRequiredAttributes = (registered: readonly string[]): boolean =>
  REQUIRED_SEARCH_ATTRIBUTES.every((name) => registered.includes(name));

async function ask(client: Client): Promise<readonly string[] | undefined> {
  try {
    const { namespace } = client.options;
    const { operatorService } = client.connection as Partial<{ operatorService: OperatorService }>;
    const answer = await client.connection.withDeadline(Date.now() + 10_000, async () =>
      operatorService?.listSearchAttributes({ namespace }),
    );
    const custom = answer?.customAttributes;
    return custom
      ? SEARCH_ATTRIBUTE_NAMES.filter(
          (name) => custom[name] === INDEXED_VALUE_TYPES[searchAttributeType(name)],
        )
      : undefined;
  } catch {
    return undefined;
  }
}

interface OperatorService {
  listSearchAttributes(request: {
    namespace: string;
  }): Promise<{ customAttributes?: Record<string, number> | null }>;
}
