import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { FleetProcess } from './fleet-process.js';
import { endWorker, forkWorker } from './fork-worker.js';
import type { Harness } from './harness.js';

/** A service, and workers in processes of their own that call it. All of it ends with the test. */
export async function startFleet(
  t: TestContext,
  h: Harness,
  {
    service,
    breaker,
    ...more
  }: { service: RequestListener } & Pick<FleetProcess, 'breaker' | 'quotaKey' | 'hasRecordKey' | 'options'>,
) {
  const taskQueue = h.id('fleet');
  const server = createServer(service);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const children: ChildProcess[] = [];
  t.after(() => Promise.all(children.map(endWorker)));
  return {
    /** Starts a worker, and waits until it is ready. */
    async start(name: string): Promise<ChildProcess> {
      const settings: FleetProcess = {
        ...{ name, taskQueue, queue: h.queue, breaker, namespace: h.namespace, ...more },
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        connectionOptions: h.connectionOptions,
      };
      const child = await forkWorker(require.resolve('./fleet-process.js'), settings);
      children.push(child);
      return child;
    },
    /** Starts a workflow that calls the service once. */
    push: (record: string, name = record) =>
      h.client.workflow.start('one', {
        ...{ workflowId: `${taskQueue}-${name}`, taskQueue, args: ['push', {}, record] },
      }),
  };
}
