import { type QueueRules, readQueueOptions } from '../../common/dead-letter/queue-options.js';
import { QueueBook } from '../../common/dead-letter/queue-settings.js';
import { Problems } from '../../common/strategies/index.js';
import { show } from '../../common/text/show.js';

/** Reads the option `queues`; what is wrong goes to `problems`. */
export function readQueues(input: unknown, problems: string[]): QueueBook {
  if (input === undefined) return new QueueBook();
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    problems.push(`queues: expected an object of settings by name or pattern, got ${show(input)}`);
    return new QueueBook();
  }
  const found = new Problems('queues');
  const entries = Object.entries(input).map(([name, options]): [string, QueueRules] => {
    const path = `queues.${name}`;
    if (name === '' || name.length > 200) found.say(path, 'the name of a queue has 1 to 200 characters');
    return [name, readQueueOptions(options, path, found)];
  });
  problems.push(...found.all);
  return new QueueBook(new Map(entries));
}
