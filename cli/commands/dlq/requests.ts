import type { Command } from 'commander';
import type { DeadLetterHandle } from '../../../client/dead-letter/handle.js';
import { untilReplayed } from '../../../client/dead-letter/until-replayed.js';
import { inParallel } from '../../../client/in-parallel.js';
import type { RequestOutcome, RestoreOutcome } from '../../../common/dead-letter/record.js';
import type { ReplayRequest } from '../../../common/dead-letter/requests.js';
import { shortLetterId } from '../../../common/dead-letter/short-id.js';
import { oneLine } from '../../../common/text/text.js';
import { answered } from '../../answered.js';
import { ExitCode } from '../../exit-codes.js';
import { exitCodeOf, reasonOf } from '../../failure.js';
import type { Session } from '../../session.js';
import { withoutPrefix } from './columns.js';
import { ReplayProgress } from './replay-progress.js';

/** Author and reason, for the readers of the story. */
export interface Attribution {
  readonly by?: string;
  readonly reason?: string;
}

export function addAttributionFlags(command: Command): Command {
  return command
    .option('--by <name>', 'who does it (default: you@host, or --identity)')
    .option('--reason <text>', 'why; it stays in the story');
}

/** What became of a request to one letter; `outcome` is SENT without a wait, ERROR if it was not accepted. */
export interface LetterAnswer extends Omit<Partial<RequestOutcome>, 'outcome'> {
  readonly id: string;
  readonly outcome: (RequestOutcome | RestoreOutcome)['outcome'] | 'SENT' | 'ERROR';
}

/** An update answers within 20 seconds, or says that it goes on. */
const UPDATE_LIMIT_MS = 60_000;
const AT_ONCE = 5;

interface Asked {
  readonly answer: LetterAnswer;
  /** Of this letter alone. */
  readonly exitCode: ExitCode;
}

/**
 * Does `ask` with each letter, tells each outcome as it comes.
 * @returns FAILED if one of them failed, UNREACHABLE if missing answers are the only failures
 */
export async function askLetters(
  session: Session,
  ids: readonly string[],
  ask: (letter: DeadLetterHandle) => Promise<RequestOutcome | RestoreOutcome | undefined>,
  /** It brings arguments of its own, which no letter that is held keeps. */
  edited = false,
  /** Called for each letter that is over, with what writes its answer. */
  ended = (tell: () => void) => tell(),
): Promise<{ answers: LetterAnswer[]; exitCode: ExitCode }> {
  const asked = await inParallel(ids, AT_ONCE, async (id): Promise<Asked> => {
    const { answer, error } = await askLetter(session, id, ask, ids.length === 1);
    const wentWell = isGood(answer, edited);
    ended(() => session.output.say(answerLine(session, answer, wentWell)));
    const unreachable = error !== undefined && exitCodeOf(error) === ExitCode.UNREACHABLE;
    return {
      answer,
      exitCode: wentWell ? ExitCode.DONE : unreachable ? ExitCode.UNREACHABLE : ExitCode.FAILED,
    };
  });
  const codes = asked.map(({ exitCode }) => exitCode);
  const worst = [ExitCode.FAILED, ExitCode.UNREACHABLE].find((code) => codes.includes(code));
  return { answers: asked.map(({ answer }) => answer), exitCode: worst ?? ExitCode.DONE };
}

/** Replays each letter; without `wait` by a signal, which tells no outcome. @returns as `askLetters` */
export async function replayLetters(
  session: Session,
  ids: readonly string[],
  request: ReplayRequest,
  wait: boolean,
) {
  const edited = request.args !== undefined;
  if (!wait) return askLetters(session, ids, (letter) => letter.signalReplay(request).then(), edited);
  const progress = session.output.json ? undefined : new ReplayProgress(ids.length);
  try {
    const ended = progress && ((tell: () => void) => progress.ended(tell));
    return await askLetters(session, ids, (letter) => letter.replay(request), edited, ended);
  } finally {
    progress?.stop();
  }
}

const GOOD: readonly LetterAnswer['outcome'][] = ['REPLAYED', 'RESOLVED', 'DISCARDED', 'RESTORED', 'SENT'];

/** HELD is no failure where the letter replays by itself when its circuit breaker closes: as it was, not edited. */
function isGood({ outcome, status }: LetterAnswer, edited: boolean): boolean {
  return outcome === 'HELD' ? status === 'HELD' && !edited : GOOD.includes(outcome);
}

async function askLetter(
  session: Session,
  id: string,
  ask: (letter: DeadLetterHandle) => Promise<RequestOutcome | RestoreOutcome | undefined>,
  alone: boolean,
): Promise<{ answer: LetterAnswer; error?: unknown }> {
  const letter = session.recovery.deadLetters.get(id);
  try {
    const outcome = await answered(session, id, () => ask(letter), UPDATE_LIMIT_MS);
    if (outcome === undefined) return { answer: { id, outcome: 'SENT' } };
    if (outcome.outcome !== 'RUNNING') return { answer: { id, ...outcome } };
    const over = await untilReplayed(() => answered(session, id, () => letter.state()));
    return { answer: { id, ...over } };
  } catch (error) {
    // One of many must not keep the others from being done.
    if (alone) throw error;
    return { answer: { id, outcome: 'ERROR', message: reasonOf(error) }, error };
  }
}

const MEANING: Partial<Record<LetterAnswer['outcome'], string>> = {
  FAILED: 'failed again; it waits as before',
  HELD: 'held by its circuit breaker; it replays automatically when the breaker closes',
  SKIPPED: 'skipped',
  RESTORED: 'needs a decision again',
  SENT: 'sent; the outcome was not awaited',
};

function answerLine({ output }: Session, answer: LetterAnswer, wentWell: boolean): string {
  const { id, outcome, message, origin } = answer;
  const told = outcome === 'HELD' && !wentWell ? [turnedAway(answer)] : [MEANING[outcome], message];
  const parts = told.filter(Boolean).map((part) => oneLine(String(part)));
  const from = origin === undefined ? '' : `  (origin: ${origin})`;
  return `${output.style(wentWell ? 'green' : 'red', outcome.padEnd(9))}  ${shortLetterId(id)}  ${oneLine(withoutPrefix(id))}${parts.length === 0 ? '' : `  ${parts.join(': ')}`}${from}`;
}

function turnedAway({ breaker }: LetterAnswer): string {
  const which = breaker === undefined ? 'its circuit breaker' : `circuit breaker "${breaker}"`;
  return `not replayed: ${which} is open; send it again when that has closed, or with --force`;
}
