#!/usr/bin/env node
/** The command line `temporal-recovery`. */
import { run } from './run.js';

void run(process.argv.slice(2)).then((code) => {
  // What was asked of the server and nobody waits for any more would hold the process open.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
