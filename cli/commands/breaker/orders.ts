import type { Command } from 'commander';
import type { BreakerHandle } from '../../../client/circuit-breaker/breakers.js';
import { type BreakerOrder, CircuitBreakerState } from '../../../common/circuit-breaker/index.js';
import { oneLine } from '../../../common/text/text.js';
import { confirm } from '../../input/confirm.js';
import { duration } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import type { Outcome, Session } from '../../session.js';
import { untilShown } from './look.js';
import { describe } from './show.js';

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly becomes: CircuitBreakerState;
  readonly expires: boolean;
  /** Given before its service first fails, it makes the breaker. */
  readonly makes?: true;
  /** Calls go on without protection: it is asked first. */
  readonly unprotects?: true;
  /** A name of before. */
  readonly formerly?: string;
  give(breaker: BreakerHandle, order: BreakerOrder): Promise<void>;
}

const KINDS: readonly Kind[] = [
  {
    name: 'open',
    description: 'reject all calls until reset or expiry (signal forceOpen, state FORCED_OPEN)',
    becomes: CircuitBreakerState.FORCED_OPEN,
    expires: true,
    makes: true,
    give: (breaker, order) => breaker.forceOpen(order),
  },
  {
    name: 'bypass',
    formerly: 'close',
    unprotects: true,
    description:
      'let all calls pass and only count, whatever happens, until reset or expiry (signal forceClosed, state METRICS_ONLY)',
    becomes: CircuitBreakerState.METRICS_ONLY,
    expires: true,
    give: (breaker, order) => breaker.forceClosed(order),
  },
  {
    name: 'disable',
    description: 'let all calls pass and count nothing until reset or expiry (state DISABLED)',
    becomes: CircuitBreakerState.DISABLED,
    expires: true,
    unprotects: true,
    give: (breaker, order) => breaker.disable(order),
  },
  {
    name: 'reset',
    description: 'close it and count from zero; it works again as configured (state CLOSED)',
    becomes: CircuitBreakerState.CLOSED,
    expires: false,
    give: (breaker, { by, reason }) => breaker.reset({ by, reason }),
  },
];

export function addOrders(breaker: Command, run: Runner): void {
  for (const kind of KINDS) {
    const command = breaker
      .command(kind.name)
      .description(kind.description)
      .argument('<name>')
      .option('--by <name>', 'who does it (default: you@host, or --identity)')
      .option('--reason <text>', 'why; it stays in the story of the breaker');
    if (kind.expires) {
      command.option('--expires-in <duration>', 'ends by itself, such as 30m', duration('--expires-in'));
    }
    if (kind.formerly !== undefined) command.alias(kind.formerly);
    if (kind.makes) command.option('-y, --yes', 'do not ask where there is no such breaker yet');
    if (kind.unprotects) command.option('-y, --yes', 'do not ask first');
    command.action((name: string, order: BreakerOrder & { yes?: boolean }, own: Command) =>
      run(own, (session) => {
        if (kind.formerly !== undefined && breaker.args[0] === kind.formerly) {
          session.output.note(
            `"breaker ${kind.formerly}" is now "breaker ${kind.name}". To end an outage early: breaker reset`,
          );
        }
        return give(session, name, kind, order);
      }),
    );
  }
}

async function give(
  session: Session,
  name: string,
  kind: Kind,
  { yes, ...order }: BreakerOrder & { yes?: boolean },
): Promise<Outcome> {
  const breaker = session.recovery.breakers.get(name);
  const isNew = kind.makes === true && !(await breaker.exists());
  if (isNew) {
    // It may be a typing error.
    await confirm({ question: `There is no circuit breaker "${oneLine(name)}" yet. Open a new one?`, yes });
  }
  if (kind.unprotects) {
    await confirm({
      question: `Let all calls of circuit breaker "${oneLine(name)}" pass, whatever fails?`,
      yes,
    });
  }
  await kind.give(breaker, order);
  const shown = await untilShown(
    session,
    breaker,
    ({ status }) => status === kind.becomes,
    ({ status }) => `the circuit breaker is ${status} and not ${kind.becomes}`,
  );
  session.output.answer(shown, () => describe(session.output, shown));
  if (isNew) session.output.note('Workers that use this name already learn of it within half a minute');
  if (kind.expires && shown.changesAt === undefined) {
    session.output.note(`It stays so until: temporal-recovery breaker reset ${JSON.stringify(name)}`);
  }
  return undefined;
}
