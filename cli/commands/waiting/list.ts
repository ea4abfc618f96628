import type { Command } from 'commander';
import { wholeNumber } from '../../input/values.js';
import { fromNow } from '../../output/time.js';
import type { Runner } from '../../runner.js';
import { type Which, withWhich } from './which.js';

interface Options extends Which {
  readonly limit: number;
}

export function addList(waiting: Command, run: Runner): void {
  withWhich(waiting.command('list').description('list calls that wait, when they go on, and why they wait'))
    .option('--limit <n>', 'maximum number of calls', wholeNumber('--limit', 1), 100)
    .action((name: string | undefined, options: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const found = await recovery.waiting.list({ name, ...options });
        output.answer(found, () =>
          found.length === 0
            ? ['No calls wait']
            : output.table(found, [
                { title: 'NEXT', cell: ({ nextAttemptAt }) => nextAttemptAt && fromNow(nextAttemptAt) },
                { title: 'NAME', cell: ({ breaker }) => breaker, cutTo: 12 },
                { title: 'ACTIVITY', cell: ({ activityType }) => activityType, cutTo: 12 },
                { title: 'WORKFLOW', cell: ({ workflowId }) => workflowId, cutTo: 16 },
                { title: 'WHY', cell: ({ why }) => why, cutTo: 20 },
              ]),
        );
        if (found.length === options.limit) output.note(`The first ${found.length}; --limit shows more`);
      }),
    );
}
