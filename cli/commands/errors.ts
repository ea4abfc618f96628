import type { Command } from 'commander';
import type { DeadLetterFilter } from '../../client/dead-letter/filter.js';
import { errorLines } from '../error-lines.js';
import { summariseErrors } from '../error-summary.js';
import { attemptLines, failedAttempts } from '../failed-attempts.js';
import { time, wholeNumber } from '../input/values.js';
import type { Runner } from '../runner.js';

interface Options {
  readonly queue?: string;
  readonly operation?: string;
  readonly since: Date;
  readonly limit: number;
}

const DEFAULT_LIMIT = 10_000;
const DAY_MS = 24 * 3_600_000;

export function addErrors(program: Command, run: Runner): void {
  program
    .command('errors')
    .description(
      'what goes wrong: failed attempts, dead letters by category, operation, cause and hour, and circuit breakers that are not closed',
    )
    .option(
      '--since <time>',
      'attempts and letters since this time, or within this duration (default: 24h)',
      time('--since'),
    )
    .option('--queue <name>', 'letters of this dead-letter queue, without attempts')
    .option('--operation <name>', 'of this activity type, or operation')
    .option(
      '--limit <n>',
      'maximum number of letters to read, the newest',
      wholeNumber('--limit', 1),
      DEFAULT_LIMIT,
    )
    .addHelpText(
      'after',
      '\nAttempts are counted by the workers, also those that were retried with success; at most those of 167 hours. Letters\nare calls that failed for good.',
    )
    .action(({ queue, operation, limit, since }: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const from = since ?? new Date(Date.now() - DAY_MS);
        const filter: DeadLetterFilter = {
          since: from,
          ...(queue === undefined ? {} : { queue }),
          ...(operation === undefined ? {} : { operation }),
        };
        const letters = await recovery.deadLetters.list({ ...filter, limit });
        const total = letters.length < limit ? letters.length : await recovery.deadLetters.count(filter);
        const breakers = (await recovery.breakers.list()).filter(({ status }) => status !== 'CLOSED');
        const attempts =
          queue === undefined
            ? await failedAttempts(recovery.errors, { from, operation }, (line) => output.note(line))
            : undefined;
        const summary = { ...summariseErrors(letters, from, new Date()), total, breakers };
        output.answer({ ...summary, ...(attempts === undefined ? {} : { attempts }) }, () => [
          ...(attempts === undefined ? [] : attemptLines(output, attempts)),
          ...errorLines(output, summary),
        ]);
      }),
    );
}
