import type { RecoveryPluginOptions } from 'temporal-recovery';
import { ORDERS_QUOTA } from './quotas.js';
import { APIS, type Api, type PushedRecord } from './records.js';

/** Calls in flight in each worker. */
export const SLOTS = 5;

/** On a shared server, two runs of the example must not share their breakers and letters. */
export function breakerName(run: string, api: Api): string {
  return `${run}/${api}`;
}

/** The configuration that this example is about, the same in all workers. */
export function recoveryOptions(run: string): RecoveryPluginOptions {
  return {
    queue: run,
    breaker: (activityType) => breakerName(run, apiOf(activityType)),
    // Whose quota a call uses: no tenant waits for another.
    quotaKey: (_, [record]) => (record as PushedRecord).tenant,
    // Of the other APIs no quota is known.
    limits: { [breakerName(run, 'orders')]: { calls: ORDERS_QUOTA.calls, per: ORDERS_QUOTA.perMs } },
    operations: {
      // Fewer than the default of 50, so that the example is short.
      'products.*': { flood: { minimumCalls: 10, then: 'hold' } },
      'customers.*': { recordKey: (_, [record]) => (record as PushedRecord).id },
    },
  };
}

function apiOf(activityType: string): Api {
  const api = APIS.find((each) => activityType.startsWith(`${each}.`));
  if (api === undefined) throw new Error(`"${activityType}" belongs to no API of the service`);
  return api;
}
