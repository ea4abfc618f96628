import type { Command } from 'commander';
import { UsageError } from '../../exit-codes.js';
import { repeatable } from '../../input/values.js';
import type { Runner } from '../../runner.js';

interface Options {
  readonly rate?: number | false;
  readonly keyRate?: number | false;
  readonly weight?: readonly string[];
  readonly reason?: string;
}

export function addQueue(limit: Command, run: Runner): void {
  limit
    .command('queue')
    .description(
      "set the server's own limits of a task queue: activity tasks a second, for all workers and for each fairness key",
    )
    .argument('<taskQueue>')
    .option('--rate <n>', 'activity tasks a second, or none', rateOrNone('--rate'))
    .option(
      '--key-rate <n>',
      'activity tasks a second of each fairness key, or none',
      rateOrNone('--key-rate'),
    )
    .option(
      '--weight <key=n>',
      'weight of a fairness key, or key=none; may be given several times',
      repeatable,
    )
    .option('--reason <text>', 'why; the server keeps it')
    .action((taskQueue: string, { rate, keyRate, weight = [], reason }: Options, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const request = {
          taskQueue,
          ...(rate === undefined ? {} : { tasksPerSecond: rate }),
          ...(keyRate === undefined ? {} : { tasksPerSecondOfEachKey: keyRate }),
          ...(weight.length === 0 ? {} : { weights: Object.fromEntries(weight.map(readWeight)) }),
          ...(reason === undefined ? {} : { reason }),
        };
        await recovery.limits.setQueueLimit(request);
        output.answer(request, () => [`The limits of task queue ${taskQueue} are set`]);
      }),
    );
}

const rateOrNone =
  (flag: string) =>
  (value: string): number | false => {
    if (value === 'none') return false;
    const rate = Number(value);
    if (value.trim() !== '' && rate >= 0) return rate;
    throw new UsageError(`${flag} must be a number from 0, or none; got ${JSON.stringify(value)}`);
  };

function readWeight(text: string): [string, number | false] {
  const at = text.lastIndexOf('=');
  const [key, weight] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && (weight === 'none' || Number(weight) > 0))
    return [key, weight === 'none' ? false : Number(weight)];
  throw new UsageError(`--weight must be key=number or key=none; got ${JSON.stringify(text)}`);
}
