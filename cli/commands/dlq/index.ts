import type { Command } from 'commander';
import type { Runner } from '../../runner.js';
import { addDiscard } from './discard.js';
import { addEdit } from './edit.js';
import { addGroup } from './group.js';
import { addGroups } from './groups.js';
import { addImport } from './import.js';
import { addList } from './list.js';
import { addRedrive } from './redrive.js';
import { addReplay } from './replay.js';
import { addResolve } from './resolve.js';
import { addRestore } from './restore.js';
import { addShow } from './show.js';

export function addDlq(program: Command, run: Runner): void {
  const dlq = program.command('dlq').description('Dead letters: activity calls that failed for good');
  for (const add of [addList, addShow, addEdit, addReplay, addRedrive, addResolve, addDiscard, addGroups])
    add(dlq, run);
  addGroup(dlq, run);
  addRestore(dlq, run);
  addImport(dlq, run);
}
