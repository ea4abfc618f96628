import type { Connection } from '@temporalio/client';
import { poll } from './poll';
import { messageOf } from './text';

export const RECOVERY_SEARCH_ATTRIBUTES = [
  'RecoveryQueue',
  'RecoveryCategory',
  'RecoveryOperation',
  'RecoveryGroup',
  'RecoveryStatus',
  'RecoveryTags',
];

/** temporal.api.enums.v1.IndexedValueType */
const TYPES = { Keyword: 2, KeywordList: 7 } as const;

export function searchAttributeType(name: string): keyof typeof TYPES {
  return name === 'RecoveryTags' ? 'KeywordList' : 'Keyword';
}

/** What a person runs to register the search attributes. */
export function searchAttributeCommand(
  namespace = 'default',
  names: readonly string[] = RECOVERY_SEARCH_ATTRIBUTES,
): string {
  const flags = names.map((name) => `--name ${name} --type ${searchAttributeType(name)}`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`;
}

/**
 * Throws until every attribute can be searched by. A query is the only honest test: the list of attributes is
 * served from another cache than the one queries are checked against.
 */
export async function requireSearchable(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const query = names.map((name) => `\`${name}\` = 'none'`).join(' AND ');
  await connection.workflowService.countWorkflowExecutions({ namespace, query });
}

/** Registers what is missing on a server that is not ours; a refusal is logged, not thrown. */
export async function registerMissing(
  connection: Connection,
  namespace: string,
  names: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  let missing = names;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    missing = names.filter((name) => customAttributes?.[name] === undefined);
    if (missing.length > 0) {
      log(`Registering search attributes in namespace ${namespace}: ${missing.join(', ')}`);
      const searchAttributes = Object.fromEntries(
        missing.map((name) => [name, TYPES[searchAttributeType(name)]]),
      );
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    }
    // A real cluster refreshes its search attribute caches within a minute.
    await poll(() => requireSearchable(connection, namespace, names), {
      what: 'Search attributes usable',
      timeoutMs: 75_000,
      everyMs: 250,
    });
  } catch (error) {
    log(`The search attributes could not be registered (${messageOf(error)}). Register them yourself:`);
    log(`  ${searchAttributeCommand(namespace, missing)}`);
  }
}
