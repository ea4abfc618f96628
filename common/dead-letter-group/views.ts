import { SEARCH_ATTRIBUTES } from '../contract.js';
import { beginning } from '../text/text.js';
import { type KeyCounts, largest } from './counts.js';
import type { GroupCause, GroupCount, GroupInput, GroupMemo, GroupSnapshot } from './messages.js';
import type { GroupState, GroupStatus } from './state.js';

const IN_MEMO = 3;

const iso = (time: number) => new Date(time).toISOString();

/** What all of its letters have in common, for a memo and an answer. */
function causeOf({ queue, group, operation, category, statusCode, pattern }: GroupCause): GroupCause {
  return { queue, group, operation, category, ...(statusCode === undefined ? {} : { statusCode }), pattern };
}

export function groupMemo(cause: GroupCause, state: GroupState, workers: number): GroupMemo {
  const { status, letters, firstSeen, lastSeen, sample, note, owner, link, mute, preset } = state;
  const some = (name: 'hosts' | 'versions' | 'activities') => {
    const most = largest(state[name], IN_MEMO);
    if (most.length === 0) return {};
    return { [name]: Object.fromEntries(most.map(([key, count]) => [beginning(key, 100), count.letters])) };
  };
  return {
    v: 1,
    ...causeOf({ ...cause, pattern: beginning(cause.pattern, 300) }),
    ...{ status, letters, firstSeen: iso(firstSeen), lastSeen: iso(lastSeen) },
    ...{ ...some('hosts'), ...some('versions'), ...some('activities') },
    ...(sample === undefined ? {} : { sampleId: sample.id, message: sample.message }),
    ...(note === undefined ? {} : { note: beginning(note, 200) }),
    ...(owner === undefined ? {} : { owner }),
    ...(link === undefined ? {} : { link }),
    ...(mute?.until === undefined ? {} : { mutedUntil: iso(mute.until) }),
    preset: { ...preset, ...(preset.reason === undefined ? {} : { reason: beginning(preset.reason, 200) }) },
    workers,
  };
}

export function groupSnapshot(input: GroupInput, state: GroupState): GroupSnapshot {
  const {
    status,
    since,
    letters,
    firstSeen,
    lastSeen,
    sample,
    note,
    owner,
    link,
    mute,
    preset,
    deploy,
    log,
  } = state;
  const { before } = input;
  return {
    ...causeOf(input),
    ...{ status, since: iso(since), letters, firstSeen: iso(firstSeen), lastSeen: iso(lastSeen) },
    ...{ activities: counts(state.activities), hosts: counts(state.hosts), versions: counts(state.versions) },
    ...(sample === undefined ? {} : { sample }),
    ...(note === undefined ? {} : { note }),
    ...(owner === undefined ? {} : { owner }),
    ...(link === undefined ? {} : { link }),
    ...(mute?.until === undefined ? {} : { mutedUntil: iso(mute.until) }),
    ...(mute?.letters === undefined ? {} : { mutedUpTo: mute.letters }),
    preset,
    ...(deploy.redrive === undefined ? {} : { redrive: deploy.redrive.id }),
    ...(before === undefined ? {} : { before }),
    story: log.map(({ at, ...entry }) => ({ at: iso(at), ...entry })),
  };
}

function counts(of: KeyCounts): GroupCount[] {
  return largest(of).map(([name, { letters, firstSeen, lastSeen }]) => ({
    ...{ name, letters, firstSeen: iso(firstSeen), lastSeen: iso(lastSeen) },
  }));
}

/**
 * Search attributes of a group: its status, where that is registered. The others are those of letters: a query for letters
 * that does not name their workflow type must not find groups.
 */
export function groupAttributes(
  status: GroupStatus,
  registered: readonly string[],
): Record<string, string[]> {
  return registered.includes(SEARCH_ATTRIBUTES.status) ? { [SEARCH_ATTRIBUTES.status]: [status] } : {};
}
