import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError, ExitCode, UsageError } from '../exit-codes.js';
import { ask, canAsk } from './confirm.js';

/**
 * Lets a person edit a text until `read` accepts it. Only that person can read the file. It is removed, unless it holds
 * work that could not be read and there is no terminal to edit it again.
 * @throws UsageError, CliError
 */
export async function editText<T>(text: string, read: (edited: string) => T): Promise<T> {
  const editor = editorCommand();
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-'));
  const file = join(folder, 'arguments.json');
  let keep = false;
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    for (;;) {
      await open(editor, file);
      try {
        return read(await readFile(file, 'utf8'));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        if (canAsk() && (await ask(`${error.message}. Edit again? [Y/n] `, true))) continue;
        keep = true;
        throw new UsageError(
          `${error.message}. Nothing was done; what was edited is in ${file}: mend it, give it as --args-file, and remove it`,
        );
      }
    }
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

function editorCommand(): string {
  const named = process.env.VISUAL || process.env.EDITOR;
  if (named) return named;
  if (canAsk()) return process.platform === 'win32' ? 'notepad' : 'vi';
  throw new UsageError('There is no terminal for an editor: set $EDITOR, or give --args or --args-file');
}

/** As git does it: the variable may hold arguments, such as "code --wait", so a shell reads it. */
async function open(editor: string, file: string): Promise<void> {
  const child =
    process.platform === 'win32'
      ? spawn(`${editor} "${file}"`, { stdio: 'inherit', shell: true })
      : spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' });
  // Ctrl-C is the editor's own.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const [code, signal] = (await once(child, 'close').finally(() => process.off('SIGINT', ignore))) as [
    number | null,
    string | null,
  ];
  if (code === 0) return;
  throw new CliError(
    `The editor (${editor}) ended with ${signal ?? `exit code ${code}`}. Nothing was done`,
    ExitCode.FAILED,
  );
}
