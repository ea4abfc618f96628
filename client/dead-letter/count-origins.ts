import type { Client } from '@temporalio/client';
import { addOrigin, type OriginCounts, OriginStatus } from '../../common/dead-letter/origin-status.js';
import { inParallel } from '../in-parallel.js';
import { describeOrigin, type OriginRun } from './describe-origin.js';
import type { DeadLetterSummary } from './listing.js';

/** Many letters come from few workflows; of more than this the counts would take minutes. */
const MAX_LOOKED_UP = 1_000;
const AT_ONCE = 10;

/** The run a letter came from, as its line of a list knows it; undefined for items of a `DeadLetterQueue`. */
export function originOf(
  { id, originWorkflowId, originRunId }: DeadLetterSummary,
  namespace: string,
): OriginRun | undefined {
  // The id ends in the event of the call, which items do not have.
  if (originWorkflowId === undefined || originRunId === undefined || id.endsWith('/0')) return undefined;
  return { namespace, workflowId: originWorkflowId, runId: originRunId };
}

/**
 * Letters by what became of their origins. Of at most 1,000 workflows it is looked up, letters of others are `unknown`.
 * @param onLook after each of them
 */
export async function countOrigins(
  client: Client,
  origins: readonly OriginRun[],
  onLook: () => void,
  signals: readonly AbortSignal[] = [],
): Promise<OriginCounts> {
  const runs = new Map<string, { readonly run: OriginRun; letters: number }>();
  for (const run of origins) {
    const known = runs.get(run.runId);
    if (known === undefined) runs.set(run.runId, { run, letters: 1 });
    else known.letters++;
  }
  const all = [...runs.values()];
  const statuses = await inParallel(all.slice(0, MAX_LOOKED_UP), AT_ONCE, async ({ run }) => {
    const status = await describeOrigin(client, run, signals);
    onLook();
    return status;
  });
  return all.reduce<OriginCounts>(
    (counts, { letters }, at) => addOrigin(counts, statuses[at] ?? OriginStatus.UNKNOWN, letters),
    {},
  );
}
