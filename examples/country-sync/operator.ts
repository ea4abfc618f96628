import { setTimeout as delay } from 'node:timers/promises';
import type { RecoveryClient } from 'temporal-recovery/client';
import type { Country } from './country.js';
import type { Letter } from './dead-letters.js';

const BY = 'operator of the demo';

/** What an operator enters where the source knows nothing and the target wants something. */
const PLACEHOLDERS: Partial<Country> = {
  capital: ['n/a'],
  ccn3: '000',
  subregion: 'n/a',
  area: 0,
  // "No currency" in ISO 4217, "no linguistic content" in ISO 639.
  currencies: { XXX: { name: 'No currency', symbol: '¤' } },
  languages: { zxx: 'No linguistic content' },
};

/** Fields to replace in a record. */
export type Edit = Partial<Country>;

/** The edit that answers the target's 422: a placeholder for every field it names. */
export function editFor(complaint: string): Edit {
  return Object.fromEntries(
    Object.entries(PLACEHOLDERS).filter(([field]) => new RegExp(`\\b${field}\\b`).test(complaint)),
  );
}

/** What was wrong last: a record that fell into the outage may turn out to be invalid when it is replayed. */
export async function lastComplaint(recovery: RecoveryClient, { id, message }: Letter): Promise<string> {
  const { story } = await recovery.deadLetters.get(id).describe();
  return story.findLast(({ event }) => event === 'replay-failed')?.message ?? message;
}

/** Sends the signal `replay` to letters whose arguments were fine. */
export async function replayUnchanged(recovery: RecoveryClient, letters: readonly Letter[]): Promise<void> {
  for (const { id } of letters) {
    await recovery.deadLetters.get(id).signalReplay({ by: BY, reason: 'the target is back' });
  }
}

/** Replays one letter with an edited record, by Update: it answers with the outcome. */
export async function replayEdited(recovery: RecoveryClient, letter: Letter, edit: Edit): Promise<string> {
  const { outcome } = await recovery.deadLetters.get(letter.id).replay({
    args: [{ ...letter.country, ...edit }],
    by: BY,
    reason: `placeholder for ${Object.keys(edit).join(', ')}`,
  });
  return outcome;
}

/** Longest wait for replays to end. */
const SETTLE_MS = 60_000;

/**
 * Waits until every letter is replayed or has failed again, at most a minute.
 * @returns the ids of those that are not REPLAYED
 */
export async function settle(
  recovery: RecoveryClient,
  letters: readonly Letter[],
  onReplayed: (letter: Letter) => void,
): Promise<string[]> {
  const open = new Map(letters.map((letter) => [letter.id, letter]));
  const failedAgain: string[] = [];
  const deadline = Date.now() + SETTLE_MS;
  while (open.size > 0 && Date.now() < deadline) {
    for (const letter of open.values()) {
      const { status, replays } = await recovery.deadLetters.get(letter.id).describe();
      if (status === 'REPLAYING' || status === 'HELD' || (status === 'WAITING' && replays === 0)) continue;
      open.delete(letter.id);
      if (status === 'REPLAYED') onReplayed(letter);
      else failedAgain.push(letter.id);
    }
    if (open.size > 0) await delay(200);
  }
  return [...failedAgain, ...open.keys()];
}
