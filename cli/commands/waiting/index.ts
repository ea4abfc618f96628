import type { Command } from 'commander';
import type { Runner } from '../../runner.js';
import { addList } from './list.js';
import { addWake } from './wake.js';

export function addWaiting(program: Command, run: Runner): void {
  const waiting = program
    .command('waiting')
    .description(
      'Calls that wait at the server for a circuit breaker, a limit, a quota or the end of an outage',
    );
  addList(waiting, run);
  addWake(waiting, run);
}
