#!/usr/bin/env node
/** The command line `temporal-recovery`. */
import { run } from './run.js';

// The reader may stop early, such as `head`: the command still does its work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

void run(process.argv.slice(2)).then((code) => {
  // A request to the server that no code awaits any more would hold the process open.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
