import { CommanderError } from 'commander';
import { ExitCode } from './exit-codes.js';
import { reportFailure } from './failure.js';
import { createProgram } from './program.js';

/** Runs one command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const json = argv.includes('--json');
  let code: ExitCode = ExitCode.DONE;
  const program = createProgram(json, async (command, work) => {
    const { withSession } = await import('./session.js');
    code = await withSession(command, work);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.DONE;
    return reportFailure(error, json);
  }
}
