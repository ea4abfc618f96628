import type { Command } from 'commander';
import type { RedriveHandle } from '../../../../client/redrive/handle.js';
import { shortLetterId } from '../../../../common/dead-letter/short-id.js';
import type { LetterOutcome } from '../../../../common/redrive/types.js';
import { answered } from '../../../answered.js';
import { numberAbove, wholeNumber } from '../../../input/values.js';
import { age, moment } from '../../../output/time.js';
import type { Runner } from '../../../runner.js';
import type { Outcome, Session } from '../../../session.js';
import { withoutPrefix } from '../columns.js';
import { type Attribution, addAttributionFlags } from '../requests.js';
import { redriveId, shortRedriveId } from './id.js';
import { mustExist } from './must-exist.js';
import { progressLine } from './progress-line.js';
import { reportExitCode, reportLines } from './report.js';
import { watch } from './watch.js';

type Order = (redrive: RedriveHandle, attribution: Attribution) => Promise<void>;

/** Commands about redrives that are there already. */
export function addRedriveControl(redrive: Command, run: Runner): void {
  redrive.commandsGroup('One that was started:');
  addList(redrive, run);
  addWatch(redrive, run);
  addReport(redrive, run);
  addOutcomes(redrive, run);
  addOrder(redrive, run, 'pause', 'no further letters until resume', (one, attribution) =>
    one.pause(attribution),
  );
  addOrder(redrive, run, 'resume', 'go on', (one, attribution) => one.resume(attribution));
  addOrder(
    redrive,
    run,
    'cancel',
    'end it after the letters in flight; the others stay as they are',
    (one, attribution) => one.cancel(attribution),
  );
  const setRate = redrive
    .command('set-rate')
    .description('letters a second at the most')
    .argument('<id>')
    .argument('<rate>', 'letters a second', numberAbove('<rate>', 0));
  addAttributionFlags(setRate).action(
    (id: string, rate: number, { by, reason }: Attribution, command: Command) =>
      run(command, (session) => send(session, id, 'setRate', (one) => one.setRate(rate, { by, reason }))),
  );
}

function addList(redrive: Command, run: Runner): void {
  redrive
    .command('list')
    .description('redrives, the latest first')
    .option('--limit <n>', 'maximum number of redrives', wholeNumber('--limit', 1), 20)
    .action((options: { limit: number }, command: Command) =>
      run(command, async ({ recovery, output }) => {
        const found = await recovery.redrives.list(options);
        output.answer(found, () =>
          found.length === 0
            ? ['There are no redrives']
            : output.table(found, [
                {
                  title: 'STATUS',
                  cell: ({ status, isRunning }) => status ?? (isRunning ? 'RUNNING' : 'OVER'),
                },
                { title: 'STARTED', cell: ({ startedAt }) => moment(startedAt) },
                { title: 'AGE', cell: ({ startedAt }) => age(startedAt), align: 'right' },
                { title: 'ID', cell: ({ id }) => shortRedriveId(id) },
              ]),
        );
      }),
    );
}

function addWatch(redrive: Command, run: Runner): void {
  redrive
    .command('watch')
    .description('show it until it is over; the exit code tells how it went')
    .argument('<id>')
    .action((id: string, _: object, command: Command) =>
      run(command, async (session) => {
        const one = session.recovery.redrives.get(redriveId(id));
        await mustExist(session, one.id);
        return watch(session, one);
      }),
    );
}

function addReport(redrive: Command, run: Runner): void {
  redrive
    .command('show')
    .description('its report, or how far it is')
    .argument('<id>')
    .action((given: string, _: object, command: Command) =>
      run(command, async (session) => {
        const { output, recovery } = session;
        const one = recovery.redrives.get(redriveId(given));
        const isRunning = await mustExist(session, one.id);
        if (isRunning) {
          const progress = await answered(session, one.id, () => one.progress());
          output.answer({ id: one.id, ...progress }, () => [progressLine(progress, output.width)]);
          return undefined;
        }
        const report = await one.result();
        output.answer({ id: one.id, ...report }, () => reportLines(output, one.id, report));
        return reportExitCode(report);
      }),
    );
}

function addOutcomes(redrive: Command, run: Runner): void {
  redrive
    .command('outcomes')
    .description('what became of every letter so far')
    .argument('<id>')
    .action((given: string, _: object, command: Command) =>
      run(command, async ({ output, recovery }) => {
        const outcomes: LetterOutcome[] = [];
        for await (const outcome of recovery.redrives.get(redriveId(given)).outcomes())
          outcomes.push(outcome);
        output.answer(outcomes, () =>
          output.table(outcomes, [
            { title: 'ID', cell: ({ id }) => shortLetterId(id) },
            { title: 'OUTCOME', cell: ({ outcome }) => outcome },
            { title: 'ORIGIN', cell: ({ origin }) => origin },
            { title: 'LETTER', cell: ({ id }) => withoutPrefix(id), wide: true },
            { title: 'MESSAGE', cell: ({ message }) => message, cutTo: 30 },
          ]),
        );
      }),
    );
}

function addOrder(redrive: Command, run: Runner, name: string, description: string, order: Order): void {
  const command = redrive.command(name).description(description).argument('<id>');
  addAttributionFlags(command).action((id: string, { by, reason }: Attribution, own: Command) =>
    run(own, (session) => send(session, id, name, (one) => order(one, { by, reason }))),
  );
}

async function send(
  { recovery, output }: Session,
  given: string,
  order: string,
  give: (redrive: RedriveHandle) => Promise<void>,
): Promise<Outcome> {
  const one = recovery.redrives.get(redriveId(given));
  await give(one);
  output.answer({ id: one.id, order }, () => [`${order} was sent to ${one.id}`]);
  return undefined;
}
