import { isDeepStrictEqual } from 'node:util';
import type { Country } from './country.js';
import { requestJson } from './http.js';
import type { Edit } from './operator.js';
import type { Replayed } from './phases.js';
import type { SyncProgress } from './workflows.js';

/** What the target really holds, compared with the source. */
export interface Comparison {
  readonly missing: string[];
  /** Held, but not as in the source (with the operator's edits). */
  readonly different: string[];
  /** Held, but not in the source. */
  readonly unexpected: string[];
}

/** Reads the target back and compares it with the source, record by record and field by field. */
export async function compare(
  source: readonly Country[],
  targetUrl: string,
  edits: ReadonlyMap<string, Edit>,
): Promise<Comparison> {
  const held = new Map(
    (await requestJson<Country[]>('GET', `${targetUrl}/countries`)).map((each) => [each.cca3, each]),
  );
  const missing: string[] = [];
  const different: string[] = [];
  for (const country of source) {
    const copy = held.get(country.cca3);
    if (copy === undefined) missing.push(country.cca3);
    else if (!isDeepStrictEqual(copy, { ...country, ...edits.get(country.cca3) }))
      different.push(country.cca3);
    held.delete(country.cca3);
  }
  return { missing, different, unexpected: [...held.keys()] };
}

export function lostCount({ missing, different }: Comparison): number {
  return missing.length + different.length;
}

/** The closing table. */
export function table(rows: {
  progress: SyncProgress;
  replayed: Replayed;
  comparison: Comparison;
}): string[] {
  const { progress, replayed, comparison } = rows;
  const withoutLetter = progress.failed.filter(({ deadLetter }) => deadLetter === undefined).length;
  const lines: (readonly [string, number])[] = [
    ['records read from the source', progress.read],
    ['  written at the first attempt', progress.writtenAtFirstAttempt],
    ['  written after retries', progress.writtenAfterRetries],
    ['  dead-lettered', progress.failed.length - withoutLetter],
    ['    replayed as they were', replayed.unchanged],
    ['    replayed with edited arguments', replayed.edits.size],
  ];
  if (replayed.remaining.length > 0) lines.push(['    still waiting', replayed.remaining.length]);
  if (withoutLetter > 0) lines.push(['  failed without a dead letter', withoutLetter]);
  const unexpected = comparison.unexpected.length;
  if (unexpected > 0) lines.push(['in the target, but not in the source', unexpected]);
  lines.push(['lost', lostCount(comparison)]);
  return lines.map(([label, count]) => `${label.padEnd(36, ' ')} ${String(count).padStart(4)}`);
}
