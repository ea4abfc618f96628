import { type Client, Connection } from '@temporalio/client';
import {
  INDEXED_VALUE_TYPES,
  REQUIRED_SEARCH_ATTRIBUTES,
  SEARCH_ATTRIBUTE_NAMES,
  searchAttributeType,
} from '../common/contract.js';
import { CliError, ExitCode } from './exit-codes.js';

export interface Registration {
  readonly existed: readonly string[];
  readonly registered: readonly string[];
  readonly missing: readonly string[];
  /** Why the missing ones are still missing. */
  readonly refusal?: unknown;
}

const typeOf = (name: string) => INDEXED_VALUE_TYPES[searchAttributeType(name)];
const PATIENCE_MS = 60_000;
const POLL_MS = 500;

/**
 * Registers those search attributes that the namespace lacks, and waits until they can be searched by.
 * @throws CliError where one exists as another type: letters could not be written with it
 */
export async function registerSearchAttributes(client: Client): Promise<Registration> {
  const { namespace } = client.options;
  const connection = client.connection;
  if (!(connection instanceof Connection)) throw new TypeError('setup needs a Connection');
  let existed: string[] = [];
  let missing: readonly string[] = SEARCH_ATTRIBUTE_NAMES;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const known = customAttributes ?? {};
    const other = SEARCH_ATTRIBUTE_NAMES.filter(
      (name) => known[name] !== undefined && known[name] !== typeOf(name),
    );
    if (other.length > 0) {
      throw new CliError(
        `Namespace ${namespace} has search attributes of our names with another type than ${[...new Set(other.map(searchAttributeType))].join(' or ')}: ${other.join(', ')}. Remove them, then run setup again`,
        ExitCode.FAILED,
      );
    }
    existed = SEARCH_ATTRIBUTE_NAMES.filter((name) => known[name] === typeOf(name));
    missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => known[name] === undefined);
  } catch (error) {
    if (error instanceof CliError) throw error;
    return { existed, registered: [], missing, refusal: error };
  }
  const registered: string[] = [];
  let refusal: unknown;
  // A store has room for few attributes of a type: what is only useful must not cost what is needed.
  const parts = [REQUIRED_SEARCH_ATTRIBUTES, SEARCH_ATTRIBUTE_NAMES].map((names) =>
    missing.filter((name) => names.includes(name)),
  );
  for (const part of parts) {
    const names = part.filter((name) => !registered.includes(name));
    try {
      if (names.length > 0) {
        const searchAttributes = Object.fromEntries(names.map((name) => [name, typeOf(name)]));
        await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
      }
      await untilSearchable(client, [...existed, ...registered, ...names]);
      registered.push(...names);
    } catch (error) {
      refusal = error;
      break;
    }
  }
  missing = missing.filter((name) => !registered.includes(name));
  return { existed, registered, missing, ...(refusal === undefined ? {} : { refusal }) };
}

/** A query is the only honest test: the list of attributes comes from another cache than queries are checked by. */
async function untilSearchable(client: Client, names: readonly string[]): Promise<void> {
  const query = names.map((name) => `${name} = 'none'`).join(' AND ');
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await client.workflow.count(query);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
