import { once } from 'node:events';
import { connect } from 'node:net';
import { withConnection } from './connect';
import { poll } from './poll';
import { requireSearchable } from './search-attributes';
import type { TemporalConnectionOptions } from './types';

const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';
const SERVING = 1;

export interface ReadyOptions {
  connectionOptions: TemporalConnectionOptions;
  namespace: string;
  searchAttributes: readonly string[];
  uiUrl: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Resolves once a freshly started server really serves: frontend, namespace, search attributes and Web UI. */
export async function untilReady(options: ReadyOptions): Promise<void> {
  const { connectionOptions, namespace, searchAttributes, uiUrl, timeoutMs, signal } = options;
  const { hostname, port } = new URL(`tcp://${connectionOptions.address}`);
  const within = { timeoutMs, signal };
  // A gRPC channel backs off for seconds after a refused connection; a bare socket finds the port sooner.
  await poll(() => requirePort(hostname, Number(port)), { what: 'Temporal server listening', ...within });
  await poll(
    () =>
      withConnection(connectionOptions, async (connection) => {
        const { status } = await connection.healthService.check({ service: FRONTEND });
        if (Number(status) !== SERVING) throw new Error(`frontend health is ${String(status)}`);
        await connection.workflowService.describeNamespace({ namespace });
        await requireSearchable(connection, namespace, searchAttributes);
      }),
    { what: 'Temporal server ready', ...within },
  );
  await poll(() => requirePage(uiUrl), { what: 'Temporal Web UI ready', ...within });
}

async function requirePort(host: string, port: number): Promise<void> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

async function requirePage(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
