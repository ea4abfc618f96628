#!/usr/bin/env node
/** The command line `temporal-recovery`. */
import { run } from './run.js';

// Whoever reads may stop early, such as `head`: what was asked for is done all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

void run(process.argv.slice(2)).then((code) => {
  // What was asked of the server and nobody waits for any more would hold the process open.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
