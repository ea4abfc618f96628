import type { Command } from 'commander';
import type { RequestOutcome } from '../../../../common/dead-letter/record.js';
import { oneLine } from '../../../../common/text.js';
import type { DeadLetterHandle } from '../../../dead-letters/handle.js';
import { untilReplayed } from '../../../dead-letters/until-replayed.js';
import { answered } from '../../answered.js';
import { ExitCode } from '../../exit-codes.js';
import { reasonOf } from '../../failure.js';
import { inParallel } from '../../in-parallel.js';
import type { Session } from '../../session.js';
import { shortId } from './columns.js';

/** Who and why, for whoever reads the story later. */
export interface Signed {
  readonly by?: string;
  readonly reason?: string;
}

export function addSignedFlags(command: Command): Command {
  return command
    .option('--by <name>', 'who does it (default: you@host, or --identity)')
    .option('--reason <text>', 'why; it stays in the story');
}

/** What became of a request to one letter; `outcome` SENT where nobody waited, ERROR where it was not taken. */
export interface LetterAnswer extends Omit<Partial<RequestOutcome>, 'outcome'> {
  readonly id: string;
  readonly outcome: RequestOutcome['outcome'] | 'SENT' | 'ERROR';
}

/** An update answers within 20 seconds, or says that it goes on. */
const UPDATE_LIMIT_MS = 60_000;
const AT_ONCE = 5;

/** Does `ask` with each letter, tells each outcome as it comes. @returns FAILED where one of them did not go well */
export async function askLetters(
  session: Session,
  ids: readonly string[],
  ask: (letter: DeadLetterHandle) => Promise<RequestOutcome | undefined>,
): Promise<{ answers: LetterAnswer[]; exitCode: ExitCode }> {
  const answers = await inParallel(ids, AT_ONCE, async (id): Promise<LetterAnswer> => {
    const answer = await askLetter(session, id, ask, ids.length === 1);
    session.output.say(answerLine(session, answer));
    return answer;
  });
  const wentWell = answers.every(({ outcome }) => GOOD.includes(outcome));
  return { answers, exitCode: wentWell ? ExitCode.DONE : ExitCode.FAILED };
}

/** HELD is no failure: the letter replays by itself when its circuit breaker closes. */
const GOOD: readonly LetterAnswer['outcome'][] = ['REPLAYED', 'RESOLVED', 'DISCARDED', 'HELD', 'SENT'];

async function askLetter(
  session: Session,
  id: string,
  ask: (letter: DeadLetterHandle) => Promise<RequestOutcome | undefined>,
  alone: boolean,
): Promise<LetterAnswer> {
  const letter = session.recovery.deadLetters.get(id);
  try {
    const outcome = await answered(session, id, () => ask(letter), UPDATE_LIMIT_MS);
    if (outcome === undefined) return { id, outcome: 'SENT' };
    if (outcome.outcome !== 'RUNNING') return { id, ...outcome };
    session.output.note(
      `${oneLine(shortId(id))} is still being replayed; Ctrl-C stops waiting, not the replay`,
    );
    return { id, ...(await untilReplayed(() => answered(session, id, () => letter.state()))) };
  } catch (error) {
    // One of many must not keep the others from being done.
    if (alone) throw error;
    return { id, outcome: 'ERROR', message: reasonOf(error) };
  }
}

const MEANING: Partial<Record<LetterAnswer['outcome'], string>> = {
  FAILED: 'failed again, and waits as before',
  HELD: 'held by its circuit breaker; it replays by itself when that closes',
  SKIPPED: 'skipped',
  SENT: 'sent; nobody waited for the outcome',
};

function answerLine({ output }: Session, { id, outcome, message }: LetterAnswer): string {
  const style = GOOD.includes(outcome) ? 'green' : 'red';
  const parts = [MEANING[outcome], message].filter(Boolean).map((part) => oneLine(String(part)));
  return `${output.style(style, outcome.padEnd(9))}  ${oneLine(shortId(id))}${parts.length === 0 ? '' : `  ${parts.join(': ')}`}`;
}
