import type { Command } from 'commander';
import { LETTER_NAME, letterIds } from '../../input/letter-id.js';
import type { Runner } from '../../runner.js';
import { confirmLetters } from './letters-question.js';
import { type Attribution, addAttributionFlags, askLetters } from './requests.js';

interface Options extends Attribution {
  readonly yes?: boolean;
}

export function addRestore(dlq: Command, run: Runner): void {
  const restore = dlq
    .command('restore')
    .description(
      'start dead letters again that were discarded, expired, or whose workflow was terminated, failed or timed out',
    )
    .argument('<id...>', `each: ${LETTER_NAME}`);
  addAttributionFlags(restore)
    .option('-y, --yes', 'do not ask before several letters are restored')
    .addHelpText('after', '\nWhich they are: temporal-recovery dlq list --status TERMINATED')
    .action((given: string[], { by, reason, yes }: Options, command: Command) =>
      run(command, async (session) => {
        const ids = await letterIds(session, given);
        await confirmLetters(session, 'Restore', ids, yes);
        const { answers, exitCode } = await askLetters(session, ids, (letter) =>
          letter.restore({ by, reason }),
        );
        session.output.answer(answers, () => []);
        return exitCode;
      }),
    );
}
