import { type Client, Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../common/contract.js';
import { CliError, ExitCode } from './exit-codes.js';

export interface Registration {
  readonly existed: readonly string[];
  readonly registered: readonly string[];
  readonly missing: readonly string[];
  /** Why the missing ones are still missing. */
  readonly refusal?: unknown;
}

const KEYWORD = 2;
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
      (name) => known[name] !== undefined && known[name] !== KEYWORD,
    );
    if (other.length > 0) {
      throw new CliError(
        `Namespace ${namespace} has search attributes of our names with another type than Keyword: ${other.join(', ')}. Remove them, then run setup again`,
        ExitCode.FAILED,
      );
    }
    existed = SEARCH_ATTRIBUTE_NAMES.filter((name) => known[name] === KEYWORD);
    missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => known[name] === undefined);
    if (missing.length > 0) {
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    }
    await untilSearchable(client);
  } catch (error) {
    if (error instanceof CliError) throw error;
    return { existed, registered: [], missing, refusal: error };
  }
  return { existed, registered: missing, missing: [] };
}

/** A query is the only honest test: the list of attributes comes from another cache than queries are checked by. */
async function untilSearchable(client: Client): Promise<void> {
  const query = SEARCH_ATTRIBUTE_NAMES.map((name) => `${name} = 'none'`).join(' AND ');
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
