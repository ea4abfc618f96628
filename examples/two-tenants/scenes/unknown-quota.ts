import { recordsOf } from '../records.js';
import { SLOTS } from '../recovery.js';
import {
  callsOf,
  type Figure,
  longestWaitMs,
  type Stage,
  startPush,
  withStatus,
  writtenCount,
} from '../stage.js';
import { waitFor } from '../wait-for.js';

const OF_NORTH = 35;
const OF_SOUTH = 15;
/** In this time all workers know of a refusal, with room for a slow machine. */
const NEWS_MS = 2_000;
/** North waits for ten seconds. */
const NOT_DELAYED_MS = 5_000;

/** The plugin does not know the quota of invoices: north waits after a refusal, and south does not notice. */
export async function unknownQuota(stage: Stage): Promise<Figure[]> {
  const north = await startPush(stage, 'invoices', recordsOf('north', OF_NORTH));
  const first = await waitFor('a refusal', () => withStatus(callsOf(stage.service, 'invoices'), 429)[0]);
  stage.log('service: 429, the quota of north is used up; south begins to push');
  const south = await startPush(stage, 'invoices', recordsOf('south', OF_SOUTH));
  await south.result();
  stage.log('south: all invoices are written, north waits');
  const refusedFirst = withStatus(callsOf(stage.service, 'invoices'), 429).length;
  stage.log(`${refusedFirst} calls were refused: they were in flight, or on a worker that did not know yet`);
  await north.result();

  const calls = callsOf(stage.service, 'invoices');
  const refused = withStatus(calls, 429);
  const late = refused.filter(({ at }) => at - first.at > NEWS_MS).length;
  const written = writtenCount(calls);
  const delayMs = longestWaitMs(calls.filter(({ tenant }) => tenant === 'south'));
  return [
    {
      label: '429s before all workers knew',
      value: refused.length - late,
      isKept: refused.length > 0 && refused.length <= stage.workers * SLOTS,
    },
    { label: '429s after that', value: late, isKept: late === 0 },
    {
      label: `invoices written, of ${OF_NORTH + OF_SOUTH}`,
      value: written,
      isKept: written === OF_NORTH + OF_SOUTH,
    },
    {
      label: 'longest wait of the other tenant',
      value: `${delayMs} ms`,
      isKept: delayMs < NOT_DELAYED_MS,
    },
  ];
}
