import type { Command } from 'commander';
import { LETTER_NAME } from '../../input/letter-id.js';
import type { Runner } from '../../runner.js';
import { addCloseFlags, type CloseOptions, closeLetters } from './close.js';

export function addDiscard(dlq: Command, run: Runner): void {
  const discard = dlq
    .command('discard')
    .description('close dead letters whose work need not be done')
    .argument('[id...]', `each: ${LETTER_NAME}`);
  addCloseFlags(discard).action((ids: string[], options: CloseOptions, command: Command) =>
    run(command, (session) =>
      closeLetters(session, ids, options, {
        ...{ action: 'discard', verb: 'Discard' },
        one: (letter, attribution) => letter.discard(attribution),
      }),
    ),
  );
}
