import type { DeadLetterGroup } from '../../../client/dead-letter/groups.js';
import { groupsOfLetters } from '../../../client/dead-letter/groups.js';
import { confirm } from '../../input/confirm.js';
import type { Session } from '../../session.js';
import { groupColumns } from './columns.js';

const MAX_GROUPS = 10;
/** Letters that are looked up for the question: more would keep people waiting. */
const MAX_LOOKED_UP = 1_000;

/**
 * Asks before several letters are changed, with a line for each of their groups. One letter that was named is not asked for.
 * @throws as `confirm`
 */
export async function confirmLetters(
  session: Session,
  verb: string,
  ids: readonly string[],
  yes: boolean | undefined,
): Promise<void> {
  if (ids.length <= 1 || yes) return;
  const lookedUp = ids.slice(0, MAX_LOOKED_UP);
  await confirmGroups(session, verb, ids.length, () => groupsOfLetters(session.client, lookedUp));
}

/** The same for letters by condition: asked whatever their number, since the condition named them. */
export async function confirmGroups(
  session: Session,
  verb: string,
  letters: number,
  groupsOf: () => Promise<DeadLetterGroup[]>,
): Promise<void> {
  const { output } = session;
  if (!output.json) output.note(...groupLines(session, letters, await groupsOf()));
  await confirm({ question: `${verb} ${letters} ${letters === 1 ? 'letter' : 'letters'}?` });
}

function groupLines({ output }: Session, letters: number, groups: readonly DeadLetterGroup[]): string[] {
  const shown = groups.slice(0, MAX_GROUPS);
  const counted = groups.reduce((sum, group) => sum + group.letters, 0);
  const more = groups.length - shown.length;
  return [
    ...(shown.length === 0 ? [] : output.table(shown, groupColumns(output, shown))),
    ...(more > 0 ? [`… and ${more} smaller ${more === 1 ? 'group' : 'groups'}`] : []),
    ...(counted === letters
      ? []
      : [`The groups above have ${counted} letters; ${letters} are to be changed`]),
  ];
}
