import { type Command, Option } from 'commander';
import { BREAKER_STATUSES, type BreakerStatus } from '../../../common/circuit-breaker/index.js';
import { oneOf, wholeNumber } from '../../input/values.js';
import { age } from '../../output/time.js';
import type { Runner } from '../../runner.js';
import { stateStyle } from './state-style.js';

interface Options {
  readonly status?: BreakerStatus;
  readonly limit: number;
}

export function addList(breaker: Command, run: Runner): void {
  breaker
    .command('list')
    .description('list circuit breakers by name')
    .addOption(
      new Option('--status <status>', `one of ${BREAKER_STATUSES.join(', ')}`).argParser(
        oneOf('--status', BREAKER_STATUSES),
      ),
    )
    .option('--limit <n>', 'maximum number of breakers', wholeNumber('--limit', 1), 1_000)
    .action((options: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const found = await recovery.breakers.list(options);
        output.answer(found, () =>
          found.length === 0
            ? ['No circuit breakers: one is made when a worker first sees its service fail']
            : output.table(found, [
                {
                  title: 'STATE',
                  cell: ({ status }) => status,
                  colour: (text, { status }) => stateStyle(output, status, text),
                },
                { title: 'SINCE', cell: ({ since }) => age(since), align: 'right' },
                { title: 'WHY', cell: ({ why }) => why, cutTo: 30 },
                { title: 'NAME', cell: ({ name }) => name },
              ]),
        );
      }),
    );
}
