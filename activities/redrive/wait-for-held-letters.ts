import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { DeadLetterHandle } from '../../client/dead-letter/handle.js';
import { NoAnswerError, withLimit } from '../../client/server/with-limit.js';
import { isEnded, wasReplayed } from '../../common/dead-letter/status.js';
import type { LetterOutcome } from '../../common/redrive/types.js';

const LOOK_MS = 2_000;
/** Less than the heartbeat time-out. */
const ANSWER_MS = 10_000;

/**
 * The outcomes of held letters, after their breaker has closed. They replay by themselves. The wait for them is limited;
 * letters without an outcome by then are reported as held.
 */
export async function waitForHeldLetters(
  ids: readonly string[],
  patienceMs: number,
): Promise<LetterOutcome[]> {
  const { heartbeat, cancellationSignal } = Context.current();
  const end = performance.now() + patienceMs;
  const settled: LetterOutcome[] = [];
  let held = [...ids];
  for (;;) {
    const still: string[] = [];
    for (const id of held) {
      const outcome = performance.now() > end ? undefined : await outcomeOf(id);
      if (outcome === undefined) still.push(id);
      else settled.push(outcome);
      heartbeat();
    }
    held = still;
    if (held.length === 0 || performance.now() > end) break;
    await sleep(LOOK_MS, undefined, { signal: cancellationSignal });
  }
  return [...settled, ...held.map((id) => ({ id, outcome: 'HELD' as const }))];
}

/** Undefined while it is held, or its replay is under way. */
async function outcomeOf(id: string): Promise<LetterOutcome | undefined> {
  const { client, cancellationSignal } = Context.current();
  const limit = { limitMs: ANSWER_MS, signals: [cancellationSignal] };
  try {
    const state = await withLimit(client, limit, () => new DeadLetterHandle(client, id).state());
    const { status, story } = state;
    const origin = state.origin?.status;
    const message = story.at(-1)?.message;
    if (status === 'HELD' || status === 'REPLAYING') return undefined;
    if (status === 'WAITING' && wasReplayed(story)) return { id, outcome: 'REPLAYED', origin };
    if (status === 'WAITING') return { id, outcome: 'FAILED', message, origin };
    if (status === 'EXPIRED') return { id, outcome: 'SKIPPED', message: 'The letter expired' };
    if (status === 'SUPERSEDED')
      return { id, outcome: 'SKIPPED', message: 'A later call of its record succeeded' };
    if (isEnded(status)) return { id, outcome: 'SKIPPED', message: `Its workflow ended: it is ${status}` };
    return { id, outcome: status, origin };
  } catch (error) {
    // Its recovery worker is away: it is looked at again.
    if (error instanceof NoAnswerError && !cancellationSignal.aborted) return undefined;
    if (!(error instanceof Error) || error.name !== 'DeadLetterNotFoundError') throw error;
    return { id, outcome: 'SKIPPED', message: error.message };
  }
}
