import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { Cleanup } from '../../examples/support/cleanup.js';
import { GENEROUS_LIMITS } from '../../examples/temporal-server/generous-limits.js';
import { startTemporalServer, type TemporalServer } from '../../examples/temporal-server/index.js';
import { SERVER_METRICS_PORT } from './actions.js';

/** What a benchmark works with: a real server, a client, and names of its own. */
export interface Bench {
  readonly server: TemporalServer;
  readonly client: Client;
  readonly cleanup: Cleanup;
  id(name: string): string;
}

export async function openBench(): Promise<Bench> {
  const cleanup = new Cleanup();
  // What is measured are our limits, not the server's.
  const server = await startTemporalServer({
    log: console.error,
    dynamicConfig: GENEROUS_LIMITS,
    metricsPort: SERVER_METRICS_PORT,
  });
  cleanup.add(server.stop);
  const connection = await Connection.connect(server.connectionOptions);
  cleanup.add(() => connection.close());
  const unique = randomUUID().slice(0, 8);
  return {
    server,
    client: new Client({ connection, namespace: server.namespace }),
    cleanup,
    id: (name) => `bench-${unique}-${name}`,
  };
}
