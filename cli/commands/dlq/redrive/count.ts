import { conditionOf } from '../../../../client/dead-letter/filter.js';
import { type DeadLetterGroup, groupMatching } from '../../../../client/dead-letter/groups.js';
import { countMatching } from '../../../../client/dead-letter/listing.js';
import type { StartRedriveOptions } from '../../../../client/redrive/redrives.js';
import { checkRedrive } from '../../../../client/redrive/request.js';
import type { Session } from '../../../session.js';

/** How many letters a redrive would take. @throws InvalidRequestError */
export async function countLetters(
  { client }: Session,
  { id: _, ...request }: StartRedriveOptions,
): Promise<number> {
  const { ids, query = '', limit } = checkRedrive(request);
  if (ids !== undefined) return Math.min(ids.length, limit);
  const count = await countMatching(client, query, conditionOf(request.filter ?? {}));
  return Math.min(count, limit);
}

/** The groups of all letters that match, also of those beyond the limit. @throws InvalidRequestError */
export async function groupsToTake(
  { client }: Session,
  { id: _, ...request }: StartRedriveOptions,
): Promise<DeadLetterGroup[]> {
  const { query = '' } = checkRedrive(request);
  return groupMatching(client, [query], conditionOf(request.filter ?? {}));
}
