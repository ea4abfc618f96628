import type { Command } from 'commander';
import type { Runner } from '../../runner.js';
import { addList } from './list.js';
import { addOrders } from './orders.js';
import { addResume } from './resume.js';
import { addShow } from './show.js';

export function addBreaker(program: Command, run: Runner): void {
  const breaker = program.command('breaker').description('Circuit breakers of the fleet');
  addList(breaker, run);
  addShow(breaker, run);
  addOrders(breaker, run);
  addResume(breaker, run);
}
