import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** A service that is up or down as it is told, and counts who calls it. */
export interface FlakyService {
  readonly url: string;
  isUp: boolean;
  /** Calls of each worker since the last time this was asked. */
  takeCounts(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export async function startService(): Promise<FlakyService> {
  let counts = new Map<string, number>();
  const app = Fastify();
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
    if (!service.isUp) return reply.code(503).send({ error: 'down for maintenance' });
    return { price: 42 };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return Object.assign(service, { url: `http://127.0.0.1:${port}` });
}
