import type { Command } from 'commander';
import { wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';

export function addList(limit: Command, run: Runner): void {
  limit
    .command('list')
    .description('list limits in use, by name')
    .option('--limit <n>', 'maximum number of limits', wholeNumber('--limit', 1), 1_000)
    .action((options: { limit: number }, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const found = await recovery.limits.list(options);
        output.answer(found, () =>
          found.length === 0
            ? ['No limits: one is made at the first call of a worker whose option limits has it']
            : output.table(found, [
                { title: 'LIMIT', cell: ({ limit }) => limit },
                { title: 'CHANGED', cell: ({ changed }) => changed, cutTo: 30 },
                { title: 'NAME', cell: ({ name }) => name },
              ]),
        );
      }),
    );
}
