import type { Command } from 'commander';
import type { BreakerHandle } from '../../../client/circuit-breaker/breakers.js';
import type { BreakerSnapshot, ResumeOrder } from '../../../common/circuit-breaker/index.js';
import { describeResumption } from '../../../common/flood/describe.js';
import { CliError, ExitCode } from '../../exit-codes.js';
import { duration } from '../../input/values.js';
import type { Runner } from '../../runner.js';
import type { Session } from '../../session.js';
import { look, untilShown } from './look.js';
import { describe } from './show.js';

export function addResume(breaker: Command, run: Runner): void {
  breaker
    .command('resume')
    .description('let calls go on that the flood guard holds (signal resume)')
    .argument('<name>')
    .option('--operation <name>', 'only calls of this operation (default: all that are held)')
    .option('--quota-key <key>', 'only calls with this key')
    .option(
      '--expires-in <duration>',
      'for this time they are not held again, such as 1h (default: held again if it goes on)',
      duration('--expires-in'),
    )
    .option('--by <name>', 'who does it (default: you@host, or --identity)')
    .option('--reason <text>', 'why; it stays in the story of the breaker')
    .action((name: string, order: ResumeOrder, command: Command) =>
      run(command, async (session) => {
        const shown = await resume(session, session.recovery.breakers.get(name), order);
        session.output.answer(shown, () => describe(session.output, shown));
      }),
    );
}

async function resume(
  session: Session,
  breaker: BreakerHandle,
  order: ResumeOrder,
): Promise<BreakerSnapshot> {
  if (!isMeant(await look(session, breaker), order)) {
    throw new CliError(`Nothing to resume: ${describeResumption(order)} are not held`, ExitCode.FAILED);
  }
  await breaker.resume(order);
  return untilShown(
    session,
    breaker,
    (shown) => !isMeant(shown, order),
    () => 'the calls are still held',
  );
}

/** Whether something that the order means is held, or shown as an alarm. */
function isMeant({ floods = [] }: BreakerSnapshot, { operation, quotaKey }: ResumeOrder): boolean {
  return floods.some(
    (flood) =>
      flood.state !== 'resumed' &&
      (operation === undefined || flood.operation === operation) &&
      (quotaKey === undefined || flood.quotaKey === quotaKey),
  );
}
