import type { Command } from 'commander';
import type { Runner } from '../../runner.js';
import { addClear, addSet } from './change.js';
import { addList } from './list.js';
import { addQueue } from './queue.js';
import { addShow } from './show.js';

export function addLimit(program: Command, run: Runner): void {
  const limit = program.command('limit').description('Known limits of services, which workers keep together');
  addList(limit, run);
  addShow(limit, run);
  addSet(limit, run);
  addClear(limit, run);
  addQueue(limit, run);
}
