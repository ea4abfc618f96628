import { ORDERS_QUOTA } from '../quotas.js';
import { recordsOf } from '../records.js';
import { callsOf, type Figure, type Stage, startPush, withStatus, writtenCount } from '../stage.js';

const RECORDS = 40;
/**
 * The plugin counts where calls begin, and leaves this gap for their way to the service (docs/limits.md, "How exact it is").
 * On a machine that is so busy that they take longer, the service may count some calls more.
 */
const GAP_MS = 100;

/** A backlog of each tenant, twice its quota: the fleet keeps the limit, so the service has nothing to refuse. */
export async function knownLimit(stage: Stage): Promise<Figure[]> {
  stage.log(
    `${RECORDS} orders of each tenant at the same time; its quota: ${ORDERS_QUOTA.calls} in ${ORDERS_QUOTA.perMs / 1_000} s`,
  );
  const pushes = await Promise.all([
    startPush(stage, 'orders', recordsOf('north', RECORDS)),
    startPush(stage, 'orders', recordsOf('south', RECORDS)),
  ]);
  await Promise.all(pushes.map((handle) => handle.result()));
  const calls = callsOf(stage.service, 'orders');
  const refused = withStatus(calls, 429).length;
  const slowestMs = Math.max(0, ...calls.map(({ onItsWayMs }) => onItsWayMs));
  const written = writtenCount(calls);
  return [
    { label: '429s with a known limit', value: refused, isKept: refused === 0 || slowestMs > GAP_MS },
    { label: 'slowest call on its way', value: `${slowestMs} ms`, isKept: true },
    { label: `orders written, of ${2 * RECORDS}`, value: written, isKept: written === 2 * RECORDS },
  ];
}
