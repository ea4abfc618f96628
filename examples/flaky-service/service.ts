import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** A service that is up or down as set, and counts its calls. */
export interface FlakyService {
  readonly url: string;
  isUp: boolean;
  /** Calls of each worker since the last time this was asked. */
  takeCounts(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** @param onCall is called for each call, and may make it wait */
export async function startService(onCall?: (worker: string) => void | Promise<void>): Promise<FlakyService> {
  let counts = new Map<string, number>();
  // Those who wait when it stops are not waited for.
  const app = Fastify({ forceCloseConnections: true });
  const service: FlakyService = {
    url: '',
    isUp: true,
    takeCounts() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    stop: () => app.close(),
  };
  app.get<{ Querystring: { worker: string } }>('/price', async ({ query }, reply) => {
    counts.set(query.worker, (counts.get(query.worker) ?? 0) + 1);
    await onCall?.(query.worker);
    if (!service.isUp) return reply.code(503).send({ error: 'down for maintenance' });
    return { price: 42 };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return Object.assign(service, { url: `http://127.0.0.1:${port}` });
}
