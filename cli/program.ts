import type { Command } from 'commander';
import { CommandTree } from './command-tree.js';
import { addBreaker } from './commands/breaker/index.js';
import { addDlq } from './commands/dlq/index.js';
import { addErrors } from './commands/errors.js';
import { addLimit } from './commands/limit/index.js';
import { addSetup } from './commands/setup.js';
import { addWaiting } from './commands/waiting/index.js';
import { addWorker } from './commands/worker.js';
import { addGlobalFlags } from './connection/flags.js';
import type { Runner } from './runner.js';
import { packageVersion } from './version.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 did not go well, 2 bad usage (nothing was done), 3 server or recovery worker out of reach,
4 not found, 130 interrupted.`;

const GLOBAL_FLAGS = `
Flags of the connection, --output and others are taken by every command: temporal-recovery --help`;

/** @param json the caller that catches errors writes them as JSON */
export function createProgram(json: boolean, run: Runner): Command {
  const program = new CommandTree('temporal-recovery')
    .description('Dead letters, circuit breakers and limits of a Temporal namespace.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => (json ? undefined : write(text)) })
    .showHelpAfterError(json ? false : '(--help tells what is possible)')
    .addHelpText('after', EXIT_CODES)
    .addHelpText('afterAll', ({ command }) => (command.parent === null ? '' : GLOBAL_FLAGS));
  addGlobalFlags(program);
  addSetup(program, run);
  addWorker(program);
  addDlq(program, run);
  addBreaker(program, run);
  addLimit(program, run);
  addWaiting(program, run);
  addErrors(program, run);
  return program;
}
