import { type Command, Option } from 'commander';
import { oneLine } from '../../../common/text/text.js';
import { answered } from '../../answered.js';
import { UsageError } from '../../exit-codes.js';
import { confirm, requireTerminal } from '../../input/confirm.js';
import { EditableArguments } from '../../input/editable-arguments.js';
import { editText } from '../../input/editor.js';
import { LETTER_NAME, letterId } from '../../input/letter-id.js';
import { argumentList } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import type { Session } from '../../session.js';
import { withoutPrefix } from './columns.js';
import { type Attribution, addAttributionFlags, replayLetters } from './requests.js';

interface Options extends Attribution {
  readonly args?: readonly unknown[];
  readonly argsFile?: readonly unknown[];
  readonly force?: boolean;
  readonly wait: boolean;
  readonly yes?: boolean;
}

export function addEdit(dlq: Command, run: Runner): void {
  const edit = dlq
    .command('edit')
    .description('edit the arguments of a dead letter in $VISUAL or $EDITOR and replay it with them')
    .argument('<id>', LETTER_NAME);
  addAttributionFlags(edit)
    .option(
      '--args <json>',
      'no editor: these arguments, a JSON array with all of them',
      argumentList('--args'),
    )
    .addOption(
      new Option('--args-file <path>', 'no editor: the arguments are in this file (- is stdin)').argParser(
        (path: string) => argumentList('--args-file')(`@${path}`),
      ),
    )
    .option('--force', 'although its circuit breaker is open')
    .option('--no-wait', 'send it as a signal, which tells no outcome')
    .option('-y, --yes', 'do not ask before it is replayed')
    .action((given: string, options: Options, command: Command) =>
      run(command, async (session) => {
        const { by, reason, force, wait, yes } = options;
        const id = await letterId(session, given);
        const args = await newArguments(session, id, options);
        if (args === undefined) {
          session.output.answer([], () => ['The arguments are as they were; nothing was done']);
          return undefined;
        }
        if (options.args === undefined && options.argsFile === undefined)
          await confirm({ question: question(id), yes });
        const request = { args, by, reason, force };
        const { answers, exitCode } = await replayLetters(session, [id], request, wait);
        session.output.answer(answers, () => []);
        return exitCode;
      }),
    );
}

function question(id: string): string {
  return `Replay ${oneLine(withoutPrefix(id))} with the edited arguments?`;
}

async function newArguments(
  session: Session,
  id: string,
  { args, argsFile, yes }: Options,
): Promise<readonly unknown[] | undefined> {
  if (args !== undefined && argsFile !== undefined)
    throw new UsageError('Either --args or --args-file, not both');
  if (args !== undefined || argsFile !== undefined) return args ?? argsFile;
  // Before somebody has worked in the editor for nothing.
  if (!yes) requireTerminal(question(id));
  const letter = session.recovery.deadLetters.get(id);
  const { args: original, record } = await answered(session, id, () => letter.describe());
  if (original.length !== record.argumentCount) {
    throw new UsageError(
      `The arguments cannot be edited: ${original.length} of ${record.argumentCount} are in the letter's history. Give all of them with --args or --args-file`,
    );
  }
  const editable = new EditableArguments(original);
  return editText(editable.text, (text) => editable.read(text));
}
