/** What is pushed to the service. Each kind is an API of it, with a quota, a breaker and a scene of its own. */
export const APIS = ['orders', 'invoices', 'products', 'customers'] as const;
export type Api = (typeof APIS)[number];

export type Tenant = 'north' | 'south';

export interface PushedRecord {
  readonly id: string;
  readonly tenant: Tenant;
  readonly price?: number;
  readonly email?: string;
}

export function recordsOf(tenant: Tenant, count: number): PushedRecord[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${tenant}-${index + 1}`, tenant, price: 42 }));
}
