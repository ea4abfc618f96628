import type { Command } from 'commander';
import type { DeadLetterSummary } from '../../../client/dead-letter/listing.js';
import { wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import { letterColumns } from './columns.js';
import { addFilterFlags, type FilterFlags, filterOf } from './filter-flags.js';

const DEFAULT_LIMIT = 50;

interface Options extends FilterFlags {
  readonly all?: boolean;
  readonly limit: number;
}

export function addList(dlq: Command, run: Runner): void {
  const list = dlq.command('list').description('list dead letters that are open, the newest first');
  addFilterFlags(list)
    .option('--all', 'the closed ones too; --status names one status, open or closed')
    .option('--limit <n>', 'maximum number of letters, the newest', wholeNumber('--limit', 0), DEFAULT_LIMIT)
    .action((options: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const { all, status } = options;
        const openOnly = !all && status === undefined;
        const filter = { ...filterOf(options), ...(openOnly ? { open: true } : {}) };
        const letters = await recovery.deadLetters.list({ ...filter, limit: options.limit });
        const total =
          letters.length < options.limit ? letters.length : await recovery.deadLetters.count(filter);
        output.answer(letters, () => [
          ...(letters.length === 0 ? [] : output.table(letters, letterColumns(output, letters))),
          footer(letters.length, total, openOnly),
          ...unreadable(letters),
        ]);
      }),
    );
}

function footer(shown: number, total: number, openOnly: boolean): string {
  const kind = openOnly ? 'open ' : '';
  const more = openOnly ? '; --all shows the closed ones too' : '';
  if (total === 0) return `No ${kind || 'dead '}letters match${more}`;
  const noun = `${kind}${total === 1 ? 'letter' : 'letters'}`;
  return shown >= total
    ? `${total} ${noun}${more}`
    : `The newest ${shown} of ${total} ${noun}; --limit shows more`;
}

/** The memo of a letter always says where it comes from. */
function unreadable(letters: readonly DeadLetterSummary[]): string[] {
  const count = letters.filter(({ originWorkflowId }) => originWorkflowId === undefined).length;
  if (count === 0) return [];
  return [
    `${count} of them are encoded: their messages need --data-converter, the module with your workers’ data converter`,
  ];
}
