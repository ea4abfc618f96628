import type { Command } from 'commander';
import { UsageError } from '../../exit-codes.js';
import { LETTER_NAME, letterIds } from '../../input/letter-id.js';
import { argumentList } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import { confirmLetters } from './letters-question.js';
import { type Attribution, addAttributionFlags, replayLetters } from './requests.js';

interface Options extends Attribution {
  readonly args?: readonly unknown[];
  readonly force?: boolean;
  readonly wait: boolean;
  readonly yes?: boolean;
}

export function addReplay(dlq: Command, run: Runner): void {
  const replay = dlq
    .command('replay')
    .description('run the activity of a dead letter again and wait for the outcome')
    .argument('<id...>', `each: ${LETTER_NAME}`);
  addAttributionFlags(replay)
    .option('--args <json>', 'other arguments, all of them: a JSON array, or @file', argumentList('--args'))
    .option('--force', 'although its circuit breaker is open')
    .option('--no-wait', 'send it as a signal: works while no recovery worker runs, tells no outcome')
    .option('-y, --yes', 'do not ask before several letters are replayed')
    .addHelpText('after', '\nMany letters of one cause: temporal-recovery dlq redrive --group <fingerprint>')
    .action((given: string[], { yes, wait, ...request }: Options, command: Command) =>
      run(command, async (session) => {
        const ids = await letterIds(session, given);
        if (ids.length > 1 && request.args !== undefined)
          throw new UsageError(
            '--args is for one letter; several letters are changed by dlq redrive --patch',
          );
        await confirmLetters(session, 'Replay', ids, yes);
        const { answers, exitCode } = await replayLetters(session, ids, request, wait);
        session.output.answer(answers, () => []);
        return exitCode;
      }),
    );
}
