import type { Command } from 'commander';
import type { DeadLetterHandle } from '../../../client/dead-letter/handle.js';
import type { RequestOutcome } from '../../../common/dead-letter/record.js';
import { UsageError } from '../../exit-codes.js';
import { letterIds } from '../../input/letter-id.js';
import type { Outcome, Session } from '../../session.js';
import { addFilterFlags, type FilterFlags, filterOf, hasFilter } from './filter-flags.js';
import { confirmLetters } from './letters-question.js';
import { startAndWatch } from './redrive/start-and-watch.js';
import { type Attribution, addAttributionFlags, askLetters } from './requests.js';

export interface CloseOptions extends Attribution, FilterFlags {
  readonly query?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Flags of commands that close letters without their activity: some by id, or all that match. */
export function addCloseFlags(command: Command): Command {
  addAttributionFlags(command).option('-y, --yes', 'do not ask before several letters are closed');
  return addFilterFlags(command)
    .option('--query <query>', 'of those that match, only these: a visibility query')
    .option('--dry-run', 'with conditions: only tell which letters it would be');
}

/** How a command closes letters. */
export interface Closing {
  readonly action: 'resolve' | 'discard';
  readonly verb: string;
  readonly result?: unknown;
  one(letter: DeadLetterHandle, attribution: Attribution): Promise<RequestOutcome>;
}

/** By ids one request each; by conditions a redrive that takes the letters as they are at its start. */
export async function closeLetters(
  session: Session,
  given: readonly string[],
  options: CloseOptions,
  { action, verb, result, one }: Closing,
): Promise<Outcome> {
  const { by, reason, yes, query, dryRun } = options;
  const byCondition = hasFilter(options) || query !== undefined;
  if (byCondition === given.length > 0) {
    throw new UsageError(
      byCondition
        ? `${action}: either ids or conditions such as --group, not both`
        : `${action}: which letters? Give ids, or conditions such as --group`,
    );
  }
  if (byCondition) {
    const filter = filterOf(options);
    const request = {
      action,
      filter,
      query,
      dryRun,
      by,
      reason,
      ...(result === undefined ? {} : { result }),
    };
    return startAndWatch(session, request, { yes, verb });
  }
  const ids = await letterIds(session, given);
  await confirmLetters(session, verb, ids, yes);
  const { answers, exitCode } = await askLetters(session, ids, (letter) => one(letter, { by, reason }));
  session.output.answer(answers, () => []);
  return exitCode;
}
