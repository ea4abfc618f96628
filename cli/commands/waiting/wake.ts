import type { Command } from 'commander';
import { oneLine } from '../../../common/text/text.js';
import { confirm } from '../../input/confirm.js';
import type { Runner } from '../../runner.js';
import { type Which, withWhich } from './which.js';

interface Options extends Which {
  readonly yes?: boolean;
}

export function addWake(waiting: Command, run: Runner): void {
  withWhich(
    waiting
      .command('wake')
      .description('let calls that wait try now; what still stands in their way rejects them again'),
  )
    .option('-y, --yes', 'do not ask first')
    .action((name: string | undefined, { yes, ...which }: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const whose = name === undefined ? '' : ` for "${oneLine(name)}"`;
        await confirm({ question: `Wake all calls that wait${whose}?`, yes });
        const woken = await recovery.waiting.wake({ name, ...which });
        output.answer({ woken }, () => [`${woken} ${woken === 1 ? 'call' : 'calls'} woken`]);
      }),
    );
}
