import type { Command } from 'commander';
import { wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import { groupColumns } from './columns.js';
import { addFilterFlags, type FilterFlags, filterOf } from './filter-flags.js';
import { groupRows } from './group/rows.js';

const DEFAULT_LIMIT = 20;

interface Options extends FilterFlags {
  readonly limit: number;
  readonly all?: boolean;
}

export function addGroups(dlq: Command, run: Runner): void {
  const groups = dlq
    .command('groups')
    .description(
      'dead letters by their cause, the largest groups first; without --status those that are open',
    );
  addFilterFlags(groups)
    .option('--limit <n>', 'maximum number of groups', wholeNumber('--limit', 0), DEFAULT_LIMIT)
    .option('--all', 'also groups that have no open letter')
    .action((options: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const { limit, all = false } = options;
        const found = await groupRows(recovery, filterOf(options), limit, all);
        output.answer(found, () =>
          found.length === 0
            ? ['No dead letters match']
            : [
                ...output.table(found, groupColumns(output, found)),
                '',
                'One group at a time: dlq group show …, dlq list --group …, dlq redrive --group …, dlq discard --group …',
              ],
        );
      }),
    );
}
