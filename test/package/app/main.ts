// `node main.js PATH_OF_WORKFLOWS`
import { resolve } from 'node:path';
import { replayOne } from './program.js';

replayOne(resolve(process.argv[2] ?? '')).then(
  (outcome) => console.log(`Node ${process.version}, outcome: ${outcome}`),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
