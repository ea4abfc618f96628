/**
 * `held`: calls wait. `alarm`: it is only shown. `resumed`: a person lets calls go on, whatever fails.
 */
export type FloodState = 'held' | 'alarm' | 'resumed';

/** Whose calls they are. */
export interface FloodKey {
  readonly operation: string;
  /** Of the option `quotaKey`; absent for calls without a key. */
  readonly quotaKey?: string;
}

/** The cause that the calls share. */
export interface FloodCause {
  /** Group of the letters. */
  readonly group: string;
  /** Their error in one line, without what differs from one record to the next. */
  readonly said?: string;
  /** Calls that had ended when it was found, and those of them that ended as letters of this group. */
  readonly letters: number;
  readonly calls: number;
}

/** Calls that end as letters of one group, as the fleet knows them. Times are of the clock of who keeps the list. */
export interface Flood extends FloodKey, FloodCause {
  readonly state: FloodState;
  readonly since: number;
  /** Held calls go on then; an alarm or a resumption is over then. */
  readonly until: number;
}

/** A flood as it travels, in reports of workers and in the memo: durations, since clocks differ. */
export interface ReportedFlood extends FloodKey, FloodCause {
  /** `over`: a trial of the held calls has succeeded. */
  readonly state: FloodState | 'over';
  /** Milliseconds until it ends. */
  readonly waitMs: number;
  /** Milliseconds since it began. */
  readonly agoMs: number;
}

/** More are not kept for the fleet; they stay with the worker that found them. */
export const MAX_FLOODS = 50;
export const MAX_SAID = 200;
/** An end that is only a little later is no news. */
const NEWS_SHARE = 0.1;

/**
 * Takes what a worker reports into a list.
 * @returns the same list where it says nothing new
 */
export function withFlood(list: readonly Flood[], reported: ReportedFlood, now: number): readonly Flood[] {
  const { state, waitMs, agoMs, ...rest } = reported;
  const known = list.find((each) => isSame(each, reported) && each.until > now);
  const others = list.filter((each) => !isSame(each, reported));
  if (state === 'over') return known?.state === 'held' ? others : list;
  // What a person has decided stands, and `resumed` comes from persons only.
  if (known?.state === 'resumed' || state === 'resumed') return list;
  if (known?.state === 'held' || (known === undefined && others.length >= MAX_FLOODS)) return list;
  const until = now + waitMs;
  const isSameAlarm = known !== undefined && state === 'alarm' && known.group === reported.group;
  if (isSameAlarm && until <= known.until + waitMs * NEWS_SHARE) return list;
  const since = isSameAlarm ? known.since : now - agoMs;
  return [...others, { ...rest, state, since, until }];
}

/** Calls that a person lets go on: those of an operation, of one of its keys, or all. */
export type Resumption = Partial<FloodKey>;

/**
 * Lets calls go on.
 * @param passMs for this time they are not held again; without it, when the same happens again
 * @returns the same list where there is nothing to resume
 */
export function withoutFloods(
  list: readonly Flood[],
  resumed: Resumption,
  passMs: number | undefined,
  now: number,
): readonly Flood[] {
  const isMeant = (each: Flood) =>
    (resumed.operation === undefined || resumed.operation === each.operation) &&
    (resumed.quotaKey === undefined || resumed.quotaKey === each.quotaKey);
  if (!list.some(isMeant)) return list;
  return list.flatMap((each): Flood[] => {
    if (!isMeant(each)) return [each];
    return passMs === undefined ? [] : [{ ...each, state: 'resumed', since: now, until: now + passMs }];
  });
}

/** Without those that are over; the same list where there are none. */
export function withoutEndedFloods(list: readonly Flood[], now: number): readonly Flood[] {
  return list.every(({ until }) => until > now) ? list : list.filter(({ until }) => until > now);
}

export function reportedFlood({ since, until, ...rest }: Flood, now: number): ReportedFlood {
  return { ...rest, waitMs: Math.max(0, until - now), agoMs: Math.max(0, now - since) };
}

function isSame(a: FloodKey, b: FloodKey): boolean {
  return a.operation === b.operation && a.quotaKey === b.quotaKey;
}
