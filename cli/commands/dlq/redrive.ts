import { type Command, Option } from 'commander';
import { findDeadLetters } from '../../../client/dead-letter/find.js';
import type { StartRedriveOptions } from '../../../client/redrive/redrives.js';
import { DEAD_LETTER_ID_PREFIX } from '../../../common/contract.js';
import { ORIGIN_STATUSES, type OriginStatus } from '../../../common/dead-letter/origin-status.js';
import { isShortLetterId } from '../../../common/dead-letter/short-id.js';
import type { JsonPatchOperation } from '../../../common/redrive/types.js';
import { UsageError } from '../../exit-codes.js';
import { json, numberAbove, readText, severalOf, share, wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import type { Session } from '../../session.js';
import { addFilterFlags, type FilterFlags, filterOf, hasFilter } from './filter-flags.js';
import { addRedriveControl } from './redrive/control.js';
import { startAndWatch } from './redrive/start-and-watch.js';
import { type Attribution, addAttributionFlags } from './requests.js';

interface Options extends Attribution, FilterFlags {
  readonly query?: string;
  readonly idsFile?: string;
  readonly all?: boolean;
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly rate?: number;
  readonly concurrency?: number;
  readonly canary?: number;
  readonly maxFailureShare?: number;
  readonly patch?: unknown;
  readonly transformActivity?: string;
  readonly transformTaskQueue?: string;
  readonly force?: boolean;
  readonly skipOrigins?: readonly OriginStatus[];
  readonly id?: string;
  readonly detach?: boolean;
  readonly yes?: boolean;
}

export function addRedrive(dlq: Command, run: Runner): void {
  const redrive = dlq
    .command('redrive')
    .description('replay many dead letters by a workflow, and watch it; it goes on without this command')
    // Flags after the name of a sub-command are that command's.
    .enablePositionalOptions();
  addFilterFlags(redrive)
    .option('--query <query>', 'of those that match, only these: a visibility query')
    .option('--ids-file <path>', 'instead: whole ids or short ids, one a line (- is stdin)')
    .option('--all', 'instead: all letters that wait or are held')
    .option('--limit <n>', 'maximum number of letters, the oldest', wholeNumber('--limit', 1))
    .optionsGroup('How:')
    .option('--dry-run', 'only tell what would be done')
    .option('--rate <n>', 'letters a second at the most (default: 10)', numberAbove('--rate', 0))
    .option(
      '--concurrency <n>',
      'replays in flight at the same time (default: 10)',
      wholeNumber('--concurrency', 1),
    )
    .option(
      '--canary <n>',
      'number of letters to replay first; if one fails, it stops (default: 0)',
      wholeNumber('--canary', 0),
    )
    .option(
      '--max-failure-share <share>',
      'stops when a greater share than this has failed, of 10 letters or more; 1 is never (default: 0.5)',
      share('--max-failure-share'),
    )
    .option('--force', 'held letters too, although their circuit breaker is open')
    .option(
      '--skip-origins <list>',
      `not letters whose workflow is by now one of these: ${ORIGIN_STATUSES.join(', ')}`,
      severalOf('--skip-origins', ORIGIN_STATUSES),
    )
    .optionsGroup('Other arguments:')
    .option(
      '--patch <json>',
      'JSON Patch of the array of arguments, such as \'[{"op": "replace", "path": "/0/currency", "value": "EUR"}]\', or @file',
      json('--patch'),
    )
    .option(
      '--transform-activity <type>',
      'an activity of yours that gets the old arguments and returns the new ones',
    )
    .option('--transform-task-queue <name>', 'task queue of that activity (default: that of the letter’s)')
    .optionsGroup('Options:')
    .addOption(new Option('--id <name>', 'name of the redrive (default: generated)'))
    .option('--detach', 'do not watch it')
    .option('-y, --yes', 'do not ask before it starts');
  addAttributionFlags(redrive)
    .addHelpText('after', '\nLetters are listed once, at the start: what comes later is not in it.')
    .action((options: Options, command: Command) =>
      run(command, async (session) => {
        const { yes, detach } = options;
        const request = await withWholeIds(session, requestOf(options));
        return startAndWatch(session, request, { yes, detach, verb: 'Replay' });
      }),
    );
  addRedriveControl(redrive, run);
}

/** @throws UsageError */
function requestOf(options: Options): StartRedriveOptions {
  const { patch, transformActivity, transformTaskQueue } = options;
  const transform = {
    ...(patch === undefined ? {} : { patch: patch as JsonPatchOperation[] }),
    ...(transformActivity === undefined ? {} : { activity: transformActivity }),
    ...(transformTaskQueue === undefined ? {} : { taskQueue: transformTaskQueue }),
  };
  const { limit, dryRun, rate, concurrency, canary, maxFailureShare, force, skipOrigins } = options;
  const { by, reason, id } = options;
  const how = {
    limit,
    dryRun,
    rate,
    concurrency,
    canary,
    maxFailureShare,
    force,
    skipOrigins,
    by,
    reason,
    id,
  };
  return {
    ...lettersOf(options),
    ...(Object.keys(transform).length === 0 ? {} : { transform }),
    ...Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined)),
  };
}

/** A file has thousands of ids: only the short ones are looked up. */
async function withWholeIds({ client }: Session, request: StartRedriveOptions): Promise<StartRedriveOptions> {
  if (request.ids === undefined) return request;
  const short = request.ids.filter(isShortLetterId);
  const found = await findDeadLetters(client, short);
  const whole = new Map(short.map((name, at) => [name, found[at]]));
  const ids = request.ids.map(
    (id) => whole.get(id) ?? (id.startsWith(DEAD_LETTER_ID_PREFIX) ? id : `${DEAD_LETTER_ID_PREFIX}${id}`),
  );
  return { ...request, ids: [...new Set(ids)] };
}

function lettersOf(options: Options): StartRedriveOptions {
  const { query, idsFile, all } = options;
  const conditions = hasFilter(options) || query !== undefined;
  if ([conditions, idsFile !== undefined, all === true].filter(Boolean).length !== 1) {
    throw new UsageError(
      'redrive: which letters? Give either conditions such as --group, or --ids-file, or --all',
    );
  }
  if (idsFile === undefined) return { filter: filterOf(options), ...(query === undefined ? {} : { query }) };
  const ids = readText('--ids-file', idsFile)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (ids.length === 0) throw new UsageError('--ids-file: there is no id in it');
  return { ids };
}
