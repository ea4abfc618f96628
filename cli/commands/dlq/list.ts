import type { Command } from 'commander';
import type { DeadLetterFilter } from '../../../client/dead-letter/filter.js';
import type { DeadLetterSummary } from '../../../client/dead-letter/listing.js';
import { wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import { letterColumns } from './columns.js';
import { addFilterFlags, filterOf } from './filter-flags.js';

const DEFAULT_LIMIT = 50;

interface Options extends DeadLetterFilter {
  readonly limit: number;
}

export function addList(dlq: Command, run: Runner): void {
  const list = dlq.command('list').description('list dead letters, the newest first, whatever their status');
  addFilterFlags(list)
    .option('--limit <n>', 'at most so many, the newest', wholeNumber('--limit', 0), DEFAULT_LIMIT)
    .action((options: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const filter = filterOf(options);
        const letters = await recovery.deadLetters.list({ ...filter, limit: options.limit });
        const total =
          letters.length < options.limit ? letters.length : await recovery.deadLetters.count(filter);
        output.answer(letters, () => [
          ...(letters.length === 0 ? [] : output.table(letters, letterColumns(output, letters))),
          footer(letters.length, total),
          ...unreadable(letters),
        ]);
      }),
    );
}

function footer(shown: number, total: number): string {
  if (total === 0) return 'No dead letters match';
  const noun = total === 1 ? 'letter' : 'letters';
  return shown >= total ? `${total} ${noun}` : `The newest ${shown} of ${total} ${noun}; --limit shows more`;
}

/** The memo of a letter always says where it comes from. */
function unreadable(letters: readonly DeadLetterSummary[]): string[] {
  const count = letters.filter(({ originWorkflowId }) => originWorkflowId === undefined).length;
  if (count === 0) return [];
  return [
    `${count} of them are encoded: their messages need --data-converter, the module with your workers’ data converter`,
  ];
}
