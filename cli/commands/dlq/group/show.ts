import type { Command } from 'commander';
import type { GroupCount, GroupSnapshot } from '../../../../common/dead-letter-group/messages.js';
import { oneLine } from '../../../../common/text/text.js';
import { answered } from '../../../answered.js';
import type { Output } from '../../../output/output.js';
import { rows } from '../../../output/rows.js';
import { age, moment } from '../../../output/time.js';
import type { Runner } from '../../../runner.js';
import { withoutPrefix } from '../columns.js';
import { addGroupArgument, type GroupFlags, namedGroup } from './named-group.js';
import { groupStyle } from './state-style.js';

export function addGroupShow(group: Command, run: Runner): void {
  addGroupArgument(
    group
      .command('show')
      .description('show a group: its state, what is counted, who looks after it, what has happened'),
  ).action((name: string, flags: GroupFlags, command: Command) =>
    run(command, async (session) => {
      const handle = await namedGroup(session, name, flags);
      const shown = await answered(session, handle.workflowId, () => handle.describe());
      session.output.answer(shown, () => describeGroup(session.output, shown));
    }),
  );
}

export function describeGroup(output: Output, group: GroupSnapshot): string[] {
  const { status, since, preset, note, owner, link, mutedUntil, mutedUpTo, sample, redrive } = group;
  const cause = [group.operation, group.category, group.statusCode, group.pattern]
    .filter(Boolean)
    .join(' · ');
  return [
    output.style('bold', oneLine(cause)),
    `${groupStyle(output, status)} for ${age(since)}`,
    '',
    ...rows([
      ['Queue', group.queue],
      ['Group', group.group],
      ['Letters written', `${group.letters}, the last ${age(group.lastSeen)} ago`],
      ['First seen', moment(group.firstSeen)],
      ['Owner', owner],
      ['Note', note],
      ['Link', link],
      ['Muted until', mutedUntil && moment(mutedUntil)],
      ['Muted up to', mutedUpTo !== undefined && `${mutedUpTo} letters in all`],
      [
        'Next letters',
        [preset.action, preset.by && `by ${preset.by}`, preset.reason].filter(Boolean).join(' · '),
      ],
      ['Redrive', redrive],
      ['Newest letter', sample && withoutPrefix(sample.id)],
      ['Message', sample?.message],
    ]),
    ...counts(output, 'Versions', group.versions),
    ...counts(output, 'Hosts', group.hosts),
    ...counts(output, 'Activities', group.activities),
    '',
    output.style('bold', 'What has happened'),
    ...(group.story.length === 0 ? ['  no more than its letters'] : []),
    ...[...group.story].reverse().map(({ at, event, by, reason }) => {
      const parts = [event, by && `by ${by}`, reason && `reason: ${reason}`].filter(Boolean);
      return `  ${moment(at)}  ${oneLine(parts.join(' · '))}`;
    }),
  ];
}

function counts(output: Output, title: string, of: readonly GroupCount[]): string[] {
  if (of.length === 0) return [];
  return [
    '',
    output.style('bold', title),
    ...rows(of.map(({ name, letters }) => [`  ${oneLine(name)}`, letters])),
  ];
}
