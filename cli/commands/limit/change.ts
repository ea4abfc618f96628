import type { Command } from 'commander';
import type { LimitHandle } from '../../../client/limit/limits.js';
import { limitWorkflowId } from '../../../common/limit/id.js';
import { type Limit, type LimitWindow, readLimit, sameLimit } from '../../../common/limit/limit.js';
import type { LimitSnapshot } from '../../../common/limit/messages.js';
import { answered } from '../../answered.js';
import { CliError, ExitCode, UsageError } from '../../exit-codes.js';
import { duration, repeatable, wholeNumber } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import type { Session } from '../../session.js';
import { describe } from './show.js';

interface Who {
  readonly key?: string;
  readonly by?: string;
  readonly reason?: string;
}

interface SetOptions extends Who {
  readonly concurrency?: number;
  readonly expiresIn?: number;
}

export function addSet(limit: Command, run: Runner): void {
  withWho(
    limit
      .command('set')
      .description(
        'set another limit than the configured one (signal setLimit), such as: limit set crm 10/1s 10000/1d',
      )
      .argument('<name>')
      .argument('[windows...]', 'calls and length of each window, such as 10/1s or 10000/1d', repeatable)
      .option('--concurrency <n>', 'calls at the same time', wholeNumber('--concurrency', 1))
      .option('--expires-in <duration>', 'ends by itself, such as 2h', duration('--expires-in')),
  ).action((name: string, windows: readonly string[] | undefined, options: SetOptions, command: Command) =>
    run(command, async (session) => {
      const { concurrency, ...order } = options;
      const settings = {
        windows: (windows ?? []).map(readWindow),
        ...(concurrency === undefined ? {} : { concurrency }),
      };
      const problems: string[] = [];
      const wanted = readLimit(settings, 'limit set', problems);
      if (wanted === undefined) throw new UsageError(problems.join('; '));
      const handle = session.recovery.limits.get(name);
      await handle.set(settings, order);
      await showOnce(session, handle, (shown) => holds(shown, order.key, wanted));
    }),
  );
}

export function addClear(limit: Command, run: Runner): void {
  withWho(
    limit.command('clear').description('back to the configured limit (signal clearLimit)').argument('<name>'),
  ).action((name: string, order: Who, command: Command) =>
    run(command, async (session) => {
      const handle = session.recovery.limits.get(name);
      await handle.clear(order);
      await showOnce(session, handle, (shown) =>
        order.key === undefined
          ? shown.changed === undefined
          : !shown.changedKeys.some(({ key }) => key === order.key),
      );
    }),
  );
}

function withWho(command: Command): Command {
  return command
    .option('--key <key>', 'of this quotaKey only')
    .option('--by <name>', 'who does it (default: you@host, or --identity)')
    .option('--reason <text>', 'why; it stays in the story of the limit');
}

function readWindow(text: string): LimitWindow {
  const [, calls, per] = /^([\d_]+)\/(.+)$/.exec(text) ?? [];
  if (calls === undefined || per === undefined)
    throw new UsageError(
      `A window must be calls/length, such as 10/1s or 10000/1d; got ${JSON.stringify(text)}`,
    );
  return { calls: Number(calls.replaceAll('_', '')), per: duration(`The length of window ${text}`)(per) };
}

function holds({ changed, changedKeys }: LimitSnapshot, key: string | undefined, wanted: Limit): boolean {
  const now = key === undefined ? changed : changedKeys.find((each) => each.key === key);
  return now !== undefined && sameLimit(now.limit, wanted);
}

const POLL_MS = 200;
const PATIENCE_MS = 15_000;

/** An order is a signal: it is done once the limit says so. */
async function showOnce(
  session: Session,
  handle: LimitHandle,
  isDone: (shown: LimitSnapshot) => boolean,
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const shown = await answered(session, limitWorkflowId(handle.name), () => handle.describe());
    if (isDone(shown)) {
      session.output.answer(shown, () => describe(session.output, shown));
      return;
    }
    if (Date.now() > end)
      throw new CliError('The order was sent, but the limit has not changed', ExitCode.FAILED);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
