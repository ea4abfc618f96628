import { setTimeout as wait } from 'node:timers/promises';
import Fastify from 'fastify';
import { QuotaWindow } from './quota-window.js';
import { INVOICES_QUOTA, ORDERS_QUOTA, type Quota } from './quotas.js';
import type { Api, PushedRecord, Tenant } from './records.js';

/** A call that is accepted takes this time. Refusals are quick, as those of gateways. */
const WORK_MS = { least: 50, more: 200 };

/** A call that reached the service. */
export interface Call {
  readonly api: Api;
  readonly tenant: Tenant;
  readonly id: string;
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** From the moment in which the workflow asked for the call. */
  readonly waitedMs: number;
  /** From the moment in which the activity began. */
  readonly onItsWayMs: number;
}

/** One service for both tenants. */
export interface Service {
  readonly url: string;
  /** All calls, in the order in which they came. */
  readonly calls: readonly Call[];
  /** Tenants whose products are rejected: the service knows their field `price` by another name. */
  readonly renamedFor: Set<Tenant>;
  stop(): Promise<void>;
}

/** Quotas of each tenant. The other APIs have none. */
const QUOTAS: Partial<Record<Api, Quota>> = { orders: ORDERS_QUOTA, invoices: INVOICES_QUOTA };

export async function startService(): Promise<Service> {
  const app = Fastify({ forceCloseConnections: true });
  const calls: Call[] = [];
  const renamedFor = new Set<Tenant>();
  const windows = new Map<string, QuotaWindow>();

  const overQuotaMs = (api: Api, tenant: Tenant): number => {
    const quota = QUOTAS[api];
    if (quota === undefined) return 0;
    const name = `${api}/${tenant}`;
    const window = windows.get(name) ?? new QuotaWindow(quota);
    windows.set(name, window);
    return window.take(performance.now());
  };
  const complaint = (api: Api, { tenant, email }: PushedRecord): string | undefined => {
    if (api === 'products' && renamedFor.has(tenant)) return 'field "unitPrice" is missing';
    if (api === 'customers' && !email?.includes('@')) return 'field "email" is not an address';
    return undefined;
  };

  app.get('/', async () => 'ready');
  app.put<{ Params: { api: Api; id: string }; Body: PushedRecord }>('/:api/:id', async (request, reply) => {
    const at = Date.now();
    const { api, id } = request.params;
    const { tenant } = request.body;
    const answer = (status: number) => {
      const waitedMs = at - Number(request.headers['x-scheduled-at']);
      const onItsWayMs = at - Number(request.headers['x-began-at']);
      calls.push({ api, tenant, id, status, at, waitedMs, onItsWayMs });
      return reply.code(status);
    };
    const waitMs = overQuotaMs(api, tenant);
    if (waitMs > 0) {
      return answer(429)
        .header('retry-after', `${Math.ceil(waitMs / 1_000)}`)
        .send({ message: `the quota of ${tenant} is used up` });
    }
    const message = complaint(api, request.body);
    if (message !== undefined) return answer(422).send({ message });
    answer(200);
    await wait(WORK_MS.least + Math.random() * WORK_MS.more);
    return { id };
  });

  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, calls, renamedFor, stop: () => app.close() };
}
