import type { Command } from 'commander';
import {
  type BreakerSnapshot,
  describeReason,
  describeShownFlood,
  type FailedTrials,
  foldTrials,
  notClosedSince,
  type Transition,
} from '../../../common/circuit-breaker/index.js';
import { describeThrottle } from '../../../common/quota/describe.js';
import { oneLine } from '../../../common/text/text.js';
import type { Output } from '../../output/output.js';
import { rows } from '../../output/rows.js';
import { age, longDuration, moment } from '../../output/time.js';
import type { Runner } from '../../runner.js';
import { look } from './look.js';
import { stateStyle } from './state-style.js';

export function addShow(breaker: Command, run: Runner): void {
  breaker
    .command('show')
    .description('show a circuit breaker: its state and why, what comes next, its last transitions')
    .argument('<name>')
    .action((name: string, _: object, command: Command) =>
      run(command, async (session) => {
        const shown = await look(session, session.recovery.breakers.get(name));
        session.output.answer(shown, () => describe(session.output, shown));
      }),
    );
}

function resumeHint({ name, floods = [] }: BreakerSnapshot): string[] {
  const held = floods.find(({ state }) => state === 'held');
  if (held === undefined) return [];
  const { operation } = held;
  return [
    `  To let them go on: temporal-recovery breaker resume ${JSON.stringify(name)} --operation ${JSON.stringify(operation)}`,
  ];
}

export function describe(output: Output, breaker: BreakerSnapshot): string[] {
  const { name, status, since, changesAt, why, failuresInARow, workers, config, conflictAt } = breaker;
  const { throttles = [], floods = [] } = breaker;
  const began = notClosedSince(breaker);
  const { initialInterval, backoffCoefficient, maximumInterval } = config.openTime;
  return [
    output.style('bold', oneLine(name)),
    `${stateStyle(output, status)} for ${age(since)}`,
    '',
    ...rows([
      ['Why', why],
      ['Not closed since', began && `${moment(began.at)} · ${describeReason(began.reason)}`],
      [status === 'THROTTLED' ? 'Goes on at' : 'Changes at', changesAt && moment(changesAt)],
      ['Failures in a row', failuresInARow > 0 && failuresInARow],
      ['Workers that reported', workers > 0 && workers],
      [
        'Opens for',
        `${longDuration(initialInterval)}${backoffCoefficient > 1 ? `, longer each time a trial fails, at most ${longDuration(maximumInterval)}` : ''}`,
      ],
      ['Workers differ', conflictAt && `in their settings for it, last seen ${moment(conflictAt)}`],
    ]),
    ...(floods.length === 0 ? [] : ['', output.style('bold', 'Floods of dead letters')]),
    ...floods.map((flood) => `  ${describeShownFlood(flood)}`),
    ...resumeHint(breaker),
    ...(throttles.length === 0 ? [] : ['', output.style('bold', 'Quotas that are used up')]),
    ...throttles.map(
      ({ key = '', until, said, narrowed }) =>
        `  ${describeThrottle({ key, until: Date.parse(until), said, narrowed })}`,
    ),
    '',
    output.style('bold', 'Last transitions'),
    ...(breaker.transitions.length === 0 ? ['  none yet'] : []),
    ...[...foldTrials(breaker.transitions)].reverse().map((shown) => `  ${oneLine(line(shown))}`),
  ];
}

function line(shown: Transition | FailedTrials): string {
  const reason = describeReason(shown.reason);
  return 'failed' in shown
    ? `${moment(shown.last)}  the last ${shown.failed} trials failed, the first of them ${moment(shown.first)} · ${reason}`
    : `${moment(shown.at)}  ${shown.from} → ${shown.to} · ${reason}`;
}
