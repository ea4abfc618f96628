import type { Command } from 'commander';
import type { GroupHandle } from '../../../../client/dead-letter-group/groups.js';
import { oneLine } from '../../../../common/text/text.js';
import { UsageError } from '../../../exit-codes.js';
import type { Session } from '../../../session.js';

export interface GroupFlags {
  readonly queue?: string;
}

export function addGroupArgument(command: Command): Command {
  return command
    .argument('<group>', 'fingerprint, as `dlq groups` shows it')
    .option('--queue <name>', 'the dead-letter queue, where several have letters of this group');
}

/** The group that is meant: most causes are in one queue. @throws UsageError */
export async function namedGroup(
  { recovery }: Session,
  group: string,
  { queue }: GroupFlags,
): Promise<GroupHandle> {
  if (queue !== undefined) return recovery.groups.get(group, queue);
  const known = new Set((await recovery.groups.list({ group })).map((each) => each.queue));
  // Letters of older versions have no group yet.
  if (known.size === 0) {
    for (const each of await recovery.deadLetters.list({ group, limit: 100 }))
      if (each.queue !== undefined) known.add(each.queue);
  }
  const queues = [...known].sort();
  if (queues.length > 1) {
    throw new UsageError(
      `Several queues have letters of the group "${oneLine(group)}": ${queues.map(oneLine).join(', ')}. Give --queue`,
    );
  }
  return recovery.groups.get(group, queues[0]);
}
