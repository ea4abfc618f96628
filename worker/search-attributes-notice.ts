import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { hasRequiredAttributes, registeredSearchAttributes } from '../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTE_NAMES, searchAttributeCommand } from '../common/contract.js';
import type { WorkerTelemetry } from './telemetry.js';

const announced = new WeakMap<NativeConnection, Set<string>>();

/** Logs, once per connection and namespace, the command that registers missing search attributes. */
export function announceSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  telemetry: WorkerTelemetry,
): void {
  const namespaces = announced.get(connection) ?? new Set<string>();
  announced.set(connection, namespaces);
  if (namespaces.has(namespace)) return;
  namespaces.add(namespace);
  void registeredSearchAttributes(new Client({ connection, namespace })).then((registered) => {
    if (registered === undefined) return;
    if (hasRequiredAttributes(registered)) return;
    const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !registered.includes(name));
    telemetry.warn(
      'search attributes are not registered; everything works but filtering dead letters. To mend it run:',
      {
        command: searchAttributeCommand(namespace, missing),
      },
    );
  });
}
