import type { Command } from 'commander';

export interface Which {
  readonly query?: string;
}

export function withWhich(command: Command): Command {
  return command
    .argument('[name]', 'of a circuit breaker or limit; without it, of all')
    .option(
      '--query <query>',
      'looks only into these workflows: a visibility query (default: all that run; a request for each)',
    );
}
