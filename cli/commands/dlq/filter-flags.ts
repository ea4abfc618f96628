import { type Command, Option } from 'commander';
import type { DeadLetterFilter } from '../../../client/dead-letter/filter.js';
import { DeadLetterStatus } from '../../../common/dead-letter/record.js';
import { ErrorCategory } from '../../../common/errors/index.js';
import { oneOf, repeatable, time } from '../../input/values.js';

/** Flags of a command that say which letters. */
export interface FilterFlags extends Omit<DeadLetterFilter, 'tags' | 'open'> {
  readonly tag?: readonly string[];
}

/** Which letters: several conditions must all hold. */
export function addFilterFlags(command: Command): Command {
  return command
    .optionsGroup('Which letters (all conditions must hold):')
    .option('--queue <name>', 'of this dead-letter queue')
    .addOption(
      new Option('--category <category>', `one of ${Object.values(ErrorCategory).join(', ')}`).argParser(
        oneOf('--category', Object.values(ErrorCategory)),
      ),
    )
    .option('--operation <name>', 'of this activity type, or operation')
    .option('--group <fingerprint>', 'of the same cause, as `dlq groups` and `dlq list --json` tell it')
    .option(
      '--correlation-id <id>',
      'whose error has this correlation id; reads all letters that meet the other conditions, at most 100,000',
    )
    .option('--tag <tag>', 'with this tag, such as customer:42; several: with all of them', repeatable)
    .addOption(
      new Option('--status <status>', `one of ${Object.values(DeadLetterStatus).join(', ')}`).argParser(
        oneOf('--status', Object.values(DeadLetterStatus)),
      ),
    )
    .option(
      '--since <time>',
      'written at this time or later: 2026-01-31T08:00:00Z, or how long ago: 2h',
      time('--since'),
    )
    .option('--until <time>', 'written before this time', time('--until'));
}

/** What of a command's options is the filter. */
export function filterOf(options: FilterFlags): DeadLetterFilter {
  const { queue, category, operation, group, correlationId, tag, status, since, until } = options;
  const all = { queue, category, operation, group, correlationId, tags: tag, status, since, until };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function hasFilter(options: FilterFlags): boolean {
  return Object.keys(filterOf(options)).length > 0;
}
