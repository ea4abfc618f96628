import type { Command } from 'commander';
import { limitWorkflowId } from '../../../common/limit/id.js';
import { describeLimit } from '../../../common/limit/limit.js';
import type { LimitSnapshot } from '../../../common/limit/messages.js';
import { oneLine } from '../../../common/text/text.js';
import { answered } from '../../answered.js';
import type { Output } from '../../output/output.js';
import { rows } from '../../output/rows.js';
import { moment } from '../../output/time.js';
import type { Runner } from '../../runner.js';

export function addShow(limit: Command, run: Runner): void {
  limit
    .command('show')
    .description('show a limit: what holds, who has changed it, which keys use most of it')
    .argument('<name>')
    .action((name: string, _: object, command: Command) =>
      run(command, async (session) => {
        const handle = session.recovery.limits.get(name);
        const shown = await answered(session, limitWorkflowId(name), () => handle.describe());
        session.output.answer(shown, () => describe(session.output, shown));
      }),
    );
}

export function describe(output: Output, shown: LimitSnapshot): string[] {
  const { name, limit, configured, changed, changedKeys, stated, conflictAt, workers, keys, changes } = shown;
  const who = changed && [changed.by ?? 'a person', changed.why].filter(Boolean).join(': ');
  return [
    output.style('bold', oneLine(name)),
    `at most ${describeLimit(limit)}`,
    ...(shown.unknownToWorkers
      ? [
          '',
          'Not in use: no worker has asked for this limit yet. Nothing is limited until a worker has its name in the option',
          '"limits" and makes such a call. Names in use: limit list',
        ]
      : []),
    '',
    ...rows([
      ['Set by', who ?? 'the option limits of the workers'],
      ['Until', changed && (changed.expiresAt === undefined ? 'limit clear' : moment(changed.expiresAt))],
      ['Configured', changed && (shown.unknownToWorkers ? 'by no worker' : describeLimit(configured))],
      ['Workers', workers],
      ['Workers differ', conflictAt && `in their limit, last seen ${moment(conflictAt)}`],
    ]),
    ...section(
      output,
      'Keys with another limit',
      changedKeys.map((each) => `${each.key}  ${describeLimit(each.limit)}`),
    ),
    ...section(
      output,
      'The service states',
      stated.map(
        ({ key = 'all calls', limit, expiresAt }) =>
          `${key}  ${describeLimit(limit)}  until ${moment(expiresAt)}`,
      ),
    ),
    ...section(
      output,
      'Keys used for more than half',
      keys.map(({ key, wantedPerSecond, long }) => {
        const used = long.map(
          ({ calls, perMs, used }) => `${used} of ${describeLimit({ windows: [{ calls, perMs }] })}`,
        );
        return [key === '' ? 'all calls' : key, `${wantedPerSecond}/s wanted`, ...used].join('  ');
      }),
    ),
    ...section(output, 'Changes', [...changes].reverse()),
  ];
}

function section(output: Output, title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? []
    : ['', output.style('bold', title), ...lines.map((line) => `  ${oneLine(line)}`)];
}
