import type { Command } from 'commander';
import type { Runner } from '../../runner.js';
import { addGroupOrders } from './group/orders.js';
import { addGroupShow } from './group/show.js';

export function addGroup(dlq: Command, run: Runner): void {
  const group = dlq
    .command('group')
    .description(
      'one group: the dead letters of one cause in one queue, and what is done with the next ones',
    );
  addGroupShow(group, run);
  addGroupOrders(group, run);
}
