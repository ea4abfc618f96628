import { startedWithin, timeRange } from '../../../../dead-letters/filter.js';
import type { StartRedriveOptions } from '../../../../redrives/redrives.js';
import { checkRedrive } from '../../../../redrives/request.js';
import { recoveryDataClient } from '../../../../temporal-client.js';
import type { Session } from '../../../session.js';

/** How many letters a redrive would take. @throws InvalidRequestError */
export async function countLetters(
  { client }: Session,
  { id: _, ...request }: StartRedriveOptions,
): Promise<number> {
  const { ids, query = '', limit } = checkRedrive(request);
  if (ids !== undefined) return Math.min(ids.length, limit);
  const range = startedWithin(timeRange(request.filter ?? {}));
  const { count } = await recoveryDataClient(client).workflow.count(query + range);
  return Math.min(count, limit);
}
