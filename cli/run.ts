import { CommanderError } from 'commander';
import { ExitCode } from './exit-codes.js';
import { reportFailure } from './failure.js';
import { formatAskedFor, isJson } from './output/format.js';
import { createProgram } from './program.js';

/** Runs one command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const format = formatAskedFor(argv);
  let code: ExitCode = ExitCode.DONE;
  const program = createProgram(isJson(format), async (command, work) => {
    const { withSession } = await import('./session.js');
    code = await withSession(command, work);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.DONE;
    return reportFailure(error, format);
  }
}
