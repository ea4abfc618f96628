/** A quota that is used up, as the fleet knows it. Times are of the clock of who keeps the list. */
export interface Throttle {
  /** Of `quotaKey`; the empty key is the quota of all calls behind the circuit breaker. */
  readonly key: string;
  readonly since: number;
  /** Calls go on then. */
  readonly until: number;
  /** What the service said, in one line. */
  readonly said?: string;
  /** Calls a second that the service allows. */
  readonly perSecond?: number;
  /** Other calls succeeded meanwhile: only the calls that the service has refused wait. */
  readonly narrowed?: true;
}

/** A throttle as it travels, in reports of workers and in the memo: durations, since clocks differ. */
export interface ReportedThrottle {
  /** Absent: the quota of all calls behind the circuit breaker. */
  readonly key?: string;
  /** Milliseconds. */
  readonly waitMs: number;
  readonly said?: string;
  readonly perSecond?: number;
  readonly narrowed?: true;
}

/** More keys are not kept for the fleet; their calls wait on the worker that knows. */
export const MAX_THROTTLES = 100;
export const MAX_KEY = 200;
/** A wait that ends only a little later is no news. */
const NEWS_MS = 1_000;
const NEWS_SHARE = 0.1;

/**
 * Takes what a worker reports into a list.
 * @returns the same list where it says nothing new
 */
export function withThrottle(
  list: readonly Throttle[],
  { key = '', waitMs, said, perSecond, narrowed }: ReportedThrottle,
  now: number,
): readonly Throttle[] {
  const known = list.find((each) => each.key === key && each.until > now);
  const others = list.filter((each) => each.key !== key);
  if (narrowed) {
    return known === undefined || known.narrowed ? list : [...others, { ...known, narrowed }];
  }
  const until = now + waitMs;
  const slack = known === undefined ? 0 : Math.max(NEWS_MS, (known.until - now) * NEWS_SHARE);
  if (known !== undefined && !known.narrowed && until <= known.until + slack) return list;
  if (known === undefined && others.length >= MAX_THROTTLES) return list;
  const since = known === undefined || known.narrowed ? now : known.since;
  return [
    ...others,
    {
      ...{ key, since, until: Math.max(until, known?.until ?? 0) },
      ...(said === undefined ? {} : { said }),
      ...(perSecond === undefined ? {} : { perSecond }),
    },
  ];
}

/** Without those that are over; the same list where there are none. */
export function withoutEnded(list: readonly Throttle[], now: number): readonly Throttle[] {
  return list.every(({ until }) => until > now) ? list : list.filter(({ until }) => until > now);
}

/** When the first of them is over; undefined without any. */
export function firstEnd(list: readonly Throttle[]): number | undefined {
  return list.length === 0 ? undefined : Math.min(...list.map(({ until }) => until));
}

/** The quota of all calls behind the circuit breaker, where it is used up. */
export function throttleOfAll(list: readonly Throttle[]): Throttle | undefined {
  return list.find(({ key, narrowed }) => key === '' && !narrowed);
}

export function reportedThrottle(
  { key, until, said, perSecond, narrowed }: Throttle,
  now: number,
): ReportedThrottle {
  return {
    ...(key === '' ? {} : { key }),
    waitMs: Math.max(0, until - now),
    ...(said === undefined ? {} : { said }),
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(narrowed ? { narrowed } : {}),
  };
}
