import { Context } from '@temporalio/activity';
import { countOrigins, originOf } from '../../client/dead-letter/count-origins.js';
import type { OriginRun } from '../../client/dead-letter/describe-origin.js';
import { meets } from '../../client/dead-letter/filter.js';
import { summarise } from '../../client/dead-letter/listing.js';
import { tagsInQuery } from '../../client/dead-letter/tags-in-query.js';
import { inParallel } from '../../client/in-parallel.js';
import { isNotFound } from '../../client/server/grpc-status.js';
import { listExecutions } from '../../client/server/list-executions.js';
import { listingClient } from '../../client/server/temporal-client.js';
import { withLimit } from '../../client/server/with-limit.js';
import { packedBytes, packIds } from '../../common/redrive/pack-ids.js';
import type { RedriveGroup, RedrivePlan, Snapshot } from '../../common/redrive/types.js';
import { beginning } from '../../common/text/text.js';

const PAGE = 1_000;
/** What is left to do has to fit into one input of the workflow (2 MB), beside what has come of the others. */
const MAX_PACKED_BYTES = 1_400_000;
const MAX_GROUPS = 20;
const MAX_MESSAGE = 200;
const AT_ONCE = 10;
const HEARTBEAT_MS = 3_000;
/** For one page: visibility with much to do takes seconds. */
const PAGE_WITHIN_MS = 60_000;

/** Lists the letters of a redrive, once: a set that fills up again while it is worked on would never come to an end. */
export async function listLetters(plan: RedrivePlan): Promise<Snapshot> {
  const found = plan.ids === undefined ? await alive(() => matching(plan)) : undefined;
  const oldestFirst = found === undefined ? (plan.ids ?? []) : oldestFirstOf(found);
  const kept = fitting(oldestFirst.slice(0, plan.limit));
  return {
    packed: packIds(kept),
    total: kept.length,
    truncated: kept.length < oldestFirst.length,
    groups: found === undefined ? [] : countGroups(found, kept),
    ...(plan.dryRun && plan.action === 'replay' ? { origins: await originsOf(kept, found) } : {}),
  };
}

/** Before anything is replayed it is known what became of the workflows that made the calls. */
async function originsOf(ids: readonly string[], found: Found | undefined) {
  const { client, heartbeat, cancellationSignal } = Context.current();
  const { namespace } = client.options;
  const known = found?.originOf ?? (await readOrigins(ids));
  const origins = ids.flatMap((id) => known.get(id) ?? []);
  return countOrigins(client, origins, () => heartbeat(), [cancellationSignal]);

  async function readOrigins(named: readonly string[]): Promise<ReadonlyMap<string, OriginRun>> {
    const read = new Map<string, OriginRun>();
    await inParallel(named, AT_ONCE, async (id) => {
      heartbeat();
      try {
        const letter = await listingClient(client).workflow.getHandle(id).describe();
        const origin = originOf(summarise(letter), namespace);
        if (origin !== undefined) read.set(id, origin);
      } catch (error) {
        // It is skipped when it is to be replayed.
        if (!isNotFound(error)) throw error;
      }
    });
    return read;
  }
}

/** The redrive learns within seconds that a worker is lost; a page that does not come ends the activity too. */
async function alive<T>(work: () => Promise<T>): Promise<T> {
  const { heartbeat } = Context.current();
  const beat = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

interface Found {
  /** When their runs began, by id: the order of visibility is no promise. */
  readonly startedAt: ReadonlyMap<string, number>;
  /** By id. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** By fingerprint, without counts: not all letters that match are taken. */
  readonly groups: ReadonlyMap<string, Omit<RedriveGroup, 'letters'>>;
  /** By id of the letter; kept for a dry run. */
  readonly originOf: ReadonlyMap<string, OriginRun>;
}

function oldestFirstOf({ startedAt }: Found): string[] {
  // Letters of the same moment as they were listed: the newest first.
  return [...startedAt]
    .reverse()
    .sort(([, a], [, b]) => a - b)
    .map(([id]) => id);
}

async function matching(plan: RedrivePlan): Promise<Found> {
  const { client, cancellationSignal } = Context.current();
  const { correlationId, tags } = plan;
  const asked = { since: millis(plan.since), until: millis(plan.until), correlationId, tags };
  const { query, condition } = await tagsInQuery(client, { query: plan.query ?? '', condition: asked });
  const startedAt = new Map<string, number>();
  const groupOf = new Map<string, string>();
  const groups = new Map<string, Omit<RedriveGroup, 'letters'>>();
  const origins = new Map<string, OriginRun>();
  const letters = listExecutions(client, { query, pageSize: PAGE });
  const limit = { limitMs: PAGE_WITHIN_MS, signals: [cancellationSignal] };
  for (;;) {
    const next = await withLimit(client, limit, () => letters.next());
    if (next.done) break;
    const letter = summarise(next.value);
    // No query can ask for all of it.
    if (!meets(condition, letter) || groupOf.has(letter.id)) continue;
    startedAt.set(letter.id, next.value.startTime.getTime());
    const { group = '', operation, category, message } = letter;
    groupOf.set(letter.id, group);
    const origin = plan.dryRun ? originOf(letter, client.options.namespace) : undefined;
    if (origin !== undefined) origins.set(letter.id, origin);
    if (!groups.has(group)) {
      groups.set(group, { group, operation, category, message: message && beginning(message, MAX_MESSAGE) });
    }
  }
  return { startedAt, groupOf, groups, originOf: origins };
}

/** The largest groups among the letters that are taken. */
function countGroups({ groupOf, groups }: Found, kept: readonly string[]): RedriveGroup[] {
  const letters = new Map<string, number>();
  for (const id of kept) {
    const group = groupOf.get(id) ?? '';
    letters.set(group, (letters.get(group) ?? 0) + 1);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, letters: letters.get(group.group) ?? 0 }))
    .filter((group) => group.letters > 0)
    .sort((a, b) => b.letters - a.letters)
    .slice(0, MAX_GROUPS);
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
