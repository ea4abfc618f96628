/** Calls in a time, for each tenant. */
export interface Quota {
  readonly calls: number;
  readonly perMs: number;
}

/** It is in the documentation of the service, so the plugin is configured with it. */
export const ORDERS_QUOTA: Quota = { calls: 20, perMs: 5_000 };
/** The service enforces it, and does not say so. */
export const INVOICES_QUOTA: Quota = { calls: 20, perMs: 10_000 };
