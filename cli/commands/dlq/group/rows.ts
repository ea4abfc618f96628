import type { DeadLetterFilter } from '../../../../client/dead-letter/filter.js';
import type { DeadLetterGroup } from '../../../../client/dead-letter/groups.js';
import type { GroupSummary } from '../../../../client/dead-letter-group/groups.js';
import { inParallel } from '../../../../client/in-parallel.js';
import type { RecoveryClient } from '../../../../client/recovery-client.js';
import { DeadLetterStatus } from '../../../../common/dead-letter/record.js';
import type { ErrorCategory } from '../../../../common/errors/index.js';

/** A line of `dlq groups`: letters that match, and what the group itself knows, where there is one. */
export interface GroupRow extends Omit<DeadLetterGroup, 'sampleId'> {
  readonly sampleId?: string;
  /** State of the group; absent for letters that no group has counted. */
  readonly state?: GroupSummary['status'];
  /** Letters written, open or closed. */
  readonly written?: number;
  readonly owner?: string;
  readonly note?: string;
  readonly link?: string;
  readonly versions?: GroupSummary['versions'];
  readonly hosts?: GroupSummary['hosts'];
}

/** A group knows its letters by these; for other conditions the letters are read. */
const OF_GROUPS = ['queue', 'operation', 'category', 'group'];
/** Of more groups the letters are read: a count for each would take longer. */
const MAX_COUNTED = 200;
const AT_ONCE = 10;

/**
 * Groups of the letters that match, the largest first. One query lists the groups, and counts say how many of their letters are
 * open. If that is not all, letters of older versions are among them: then the letters are read.
 * @param all also groups without open letters
 */
export async function groupRows(
  recovery: RecoveryClient,
  filter: DeadLetterFilter,
  limit: number,
  all: boolean,
): Promise<GroupRow[]> {
  const { queue, operation, category, group } = filter;
  const summaries = await recovery.groups.list({ queue, operation, category, group });
  const canCount = Object.keys(filter).every((name) => OF_GROUPS.includes(name));
  if (canCount && summaries.length > 0 && summaries.length <= MAX_COUNTED) {
    const [rows, total] = await Promise.all([
      inParallel(summaries, AT_ONCE, (summary) => counted(recovery, summary)),
      recovery.deadLetters.count({ ...filter, open: true }),
    ]);
    const open = rows.reduce((sum, { letters }) => sum + letters, 0);
    if (total <= open) {
      return rows
        .filter(({ letters }) => all || letters > 0)
        .sort((a, b) => b.letters - a.letters)
        .slice(0, limit);
    }
  }
  const read = await recovery.deadLetters.groups({ ...filter, limit });
  return read.map((row) => {
    const known = summaries.find((each) => each.group === row.group && row.queues.includes(each.queue));
    return known === undefined ? row : { ...row, ...ofGroup(known) };
  });
}

async function counted(recovery: RecoveryClient, summary: GroupSummary): Promise<GroupRow> {
  const { queue, group, operation, category, statusCode, message, pattern, sampleId } = summary;
  const count = (more: DeadLetterFilter) => recovery.deadLetters.count({ queue, group, ...more });
  const letters = await count({ open: true });
  const { HELD, REPLAYING, WAITING } = DeadLetterStatus;
  const [held, replaying] =
    letters === 0 ? [0, 0] : await Promise.all([count({ status: HELD }), count({ status: REPLAYING })]);
  const statuses = {
    [WAITING]: Math.max(0, letters - held - replaying),
    [HELD]: held,
    [REPLAYING]: replaying,
  };
  return {
    ...{ group, letters, queues: [queue], operation, category: category as ErrorCategory, statusCode },
    ...{ message, pattern, sampleId, firstSeen: summary.firstSeen, lastSeen: summary.lastSeen },
    statuses: Object.fromEntries(Object.entries(statuses).filter(([, number]) => number > 0)),
    ...ofGroup(summary),
  };
}

function ofGroup({ status, letters, owner, note, link, versions, hosts }: GroupSummary) {
  return { state: status, written: letters, owner, note, link, versions, hosts };
}
