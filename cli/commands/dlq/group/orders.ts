import { type Command, Option } from 'commander';
import type { GroupHandle } from '../../../../client/dead-letter-group/groups.js';
import { GroupNotFoundError } from '../../../../client/errors.js';
import type { GroupSnapshot } from '../../../../common/dead-letter-group/messages.js';
import { GroupDefault } from '../../../../common/dead-letter-group/state.js';
import { answered } from '../../../answered.js';
import { CliError, ExitCode } from '../../../exit-codes.js';
import { duration, numberAbove, oneOf, wholeNumber } from '../../../input/values.js';
import type { Runner } from '../../../runner.js';
import type { Session } from '../../../session.js';
import { type Attribution, addAttributionFlags } from '../requests.js';
import { addGroupArgument, type GroupFlags, namedGroup } from './named-group.js';
import { describeGroup } from './show.js';

type Flags = GroupFlags &
  Attribution & {
    readonly for?: number;
    readonly letters?: number;
    readonly canary?: number;
    readonly rate?: number;
  };

interface Kind {
  readonly name: string;
  readonly description: string;
  /** A text beside the group, and what it is. */
  readonly text?: readonly [name: string, description: string];
  flags?(command: Command): Command;
  give(group: GroupHandle, flags: Flags, text: string): Promise<void>;
}

const KINDS: readonly Kind[] = [
  {
    name: 'note',
    description: 'leave a note for the next reader',
    text: ['note', 'what is known; "" removes it'],
    give: (group, order, text) => group.note(text, order),
  },
  {
    name: 'assign',
    description: 'say who looks after it',
    text: ['owner', 'a person or a team; "" removes it'],
    give: (group, order, text) => group.assign(text, order),
  },
  {
    name: 'link',
    description: 'link a ticket or a page',
    text: ['url', 'http:// or https://; "" removes it'],
    give: (group, order, text) => group.link(text, order),
  },
  {
    name: 'mute',
    description: 'no alerts for some time, or until there are more letters; give one of both, or both',
    flags: (command) =>
      command
        .option('--for <duration>', 'for this time, such as 1d', duration('--for'))
        .option('--letters <n>', 'until it has more than n new letters', wholeNumber('--letters', 0)),
    give: (group, { for: time, letters, ...order }) => group.mute({ ...order, for: time, letters }),
  },
  { name: 'unmute', description: 'end the mute', give: (group, order) => group.unmute(order) },
  {
    name: 'resolve',
    description:
      'say that the cause is mended; a new letter makes the group REGRESSED. Open letters stay open',
    give: (group, order) => group.resolve(order),
  },
  {
    name: 'default',
    description: 'what is done with the next letters; workers know it within ten seconds',
    text: ['action', Object.values(GroupDefault).join(', ')],
    give: (group, order, text) =>
      group.setDefault(oneOf('<action>', Object.values(GroupDefault))(text), order),
  },
  {
    name: 'redrive',
    description: 'replay the open letters of the group, one first; see it with `dlq redrive list`',
    flags: (command) =>
      command
        .option('--canary <n>', 'letters to replay first (default: 1)', wholeNumber('--canary', 0))
        .addOption(
          new Option('--rate <n>', 'letters a second (default: 10)').argParser(numberAbove('--rate', 0)),
        ),
    give: (group, { canary, rate, ...order }) => group.redrive({ ...order, canary, rate }),
  },
];

export function addGroupOrders(group: Command, run: Runner): void {
  for (const { name, description, text, flags, give } of KINDS) {
    const command = addGroupArgument(group.command(name).description(description));
    if (text !== undefined) command.argument(`<${text[0]}>`, text[1]);
    flags?.(command);
    addAttributionFlags(command).action((named: string, ...rest: unknown[]) => {
      const [given, options, own] = (text === undefined ? ['', ...rest] : rest) as [string, Flags, Command];
      return run(own, async (session) => {
        const handle = await namedGroup(session, named, options);
        const { queue: _, ...order } = options;
        const shown = await carriedOut(session, handle, () => give(handle, order, given));
        session.output.answer(shown, () => describeGroup(session.output, shown));
      });
    });
  }
}

const POLL_MS = 200;
const PATIENCE_MS = 15_000;

/** An order is a signal: it is done once the story has it. */
async function carriedOut(
  session: Session,
  group: GroupHandle,
  give: () => Promise<void>,
): Promise<GroupSnapshot> {
  const describe = () => answered(session, group.workflowId, () => group.describe());
  const before = await describe().catch((error) => {
    if (error instanceof GroupNotFoundError) return undefined;
    throw error;
  });
  await give();
  const last = JSON.stringify(before?.story.at(-1));
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const shown = await describe();
    if (JSON.stringify(shown.story.at(-1)) !== last) return shown;
    if (Date.now() > end)
      throw new CliError('The order was sent, but the group has not carried it out yet', ExitCode.FAILED);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
