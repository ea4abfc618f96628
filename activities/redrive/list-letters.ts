import { Context } from '@temporalio/activity';
import { isWithin } from '../../client/dead-letters/filter.js';
import { type DeadLetterSummary, summarise } from '../../client/dead-letters/listing.js';
import { listingClient } from '../../client/temporal-client.js';
import { packedBytes, packIds } from '../../common/redrive/pack-ids.js';
import type { RedriveGroup, RedrivePlan, Snapshot } from '../../common/redrive/types.js';

const PAGE = 1_000;
/** What is left to do has to fit into one input of the workflow (2 MB), beside what has come of the others. */
const MAX_PACKED_BYTES = 1_400_000;
const MAX_GROUPS = 20;
const MAX_MESSAGE = 200;

/** Lists the letters of a redrive, once: a set that fills up again while it is worked on would never come to an end. */
export async function listLetters(plan: RedrivePlan): Promise<Snapshot> {
  const groups = new Map<string, RedriveGroup>();
  const newestFirst = plan.ids === undefined ? await matching(plan, groups) : [...plan.ids].reverse();
  const oldestFirst = newestFirst.reverse();
  const kept = fitting(oldestFirst.slice(0, plan.limit));
  return {
    packed: packIds(kept),
    total: kept.length,
    truncated: kept.length < oldestFirst.length,
    groups: [...groups.values()].sort((a, b) => b.letters - a.letters).slice(0, MAX_GROUPS),
  };
}

async function matching(plan: RedrivePlan, groups: Map<string, RedriveGroup>): Promise<string[]> {
  const { client, heartbeat } = Context.current();
  const range = { since: millis(plan.since), until: millis(plan.until) };
  const ids = new Set<string>();
  const letters = listingClient(client).workflow.list({ query: plan.query, pageSize: PAGE });
  for await (const execution of letters) {
    const letter = summarise(execution);
    if (!isWithin(range, letter.createdAt) || ids.has(letter.id)) continue;
    ids.add(letter.id);
    count(groups, letter);
    if (ids.size % PAGE === 0) heartbeat();
  }
  return [...ids];
}

function count(groups: Map<string, RedriveGroup>, letter: DeadLetterSummary): void {
  const { group = '', operation, category, message } = letter;
  const known = groups.get(group);
  groups.set(group, {
    ...(known ?? { group, operation, category, message: message?.slice(0, MAX_MESSAGE) }),
    letters: (known?.letters ?? 0) + 1,
  });
}

function fitting(ids: readonly string[]): string[] {
  let bytes = 0;
  let before = '';
  const kept: string[] = [];
  for (const id of ids) {
    bytes += packedBytes(before, id);
    if (bytes > MAX_PACKED_BYTES) break;
    kept.push(id);
    before = id;
  }
  return kept;
}

function millis(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}
