import { createInterface } from 'node:readline/promises';
import { CliError, ExitCode, UsageError } from '../exit-codes.js';

export interface Confirmation {
  /** What will be done, with the number of what it changes: "Replay 12 letters?" */
  readonly question: string;
  /** `--yes` */
  readonly yes?: boolean;
}

/**
 * The one rule: it is asked before more than one thing changes, and before calls go on without protection. `--yes` answers.
 * Without a terminal it is never asked: the command refuses.
 *
 * Returns where somebody agreed.
 * @throws UsageError without a terminal, CliError if the answer was no
 */
export async function confirm({ question, yes }: Confirmation): Promise<void> {
  if (yes) return;
  requireTerminal(question);
  if (!(await ask(`${question} [y/N] `, false))) throw new CliError('Nothing was done', ExitCode.FAILED);
}

/** @throws UsageError */
export function requireTerminal(question: string): void {
  if (canAsk()) return;
  throw new UsageError(`${question} There is no terminal to answer on: give --yes. Nothing was done`);
}

export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on stderr, so that what stdout is piped to never sees it. */
export async function ask(prompt: string, enter: boolean): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D close it without an answer.
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('no')));
  try {
    const answer = await Promise.race([terminal.question(prompt), closed]);
    return answer.trim() === '' ? enter : /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
