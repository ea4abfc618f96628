import type { ParsedGroupOrder } from './orders.js';
import { GroupDefault, type GroupEntry, type GroupState, GroupStatus, withEntry } from './state.js';

/** What an order makes of a group. `redrive` is in its story; the workflow starts it. */
export function changed(state: GroupState, order: ParsedGroupOrder, now: number): GroupState {
  const { by, reason, text = '' } = order;
  const entry = (event: string): GroupEntry => ({
    ...{ at: now, event },
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
  });
  const noted = (more: Partial<GroupState>, event: string) => withEntry({ ...state, ...more }, entry(event));
  switch (order.kind) {
    case 'note':
      return noted({ note: text || undefined }, text === '' ? 'note removed' : 'note');
    case 'assign':
      return noted({ owner: text || undefined }, text === '' ? 'owner removed' : `assigned to ${text}`);
    case 'link':
      return noted({ link: text || undefined }, text === '' ? 'link removed' : 'link');
    case 'mute':
      return mute(state, order, now, entry);
    case 'unmute':
      if (state.status !== GroupStatus.MUTED) return noted({}, 'unmute: it is not muted, nothing changed');
      return noted({ status: GroupStatus.OPEN, since: now, mute: undefined }, 'no longer muted');
    case 'resolve':
      return noted(
        { status: GroupStatus.RESOLVED, since: now, resolvedAt: now, mute: undefined },
        'resolved',
      );
    case 'setDefault': {
      const { action = GroupDefault.WAIT } = order;
      const preset = {
        action,
        ...(by === undefined ? {} : { by }),
        ...(reason === undefined ? {} : { reason }),
      };
      return noted({ preset }, `next letters: ${action}`);
    }
    case 'redrive':
      return noted({ redrives: state.redrives + 1 }, 'redrive');
  }
}

function mute(
  state: GroupState,
  { untilMs, letters }: ParsedGroupOrder,
  now: number,
  entry: (event: string) => GroupEntry,
): GroupState {
  // A group that comes back must be seen.
  if (state.status === GroupStatus.RESOLVED)
    return withEntry(state, entry('mute: it is resolved, nothing changed'));
  const ends = [
    ...(untilMs === undefined ? [] : [`until ${new Date(untilMs).toISOString()}`]),
    ...(letters === undefined ? [] : [`until it has more than ${letters} new letters`]),
  ];
  return withEntry(
    {
      ...state,
      ...{ status: GroupStatus.MUTED, since: now },
      mute: {
        ...(untilMs === undefined ? {} : { until: untilMs }),
        ...(letters === undefined ? {} : { letters: state.letters + letters }),
      },
    },
    entry(`muted ${ends.join(' or ')}`),
  );
}
