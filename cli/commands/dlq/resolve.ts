import type { Command } from 'commander';
import { LETTER_NAME } from '../../input/letter-id.js';
import { json } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import { addCloseFlags, type CloseOptions, closeLetters } from './close.js';

interface Options extends CloseOptions {
  readonly result?: unknown;
}

export function addResolve(dlq: Command, run: Runner): void {
  const resolve = dlq
    .command('resolve')
    .description('close dead letters whose work was done by other means')
    .argument('[id...]', `each: ${LETTER_NAME}`)
    .option('--result <json>', 'stands for the result of the activity: JSON, or @file', json('--result'));
  addCloseFlags(resolve).action((ids: string[], options: Options, command: Command) =>
    run(command, (session) => {
      const { result } = options;
      return closeLetters(session, ids, options, {
        ...{ action: 'resolve', verb: 'Resolve', result },
        one: (letter, attribution) =>
          letter.resolve(result === undefined ? attribution : { ...attribution, result }),
      });
    }),
  );
}
