import { Context } from '@temporalio/activity';
import { countDeadLetters } from '../../client/dead-letter/listing.js';
import type { GroupPlace } from '../../common/dead-letter-group/id.js';

/** Open letters of a group, by visibility. @throws SearchAttributesNotRegisteredError */
export function countOpenLetters({ queue, group }: GroupPlace): Promise<number> {
  return countDeadLetters(Context.current().client, { queue, group, open: true });
}
