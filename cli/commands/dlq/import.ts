import type { Command } from 'commander';
import { DeadLetterQueue } from '../../../apilinker/dead-letter-queue.js';
import { exists } from '../../../client/dead-letter/find.js';
import { oneLine } from '../../../common/text/text.js';
import { ExitCode } from '../../exit-codes.js';
import { exitCodeOf, reasonOf } from '../../failure.js';
import { type ApiLinkerItem, type ReadItem, readApiLinkerItems } from '../../input/api-linker-items.js';
import type { Runner } from '../../runner.js';
import type { Outcome, Session } from '../../session.js';
import { withoutPrefix } from './columns.js';

interface Options {
  readonly activity: string;
  readonly activityTaskQueue: string;
  readonly queue?: string;
  readonly operation?: string;
  readonly dryRun?: boolean;
}

/** What became of one file; `id` is that of its dead letter. */
interface Imported {
  readonly file: string;
  readonly outcome: 'IMPORTED' | 'WOULD_IMPORT' | 'SKIPPED' | 'ERROR';
  readonly id?: string;
  readonly message?: string;
}

const COLOURS = { IMPORTED: 'green', WOULD_IMPORT: 'cyan', SKIPPED: 'dim', ERROR: 'red' } as const;

export function addImport(dlq: Command, run: Runner): void {
  dlq
    .command('import')
    .description('make dead letters of the files in the dlq/ directory of APILinker, each file once')
    .argument('<dir>', 'the directory; files in its processed/ are left out')
    .requiredOption('--activity <type>', 'activity that replays an item: it gets the payload')
    .requiredOption('--activity-task-queue <name>', 'task queue of the workers that have the activity')
    .option('--queue <name>', 'dead-letter queue of the letters (default: default)')
    .option('--operation <type>', 'only items of this operation type, such as target_create_item')
    .option('--dry-run', 'only report what would be imported')
    .addHelpText(
      'after',
      '\nThe files stay as they are. The letters wait for a replay: nothing is run by the import. A file that was imported before,\nwith the same activity, queue and content, is not imported again, whatever has become of its letter, as long as the server\nkeeps it (closed letters: the retention of the namespace).',
    )
    .action((directory: string, options: Options, command: Command) =>
      run(command, (session) => importItems(session, directory, options)),
    );
}

async function importItems(session: Session, directory: string, options: Options): Promise<Outcome> {
  const { output, client, recoveryTaskQueue: taskQueue } = session;
  const { activity, activityTaskQueue, queue } = options;
  const letters = new DeadLetterQueue(client, { activity, activityTaskQueue, queue, taskQueue });
  const done: Imported[] = [];
  for (const read of readApiLinkerItems(directory)) {
    const { item, file } = read;
    if (item !== undefined && options.operation !== undefined && item.operationType !== options.operation) {
      continue;
    }
    const imported = await importOne(session, letters, read, options.dryRun === true);
    const { outcome, id, message } = imported;
    const parts = [file, id === undefined ? undefined : withoutPrefix(id), message].filter((part) => part);
    output.say(
      `${output.style(COLOURS[outcome], outcome.padEnd(12))}  ${parts.map((part) => oneLine(String(part))).join('  ')}`,
    );
    done.push(imported);
  }
  output.answer(done, () => [summary(done)]);
  return done.some(({ outcome }) => outcome === 'ERROR') ? ExitCode.FAILED : undefined;
}

/** @throws what says that the server cannot be reached: it cannot be for the next file either */
async function importOne(
  { client }: Session,
  letters: DeadLetterQueue,
  { file, item, problem }: ReadItem,
  dryRun: boolean,
): Promise<Imported> {
  if (item === undefined) return { file, outcome: 'ERROR', message: problem };
  const { error, payload, text: once } = item;
  const metadata = metadataOf(file, item);
  const id = letters.itemId(error, metadata, once);
  try {
    if (await exists(client, id)) return { file, id, outcome: 'SKIPPED', message: 'imported before' };
    if (dryRun) return { file, id, outcome: 'WOULD_IMPORT' };
    await letters.addItem(error, payload, metadata, { once });
    return { file, id, outcome: 'IMPORTED' };
  } catch (failure) {
    if (exitCodeOf(failure) === ExitCode.UNREACHABLE) throw failure;
    return { file, outcome: 'ERROR', message: reasonOf(failure) };
  }
}

function metadataOf(file: string, { id, metadata, operationType }: ApiLinkerItem): Record<string, unknown> {
  const { operation_type: _, ...rest } = metadata;
  return {
    ...rest,
    ...(operationType === undefined ? {} : { operationType }),
    importedFrom: { file, id },
  };
}

function summary(done: readonly Imported[]): string {
  if (done.length === 0) return 'No items to import: there are no .json files that match';
  const count = (outcome: Imported['outcome']) => done.filter((each) => each.outcome === outcome).length;
  const parts: [number, string][] = [
    [count('IMPORTED'), 'imported'],
    [count('WOULD_IMPORT'), 'would be imported'],
    [count('SKIPPED'), 'imported before'],
    [count('ERROR'), 'not imported'],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, words]) => `${number} ${words}`)
    .join(', ');
}
