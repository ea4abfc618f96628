import { loadClientConnectConfig } from '@temporalio/envconfig';
import { withConnection } from './connect';
import { poll } from './poll';
import { registerMissing } from './search-attributes';
import type { Settings, TemporalConnectionOptions, TemporalServer } from './types';

/** Longer than the caches of a real cluster, see search-attributes.ts. */
const REGISTRATION_TIMEOUT_MS = 90_000;

/** Uses the server TEMPORAL_ADDRESS names, with TLS, API key and namespace as every Temporal tool reads them. */
export async function useExistingServer(address: string, settings: Settings): Promise<TemporalServer> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(settings.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionOptions: found, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars });
  const connectionOptions: TemporalConnectionOptions = {
    address,
    // Absent rather than undefined: the connection classes tell the two apart.
    ...(found.tls === undefined ? {} : { tls: found.tls }),
    ...(found.apiKey === undefined ? {} : { apiKey: found.apiKey }),
    ...(found.metadata === undefined ? {} : { metadata: found.metadata }),
  };
  const origin = `existing server at TEMPORAL_ADDRESS=${address}`;
  try {
    await poll(
      () =>
        withConnection(connectionOptions, async (connection) => {
          await connection.workflowService.describeNamespace({ namespace });
        }),
      { what: `An answer for namespace ${namespace}`, timeoutMs: 10_000, everyMs: 250 },
    );
  } catch (error) {
    throw new Error(`The ${origin} cannot be used. ${(error as Error).message}`, { cause: error });
  }
  await withConnection(
    connectionOptions,
    (connection) => registerMissing(connection, namespace, settings.searchAttributes, settings.log),
    REGISTRATION_TIMEOUT_MS,
  );
  return {
    address,
    namespace,
    uiUrl: settings.env.TEMPORAL_UI_URL || undefined,
    origin,
    connectionOptions,
    // Not ours to stop.
    stop: async () => {},
  };
}
