import type { RedriveReport } from 'temporal-recovery/client';
import { LIES, type ToldLie } from '../support/visibility.js';
import type { Histories } from './invariants.js';
import type { Listed } from './listed.js';
import type { ParkedOutcome } from './parked.js';
import type { CampaignSize } from './scene.js';
import { ALL_KINDS, type Fault } from './schedule.js';
import type { LogLine } from './worker.js';
import type { Fate } from './workflows.js';

/** What was counted in a campaign. */
export interface Figures {
  readonly seed: number;
  readonly size: CampaignSize;
  readonly tookMs: number;
  readonly faults: readonly Fault[];
  /** What became of the records. */
  readonly records: readonly Fate[];
  readonly letters: number;
  /** Of the redrive through faults, and of the last one. */
  readonly report: RedriveReport;
  readonly rest: RedriveReport;
  readonly parked: readonly ParkedOutcome[];
  /** Redrives by filter, while visibility lied. */
  readonly listed: Listed;
  /** Its answers that were wrong or missing. */
  readonly lies: readonly ToldLie[];
  readonly target: { readonly calls: number; readonly failed: number; readonly repeated: number };
  readonly histories: Histories;
  readonly log: readonly LogLine[];
}

/** Messages of the log that are shown, the most frequent first. */
const MESSAGES = 12;

/** For a person. */
export function textOf(figures: Figures): string {
  const { seed, size, tookMs, faults, records, letters, report, rest, parked, target, histories } = figures;
  const kinds = ALL_KINDS.map((kind) => [kind, faults.filter((fault) => fault.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`);
  const written = records.filter((fate) => fate === 'written').length;
  return [
    `seed ${seed}: ${Math.round(tookMs / 1_000)} s, of these ${size.faultsMs / 1_000} s with faults`,
    `faults: ${faults.length} (${kinds.join(', ')})`,
    `records: ${records.length}; written ${written}, letters ${records.length - written}`,
    `redrive of ${report.total} letters through faults: replayed ${report.replayed}, failed ${report.failed}, held ${report.held}, skipped ${report.skipped}, untouched ${report.untouched}`,
    ...visibilityOf(figures),
    `last redrive: replayed ${rest.replayed} of ${rest.total}`,
    `parked workflows: ${parked.length}; letters in all: ${letters}`,
    `target: ${target.calls} calls, ${target.failed} failed, ${target.repeated} repeated under the same key`,
    `histories: ${histories.runs.size} runs, ${histories.events} events, ${histories.workflowTaskTimeouts} workflow tasks lost with their worker`,
    ...(histories.tasksForNewerBuild > 0
      ? [`workflow tasks that only the newer build could do: ${histories.tasksForNewerBuild}`]
      : []),
    'logged by the workers:',
    ...messagesOf(figures.log),
  ].join('\n');
}

/** A lie that every caller has known as true is not counted: an empty list of nothing. */
function visibilityOf({ listed: { redrives, reads }, lies }: Figures): string[] {
  const sum = (key: 'total' | 'replayed' | 'failed' | 'skipped' | 'held') =>
    redrives.reduce((total, { report }) => total + report[key], 0);
  const told = LIES.map((lie) => {
    const of = lies.filter((each) => each.lie === lie);
    return `${lie} ${of.length}`;
  });
  const counts = lies.filter(({ isCount }) => isCount).length;
  const errors = reads.filter(({ error }) => error !== undefined).length;
  return [
    `false answers of visibility: ${lies.length} (${told.join(', ')}), ${counts} of them counts`,
    `redrives by filter meanwhile: ${redrives.length}, ${redrives.filter(({ isComplete }) => !isComplete).length} with letters missing from their lists; letters ${sum('total')}: replayed ${sum('replayed')}, failed ${sum('failed')}, held ${sum('held')}, skipped ${sum('skipped')}`,
    `lists of a client meanwhile: ${reads.length}, ${errors} with an error`,
  ];
}

function messagesOf(log: readonly LogLine[]): string[] {
  const counts = new Map<string, number>();
  for (const { level, message } of log) {
    const line = `${level} ${message.slice(0, 300)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MESSAGES)
    .map(([line, count]) => `  ${count} × ${line}`);
}
