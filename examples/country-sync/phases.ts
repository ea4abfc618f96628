import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { BreakerReader } from './breaker.js';
import { type Letter, LetterReader } from './dead-letters.js';
import type { Display, View } from './display.js';
import type { Environment } from './environment.js';
import { type Edit, editFor, lastComplaint, replayEdited, replayUnchanged, settle } from './operator.js';
import { makeTrouble } from './trouble.js';
import { type countrySync, progressQuery, type SyncProgress } from './workflows.js';

const POLL_MS = 200;
/** Letters printed with their links. */
const LINKS_SHOWN = 3;

type SyncHandle = WorkflowHandle<typeof countrySync>;

export interface Synced {
  readonly progress: SyncProgress;
  readonly letters: readonly Letter[];
}

/** Phase 1: the sync, while the target makes trouble. */
export async function sync(
  environment: Environment,
  handle: SyncHandle,
  display: Display,
  interrupted: AbortSignal,
): Promise<Synced> {
  const { target, countries, recovery } = environment;
  const over = new AbortController();
  const trouble = makeTrouble({
    target,
    records: countries.length,
    log: (text) => display.event(text, 'yellow'),
    synced: over.signal,
    interrupted,
  });
  const reader = new LetterReader(recovery);
  const breaker = new BreakerReader(recovery, `${environment.taskQueue}/writeCountry`, (text) =>
    display.event(text, 'cyan'),
  );
  let progress: SyncProgress = { read: 0, writtenAtFirstAttempt: 0, writtenAfterRetries: 0, failed: [] };
  let retrying = 0;
  const watch = async () => {
    while (!over.signal.aborted && !interrupted.aborted) {
      try {
        progress = await handle.query(progressQuery);
        retrying = await countRetrying(handle);
        await breaker.look();
        await reader.read(progress.failed);
      } catch {
        // The sync has just started, or the worker is busy: the next look will do.
      }
      await delay(POLL_MS);
    }
  };
  display.show(() => ({ ...view(environment, progress, reader.letters), retrying }));
  const watched = watch();
  try {
    progress = await handle.result();
  } finally {
    over.abort();
    await Promise.all([trouble, watched]);
    retrying = 0;
  }
  await reader.read(progress.failed);
  display.hide();
  return { progress, letters: reader.letters };
}

/** Activities that have failed at least once and are being tried again, as the server sees it. */
async function countRetrying(handle: SyncHandle): Promise<number> {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).filter(({ attempt }) => (attempt ?? 1) > 1).length;
}

/** Phase 2: what is in the dead-letter queue, by category and with links. */
export function showLetters({ links }: Environment, letters: readonly Letter[], display: Display): void {
  if (letters.length === 0) {
    display.print('No dead letters.');
    return;
  }
  display.print(display.style('bold', `${letters.length} dead letters, each a workflow that waits:`));
  for (const [category, ofCategory] of byCategory(letters)) {
    display.print(
      `  ${String(ofCategory.length).padStart(4)}  ${category.padEnd(11)} ${ofCategory[0]?.message}`,
    );
  }
  if (links === undefined) return;
  const some = [...byCategory(letters).values()].flatMap((ofCategory) => ofCategory.slice(0, 1));
  display.print('', 'Look at them in the Temporal UI:');
  for (const { cca3, id } of some.slice(0, LINKS_SHOWN)) display.print(`  ${cca3}  ${links.workflow(id)}`);
  display.print(`  all  ${links.list('WorkflowType = "deadLetter"')}`);
}

export interface Replayed {
  readonly unchanged: number;
  /** By cca3, of the letters replayed with edited arguments. */
  readonly edits: ReadonlyMap<string, Edit>;
  /** Ids of letters that still wait. */
  readonly remaining: readonly string[];
}

/** Phase 3: the operator replays. */
export async function replay(
  environment: Environment,
  { progress, letters }: Synced,
  display: Display,
): Promise<Replayed> {
  const { recovery } = environment;
  let invalid = letters.filter(({ category }) => category === 'VALIDATION');
  const others = letters.filter(({ category }) => category !== 'VALIDATION');
  const edits = new Map<string, Edit>();
  const remaining: string[] = [];
  let unchanged = 0;
  display.show(() => ({
    ...view(environment, progress, []),
    deadLetters: letters.length,
    replayed: unchanged + edits.size,
  }));

  if (others.length > 0) {
    display.event(`operator: signal "replay" to ${others.length} letters, as they were`, 'cyan');
    await replayUnchanged(recovery, others);
    const again = await settle(recovery, others, () => {
      unchanged++;
    });
    // Down when they were first tried, the target now says what is wrong with the records themselves.
    invalid = [...invalid, ...others.filter(({ id }) => again.includes(id))];
  }
  if (invalid.length > 0) {
    display.event(`operator: replay of ${invalid.length} invalid records with edited arguments`, 'cyan');
  }
  for (const letter of invalid) {
    const edit = editFor(await lastComplaint(recovery, letter));
    const outcome = await replayEdited(recovery, letter, edit);
    if (outcome === 'REPLAYED') edits.set(letter.cca3, edit);
    else remaining.push(letter.id);
    display.event(`  ${letter.cca3}  ${describeEdit(letter, edit)}  → ${outcome}`);
  }
  display.hide();
  return { unchanged, edits, remaining };
}

function describeEdit({ country }: Letter, edit: Edit): string {
  return Object.entries(edit)
    .map(([field, value]) => {
      const before = JSON.stringify(country[field as keyof Edit]);
      return `${field} ${before} → ${JSON.stringify(value)}`;
    })
    .join(', ');
}

function view(
  { countries, target, failedAttempts }: Environment,
  progress: SyncProgress,
  letters: readonly Letter[],
): View {
  return {
    records: countries.length,
    target: target.state,
    written: progress.writtenAtFirstAttempt + progress.writtenAfterRetries,
    retrying: 0,
    deadLetters: progress.failed.length,
    replayed: 0,
    failedAttempts: failedAttempts.byCategory,
    letters,
  };
}

function byCategory(letters: readonly Letter[]): Map<string, Letter[]> {
  const groups = new Map<string, Letter[]>();
  for (const letter of letters) {
    groups.set(letter.category, [...(groups.get(letter.category) ?? []), letter]);
  }
  return new Map([...groups].sort(([, a], [, b]) => b.length - a.length));
}
