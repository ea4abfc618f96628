import { beginning } from '../text/text.js';
import { withCounts } from './counts.js';
import type { GroupReport } from './messages.js';
import { isSpike, withRecent } from './spike.js';
import {
  type GroupEvent,
  type GroupState,
  GroupStatus,
  type GroupStep,
  type SampleLetter,
  withEntry,
} from './state.js';

const MAX_BUILDS = 20;
const MAX_MESSAGE = 300;

/** Adds the letters that a worker has written. */
export function withLetters(before: GroupState, report: GroupReport, now: number): GroupStep {
  const { letters, oldestMs, newestMs } = report;
  const [first, last] = [now - oldestMs, now - newestMs];
  const isNew = before.letters === 0;
  const count = (counts: GroupState['hosts'], added: Readonly<Record<string, number>> = {}) =>
    withCounts(counts, added, first, last);
  const counted: GroupState = {
    ...before,
    letters: before.letters + letters,
    firstSeen: isNew ? first : Math.min(before.firstSeen, first),
    lastSeen: Math.max(isNew ? last : before.lastSeen, last),
    activities: count(before.activities, report.activities),
    hosts: count(before.hosts, report.hosts),
    versions: count(before.versions, report.versions),
    sample: report.sample === undefined ? before.sample : sampleOf(report.sample),
    recent: withRecent(before.recent, letters, now),
    deploy: {
      ...before.deploy,
      letters: before.deploy.letters + letters,
      failed: some(before.deploy.failed, Object.keys(report.versions ?? {})),
      taskQueues: some(before.deploy.taskQueues, report.taskQueues ?? []),
    },
  };
  const events: GroupEvent[] = [];
  let state = counted;
  // One that ended as resolved and comes again starts with that status.
  if (isNew && state.status !== GroupStatus.RESOLVED) events.push('new');
  // Letters that were written before it was resolved, and are reported after that, say nothing.
  if (state.status === GroupStatus.RESOLVED && last > (state.resolvedAt ?? 0)) {
    state = withEntry(
      { ...state, status: GroupStatus.REGRESSED, since: now, resolvedAt: undefined },
      { at: now, event: `regressed${inBuilds(report.versions)}` },
    );
    events.push('regressed');
  }
  state = unmutedIfOver(state, now);
  if (isSpike(state, now)) {
    state = { ...state, spikeAt: now };
    if (state.status !== GroupStatus.MUTED) events.push('spike');
  }
  return { state, events };
}

/** What it has beside these fields is not kept. */
function sampleOf({ id, message }: SampleLetter): SampleLetter {
  return { id, ...(typeof message === 'string' ? { message: beginning(message, MAX_MESSAGE) } : {}) };
}

/** A mute ends by itself. */
export function unmutedIfOver(state: GroupState, now: number): GroupState {
  const { status, mute, letters } = state;
  if (status !== GroupStatus.MUTED) return state;
  const isLate = mute?.until !== undefined && now >= mute.until;
  const areMany = mute?.letters !== undefined && letters > mute.letters;
  if (!isLate && !areMany) return state;
  const why = isLate ? 'the time is over' : 'it has more letters';
  return withEntry(
    { ...state, status: GroupStatus.OPEN, since: now, mute: undefined },
    { at: now, event: `no longer muted: ${why}` },
  );
}

function some(known: readonly string[], added: readonly string[]): readonly string[] {
  const all = new Set([...known.filter((each) => !added.includes(each)), ...added]);
  return all.size === known.length ? known : [...all].slice(-MAX_BUILDS);
}

function inBuilds(versions: Readonly<Record<string, number>> = {}): string {
  const builds = Object.keys(versions);
  return builds.length === 0 ? '' : ` in ${builds.slice(0, 3).join(', ')}`;
}
